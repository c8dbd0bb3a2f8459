from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import edge_app
from edge_app import Classifier
from edge_app.answer import answer_of, document, plain, study_document
from edge_app.languages import LANGUAGES, sentence
from tests.edge_app.commands.running import OTAK, otak
from tests.phantoms import LABELS


def test_predict(toy_bundle: Path, glioma: Path) -> None:
    run = otak("predict", glioma, glioma, "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(re.findall(rf"^{re.escape(str(glioma))}\n  Glioma, >?\d+%\n", run.stdout, re.MULTILINE)) == 2
    for name in ("Glioma", "Meningioma", "None of the three tumours seen", "Pituitary tumour"):
        assert len(re.findall(rf"^  {name} +[#.]{{24}} +[<>]?\d+%$", run.stdout, re.MULTILINE)) == 2
    assert re.search(r"<?\d+ ms with toy-int8\.tflite on \S+", run.stdout)
    assert run.stdout.splitlines()[-1].endswith("It is not a medical device.")


def test_predict_in_indonesian(toy_bundle: Path, glioma: Path) -> None:
    run = otak("predict", glioma, "absent.jpg", "--bundle", toy_bundle, language="id")
    assert re.search(r"^  Glioma, >?\d+%$", run.stdout, re.MULTILINE)
    assert "  Tidak tampak satu pun dari ketiga jenis tumor  " in run.stdout
    assert "  Tumor hipofisis (pituitari)  " in run.stdout
    assert run.stdout.splitlines()[-1].endswith("bukan alat kesehatan.")
    assert run.stderr == "otak: absent.jpg: berkas tidak ditemukan; periksa namanya.\n"


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_json(toy_bundle: Path, glioma: Path, precision: str) -> None:
    run = otak("predict", "--json", glioma, "--bundle", toy_bundle, "--precision", precision)
    assert (run.returncode, run.stderr) == (0, "")
    answer = json.loads(run.stdout)
    jsonschema.validate(answer, json.loads(document()))
    classifier = Classifier.load(toy_bundle, precision)
    expected = json.loads(json.dumps(plain(answer_of(str(glioma), classifier.predict(glioma), classifier))))
    assert answer | {"milliseconds": {}} == expected | {"milliseconds": {}}
    assert (answer["name"], answer["verdict"], answer["label"]) == (str(glioma), "answer", "glioma")
    assert list(answer["probabilities"]) == list(LABELS)
    assert answer["model"]["file"] == f"toy-{precision}.tflite"


def test_explain_is_for_people(toy_bundle: Path, glioma: Path) -> None:
    run = otak("predict", "--explain", glioma, "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (0, "")
    classifier = Classifier.load(toy_bundle)
    probability = classifier.predict(glioma).probabilities["glioma"]
    for line in (
        rf"  probabilities +glioma {probability:.6f}, ",
        r"  in distribution +brain MRI 0\.",
        r"  quality +colour 0, side ",
        r"  thresholds +unsure 0\.500000, no_tumour 0\.500000, refused 0\.200000, colour 12, gutter 32, ",
        rf"  model .*{classifier.file.sha256}$",
    ):
        assert re.search(f"^{line}", run.stdout, re.MULTILINE), line
    both = otak("predict", "--explain", "--json", glioma, "--bundle", toy_bundle)
    assert json.loads(both.stdout)["label"] == "glioma"


def test_a_study(study_bundle: Path, write_study: Callable[[str], Path]) -> None:
    folder = write_study("ngnngn")
    run = otak("predict", "--study", folder, "--bundle", study_bundle)
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert lines[0] == "Suspicious: 2 of 6 slices stand out"
    assert lines[1].startswith("  Slices: 6. Answered: ")
    slices = [line for line in lines if str(folder) in line]
    assert len(slices) == 6
    assert {re.sub(r".*/(\d+)\.png.*", r"\1", line) for line in slices[:2]} == {"01", "04"}
    assert re.match(r" {2,}>?\d+%  .*/0[14]\.png  Glioma$", slices[0])
    # Some of its slices show none of the three.
    assert "does not look for bleeding" in run.stdout
    assert lines[-1].endswith("It is not a medical device.")


def test_a_study_that_is_not_suspicious(study_bundle: Path, write_study: Callable[[str], Path]) -> None:
    run = otak("predict", "--study", write_study("nnnnnn"), "--bundle", study_bundle)
    assert run.stdout.startswith("No slice stands out among the 6 that were judged\n")
    assert "Otak does not look for bleeding" in run.stdout and "doesn't rule a tumour out" in run.stdout
    # One is too few for the rule, and yet it must be seen.
    run = otak("predict", "--study", write_study("nngnnn"), "--bundle", study_bundle)
    assert run.stdout.startswith("Not suspicious as a whole, but 1 of 6 slices must be looked at\n")
    assert "No slice stands out" not in run.stdout
    # And by itself enough.
    run = otak("predict", "--study", write_study("g"), "--bundle", study_bundle, language="id")
    assert run.stdout.startswith("Mencurigakan: 1 dari 1 irisan menonjol\n")


def test_without_calibration_a_study_is_not_judged(
    toy_bundle: Path, write_study: Callable[[str], Path]
) -> None:
    run = otak("predict", "--study", write_study("gg"), "--bundle", toy_bundle)
    assert run.returncode == 0
    assert run.stdout.startswith("Nothing can be said of the examination as a whole")


def test_a_long_study_is_shown_in_part(study_bundle: Path, write_study: Callable[[str], Path]) -> None:
    folder = write_study("n" * 13)
    for words, shown in (([], 10), (["--explain"], 13)):
        run = otak("predict", "--study", folder, *words, "--bundle", study_bundle)
        assert run.stdout.count(f"{folder}/") == shown
        assert ("More slices, less suspicious: 3." in run.stdout) == (shown == 10)
        assert ("rank 2, threshold 0.900000, score 0." in run.stdout) == (shown == 13)


def test_a_study_outlives_its_bad_files(
    study_bundle: Path, write_study: Callable[[str], Path], bad_files: list[Path]
) -> None:
    folder = write_study("gn")
    *files, _, absent = bad_files
    words: list[str | Path] = ["--study", *files, absent, folder, "--bundle", study_bundle]
    run = otak("predict", *words)
    assert run.returncode == 1
    assert [line.split(": ")[1] for line in run.stderr.splitlines()] == list(map(str, [*files, absent]))
    assert "Not judged: 4." in run.stdout and "Suspicious: 1 of 2" in run.stdout
    run = otak("predict", "--json", *words)
    assert (run.returncode, run.stderr) == (1, "")
    study = json.loads(run.stdout)
    jsonschema.validate(study, json.loads(study_document()))
    assert study["suspicious"] is True and study["rule"] == {"rank": 2, "threshold": 0.9}
    assert study["counts"] == {
        "slices": 6,
        "answer": 2,
        "unsure": 0,
        "refused": 0,
        "unreadable": 4,
        "suspicious": 1,
    }
    codes = [each["error"] and each["error"]["code"] for each in study["slices"]]
    assert codes == [None, None, "damaged", "no_image", "empty", "missing"]


def test_nothing_of_a_study_can_be_judged(study_bundle: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    run = otak("predict", "--study", empty, "--bundle", study_bundle)
    assert run.returncode == 1
    assert run.stdout.startswith("Nothing can be said of the examination: ")
    assert run.stderr.startswith(f"otak: {empty}: there are no pictures in it")


def test_a_zip_of_more_slices_than_a_study_has(study_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(10_000):
            archive.writestr(f"{i}.png", b"x")
    run = otak("predict", "--study", path, "--bundle", study_bundle)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "otak: These are more than 2000 slices; read one examination at a time.\n"
    run = otak("predict", "--study", "--json", path, "--bundle", study_bundle)
    assert (run.returncode, run.stderr) == (1, "")
    assert json.loads(run.stdout)["error"]["code"] == "too_many_slices"


@pytest.fixture
def bad_files(glioma: Path, tmp_path: Path) -> list[Path]:
    contents = {"cut.jpg": glioma.read_bytes()[:900], "text.jpg": b"a letter\n", "empty.png": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty folder").mkdir()
    return [*(tmp_path / name for name in contents), tmp_path / "empty folder", tmp_path / "absent.jpg"]


def test_a_batch_outlives_its_bad_files(toy_bundle: Path, glioma: Path, bad_files: list[Path]) -> None:
    run = otak("predict", *bad_files, glioma, "--bundle", toy_bundle)
    assert run.returncode == 1
    assert re.search(r"^  Glioma, >?\d+%$", run.stdout, re.MULTILINE)
    complaints = run.stderr.splitlines()
    assert len(complaints) == len(bad_files)
    for path, complaint in zip(bad_files, complaints, strict=True):
        assert complaint.startswith(f"otak: {path}: ")
        assert complaint.endswith(".")


def test_a_batch_outlives_its_bad_files_in_json(
    toy_bundle: Path, glioma: Path, bad_files: list[Path]
) -> None:
    run = otak("predict", "--json", *bad_files, glioma, "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (1, "")
    *errors, answer = map(json.loads, run.stdout.splitlines())
    assert answer["label"] == "glioma"
    assert [error["name"] for error in errors] == list(map(str, bad_files))
    codes = [error["error"]["code"] for error in errors]
    assert codes == ["damaged", "no_image", "empty", "no_slices", "missing"]
    assert all(set(error) == {"name", "error"} and error["error"]["message"] for error in errors)


def test_a_name_that_plays_tricks(toy_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "\x1b[2Jslice\n.jpg"
    run = otak("predict", path, "--bundle", toy_bundle)
    assert run.returncode == 1
    assert "\x1b" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text(toy_bundle: Path, glioma: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.jpg"
    shutil.copy(os.fsencode(glioma), path)
    for options in ([], ["--json"]):
        command = [
            *map(os.fsencode, OTAK),
            b"predict",
            path,
            b"--bundle",
            os.fsencode(toy_bundle),
            *map(str.encode, options),
        ]
        run = subprocess.run(command, capture_output=True, timeout=120)
        assert (run.returncode, run.stderr) == (0, b"")
        assert b"glioma" in run.stdout.lower()


@pytest.mark.parametrize("command", [["predict", "a.jpg"], ["serve"]])
def test_a_bad_bundle(command: list[str], toy_bundle: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(toy_bundle, tmp_path / "broken")
    (broken / "toy-int8.tflite").write_bytes(b"changed")
    for folder, culprit in ((broken, "toy-int8.tflite"), (tmp_path, "bundle.json")):
        run = otak(*command, "--bundle", folder)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith("otak: ")
        assert culprit in run.stderr
        assert len(run.stderr.splitlines()) == 1


def test_a_precision_that_the_bundle_lacks(toy_bundle: Path, glioma: Path) -> None:
    run = otak("predict", glioma, "--bundle", toy_bundle, "--precision", "float16")
    assert run.returncode == 2
    assert "has no tflite file of precision float16" in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["predict"],
        ["predict", "a.jpg", "--precision", "int4"],
        ["serve", "--port", "x"],
        ["serve", "--port", "70000"],
    ],
)
def test_wrong_arguments(arguments: list[str]) -> None:
    run = otak(*arguments)
    assert run.returncode == 2
    assert "usage: otak" in run.stderr
    assert "Traceback" not in run.stderr


def test_version() -> None:
    assert otak("--version").stdout == f"otak {edge_app.__version__}\n"


def test_nobody_reads_the_output(toy_bundle: Path, glioma: Path) -> None:
    command = [*OTAK, "predict", "--json", "--bundle", str(toy_bundle), *[str(glioma)] * 200]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(("language", "told"), [("en", "the output: can't"), ("id", "keluaran: tidak")])
def test_there_is_no_room_for_the_output(toy_bundle: Path, glioma: Path, language: str, told: str) -> None:
    for options in ([], ["--csv"], ["--study", "--json"]):
        command = [*OTAK, "predict", *options, "--bundle", str(toy_bundle), str(glioma)]
        with Path("/dev/full").open("wb") as full:
            environment = {**os.environ, "LC_ALL": f"{language}_XX.UTF-8"}
            run = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=120
            )
        assert run.returncode == 1
        assert run.stderr.startswith(f"otak: {told}") and run.stderr.count("\n") == 1


def test_there_is_no_room_for_complaints(toy_bundle: Path, glioma: Path) -> None:
    command = [*OTAK, "predict", "--bundle", str(toy_bundle), "absent.png", str(glioma)]
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True, timeout=120)
    assert (run.returncode, "Glioma" in run.stdout) == (1, True)


@pytest.mark.parametrize("closed", ["<&- >&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(toy_bundle: Path, glioma: Path, tmp_path: Path, closed: str) -> None:
    words = [*OTAK, "predict", str(glioma), "--bundle", str(toy_bundle), "--heatmap", str(tmp_path / "maps")]
    run = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *words], capture_output=True, text=True, timeout=120
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert len(list((tmp_path / "maps").iterdir())) == 1


def test_a_port_in_use(toy_bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = otak("serve", "--bundle", toy_bundle, "--port", port)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"otak: can't listen on 127.0.0.1 port {port}: another program has it, ")
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.4.1", "fd00::2", "otak.local", "no such host"])  # noqa: S104
def test_other_devices_are_served_with_a_pin_alone(language: str, host: str) -> None:
    run = otak("serve", "--host", host, language=language)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"otak: {sentence(language, 'lan.needs_lan', host=host)}\n"


def test_no_address_of_the_internet_is_served() -> None:
    run = otak("serve", "--lan", "--host", "203.0.113.5")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"otak: {sentence('en', 'lan.private', host='203.0.113.5')}\n"


def test_page_writes_one_file(tmp_path: Path) -> None:
    done = otak("page", "--out", str(tmp_path / "otak.html"))
    assert done.returncode == 0, done.stderr
    assert "MB" in done.stdout
    assert (tmp_path / "otak.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_page_says_where_it_can_t_write(tmp_path: Path) -> None:
    done = otak("page", "--out", str(tmp_path / "nowhere" / "otak.html"))
    assert done.returncode == 1
    assert "--out" in done.stderr


def test_a_page_that_is_cut_short_is_not_kept(small_disk: Path) -> None:
    done = otak("page", "--out", str(small_disk / "otak.html"))
    assert done.returncode == 1 and "No space left" in done.stderr
    assert list(small_disk.iterdir()) == []
