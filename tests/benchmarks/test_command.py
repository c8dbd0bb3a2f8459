"""``python -m benchmarks`` as a user meets it."""

import csv
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.statistics import bootstrap

ROOT = Path(__file__).parents[2]
REPORT = {"report.json", "report.md", "answers.csv"}


def run(*words):
    arguments = [sys.executable, "-W", "error", "-m", "benchmarks", *map(str, words)]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "reports" / "one"


def main(bundle, data, out, queries=2):
    return command.main([str(bundle), "--data", str(data), "--out", str(out), "--queries", str(queries)])


def test_two_bundles_side_by_side(make_bundle, data, out, rows):
    bundles = make_bundle(), make_bundle("other", name="mobilenetv2")
    result = run(*bundles, "--data", data, "--out", out, "--queries", 4)
    assert result.returncode == 0, result.stderr
    assert {path.name for path in out.iterdir()} == REPORT

    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["protocol"] == "grouped"
    assert report["queries"] == 4
    assert report["command"].startswith("python -m benchmarks /")
    assert report["data"]["folder"] == "data"
    assert report["data"]["images"] == len(rows)
    assert report["data"]["groups"] == len({row["group"] for row in rows})
    assert [(file["bundle"], file["format"], file["precision"]) for file in report["files"]] == [
        (bundle, *kind)
        for bundle in ("toy@128", "mobilenetv2@128")
        for kind in (("tflite", "float32"), ("tflite", "int8"), ("onnx", "float32"))
    ]
    assert {file["runtime"] for file in report["files"]} & {"LiteRT", "tflite-runtime"}
    for file in report["files"]:
        assert file["ratio"] is None
        assert file["bytes"] == (bundles[0] / file["path"]).stat().st_size

    markdown = (out / "report.md").read_text(encoding="utf-8")
    table = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(report["files"])
    assert len({line.count("|") for line in table}) == 1
    assert report["data"]["sha256"] in markdown
    for name in ("toy@128", "mobilenetv2@128", "tflite int8", "onnx float32"):
        assert name in markdown
        assert name in result.stdout
    assert all(len(line) <= 190 for line in result.stdout.splitlines() if str(out) not in line)


def test_the_tables_figures_follow_from_the_single_answers(make_bundle, data, out, rows):
    assert main(make_bundle(), data, out) == 0
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    with (out / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == len(rows) * len(report["files"])
    for file in report["files"]:
        own = [row for row in answers if (row["bundle"], row["file"]) == (file["bundle"], file["path"])]
        right = [float(row["predicted"] == row["label"]) for row in own]
        assert asdict(bootstrap(right, [row["group"] for row in own])) == file["accuracy"]["accuracy"]
        assert sum(row["predicted"] != row["keras"] for row in own) == file["accuracy"]["flipped"]
        for row in own:
            probabilities = {name[2:]: float(value) for name, value in row.items() if name.startswith("p_")}
            assert max(probabilities, key=probabilities.__getitem__) == row["predicted"]
            assert sum(probabilities.values()) == pytest.approx(1)


def test_a_second_run_gives_the_same_answers_in_the_same_place(make_bundle, data, out):
    bundle = make_bundle()
    assert main(bundle, data, out) == 0
    first = (out / "answers.csv").read_bytes()
    assert main(bundle, data, out) == 0
    assert (out / "answers.csv").read_bytes() == first
    assert {path.name for path in out.iterdir()} == REPORT


def test_brackets_in_a_name_are_no_markup(make_bundle, data, out, capsys):
    assert main(make_bundle(name="[red]net"), data, out) == 0
    assert "[red]net@128" in capsys.readouterr().out


def spoil_picture(bundle, data):
    next(data.rglob("*.jpg")).write_bytes(b"changed")


def drop_pictures(bundle, data):
    for path in data.rglob("*.jpg"):
        path.unlink()


def drop_reference(bundle, data):
    (bundle / "reference.csv").unlink()


def drop_bundle(bundle, data):
    (bundle / "bundle.json").unlink()


@pytest.mark.parametrize("spoil", [spoil_picture, drop_pictures, drop_reference, drop_bundle])
def test_bad_input_gives_one_sentence_and_writes_nothing(make_bundle, data, out, capsys, spoil):
    bundle = make_bundle()
    spoil(bundle, data)
    assert main(bundle, data, out) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(".")
    assert not out.exists()


def test_an_error_reaches_the_shell_without_a_traceback(make_bundle, data, out):
    bundle = make_bundle()
    drop_reference(bundle, data)
    result = run(bundle, "--data", data, "--out", out)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [f"{bundle / 'reference.csv'}: is missing; convert the run again."]


@pytest.mark.parametrize("below", [".", "deeper"])
def test_an_out_folder_that_cannot_be_written(make_bundle, data, tmp_path, capsys, below):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert main(make_bundle(), data, tmp_path / "file" / below) == 2
    assert "file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_an_interrupted_run_leaves_the_last_report_as_it_was(make_bundle, data, out, capsys, monkeypatch):
    bundle = make_bundle()
    assert main(bundle, data, out) == 0
    before = {path: path.read_bytes() for path in out.iterdir()}

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.report._write_answers", interrupt)
    assert main(bundle, data, out) == 130
    assert "Stopped" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("words", [[], ["bundle"], ["bundle", "--data", ".", "--queries", "0"]])
def test_a_wrong_call_is_explained(words, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(words)
    assert stop.value.code == 2
    assert "usage: python -m benchmarks" in capsys.readouterr().err
