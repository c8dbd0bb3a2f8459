"""``python -m benchmarks`` as a user meets it."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.measure import browser, latency, mlperf, predictions
from benchmarks.report import results

ROOT = Path(__file__).parents[2]
MADE = {"report.json", "report.schema.json", "report.md", "report.html"}
REPORT = {"answers.csv", "accuracy.json", "latency.json", *MADE}


def run(*words):
    arguments = [sys.executable, "-W", "error", "-m", "benchmarks", *map(str, words)]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "reports" / "one"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(latency.Effort, "__init__", lambda self, *_: tiny(self))
    monkeypatch.setattr(mlperf, "installed", lambda: False)
    monkeypatch.setattr(browser, "missing", lambda: "Chromium is not installed.")


def tiny(effort):
    for name, value in (("queries", 8), ("starts", 1), ("threads", (1,))):
        object.__setattr__(effort, name, value)


def main(*words):
    return command.main(list(map(str, words)))


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_two_bundles_side_by_side(make_bundle, data, out, rows, capsys):
    bundles = make_bundle(), make_bundle("other", name="mobilenetv2")
    assert main(*bundles, "--data", data, "--out", out) == 0
    assert names(out) == REPORT
    result = results.read(out / "report.json")
    assert result.accuracy.test_part.images == len(rows)
    assert result.occasions["accuracy"].command.startswith("python -m benchmarks /")
    assert [file.name for file in result.files] == [
        f"{net}@128 toy-{file}"
        for net in ("toy", "mobilenetv2")
        for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    ]
    markdown = (out / "report.md").read_text(encoding="utf-8")
    shown = capsys.readouterr().out
    for name in ("toy@128 toy-int8.tflite", "ONNX Runtime", "Any two files"):
        assert name in markdown and name in shown
    assert result.accuracy.test_part.sha256 in markdown


def test_the_tables_figures_follow_from_the_single_answers(make_bundle, data, out):
    assert main("accuracy", make_bundle(), "--data", data, "--out", out) == 0
    result = results.read(out / "report.json")
    with (out / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    for score in result.accuracy.scores:
        own = [row for row in answers if row["file"] == score.file]
        right = sum(row["predicted"] == row["label"] for row in own)
        assert score.measures["accuracy"].value == right / len(own)
        assert sum(row["predicted"] != row["keras"] for row in own) == score.flipped


def test_a_report_is_made_anew_from_answers_alone(make_bundle, data, out):
    bundle = make_bundle()
    assert main("accuracy", bundle, "--data", data, "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    for name in MADE:
        (out / name).unlink()
    (bundle / "bundle.json").unlink()
    assert main("report", out) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_parts_measured_apart_make_one_report(make_bundle, data, out):
    bundle = make_bundle()
    assert main("latency", bundle, "--out", out) == 0
    assert names(out) == REPORT - {"answers.csv", "accuracy.json"}
    assert results.read(out / "report.json").latency.pictures == "drawn, 512 x 512 JPEG"
    assert main("accuracy", bundle, "--data", data, "--out", out) == 0
    result = results.read(out / "report.json")
    assert result.accuracy and result.latency and len(result.files) == 3


def test_parts_of_different_files_make_none(make_bundle, data, out, capsys):
    bundle = make_bundle()
    assert main("latency", bundle, "--out", out) == 0
    changed = json.loads((out / "latency.json").read_text(encoding="utf-8"))
    changed["occasion"]["files"][0]["sha256"] = "0" * 64
    (out / "latency.json").write_text(json.dumps(changed), encoding="utf-8")
    assert main("accuracy", bundle, "--data", data, "--out", out) == 2
    assert "measured of different files called toy@128" in capsys.readouterr().err


def test_pictures_without_labels_give_latency_alone(make_bundle, data, tmp_path, out, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    next(data.rglob("*.jpg")).rename(folder / "one.jpg")
    assert main(make_bundle(), "--data", folder, "--out", out) == 0
    assert "latency alone" in capsys.readouterr().err
    assert results.read(out / "report.json").accuracy is None


def test_an_interrupted_run_goes_on_where_it_stopped(make_bundle, data, out, capsys, monkeypatch):
    bundle = make_bundle()
    with monkeypatch.context() as patched:
        patched.setattr(latency, "measure", interrupt)
        assert main(bundle, "--data", data, "--out", out) == 130
    assert "Interrupted" in capsys.readouterr().err
    with monkeypatch.context() as patched:
        patched.setattr(predictions, "_ask", interrupt)
        assert main(bundle, "--data", data, "--out", out) == 0
    assert names(out) == REPORT


def interrupt(*arguments):
    raise KeyboardInterrupt


def test_without_a_browser(make_bundle, out, capsys):
    assert main("browser", make_bundle(), "--out", out) == 2
    assert capsys.readouterr().err == "Chromium is not installed.\n"


def test_brackets_in_a_name_are_no_markup(make_bundle, data, out, capsys):
    assert main("accuracy", make_bundle(name="[red]net"), "--data", data, "--out", out) == 0
    assert "[red]net@128" in capsys.readouterr().out


def spoil_picture(bundle, data):
    # One that stays: latency needs none, accuracy finds it changed.
    sorted(data.rglob("Testing/*/*.jpg"))[0].write_bytes(b"changed")


def drop_picture(bundle, data):
    sorted(data.rglob("*.jpg"))[0].unlink()


def drop_pictures(bundle, data):
    for path in data.rglob("*.jpg"):
        path.unlink()


def drop_reference(bundle, data):
    (bundle / "reference.csv").unlink()


def drop_bundle(bundle, data):
    (bundle / "bundle.json").unlink()


@pytest.mark.parametrize("spoil", [spoil_picture, drop_picture, drop_pictures, drop_reference, drop_bundle])
def test_bad_input_gives_one_sentence_and_writes_nothing(make_bundle, data, out, capsys, spoil):
    bundle = make_bundle()
    spoil(bundle, data)
    assert main("accuracy", bundle, "--data", data, "--out", out) == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.endswith(".")
    assert not out.exists()


def test_an_error_reaches_the_shell_without_a_traceback(make_bundle, data, out):
    bundle = make_bundle()
    drop_reference(bundle, data)
    result = run("accuracy", bundle, "--data", data, "--out", out)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [f"{bundle / 'reference.csv'}: is missing; convert the run again."]


@pytest.mark.parametrize("below", [".", "deeper"])
def test_an_out_folder_that_cannot_be_written(make_bundle, data, tmp_path, capsys, below):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert main("accuracy", make_bundle(), "--data", data, "--out", tmp_path / "file" / below) == 2
    assert "file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_a_folder_without_results(tmp_path, capsys):
    assert main("report", tmp_path) == 2
    assert "holds no results" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["accuracy", "bundle"], ["--queries", "0"], ["report"], ["compare", "a"]])
def test_a_wrong_call_is_explained(words, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(words)
    assert stop.value.code == 2
    assert "usage: python -m benchmarks" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["accuracy"], ["latency"], ["mlperf"], ["browser"], ["report"], ["compare"]]
)
def test_every_command_explains_itself(words, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main([*words, "--help"])
    assert stop.value.code == 0
    assert re.search(r"usage: python -m benchmarks", capsys.readouterr().out)


def test_a_bundle_is_timed_without_tensorflow(toy_bundle, tmp_path):
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'keras', 'sklearn', 'onnx', 'matplotlib'): sys.modules[name] = None\n"
        "from benchmarks import __main__\n"
        f"words = ['latency', {str(toy_bundle)!r}, '--quick', '--out', {str(tmp_path)!r}]\n"
        "assert __main__.main(words) == 0\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "report.md").is_file() and not (tmp_path / "report.html").exists()
