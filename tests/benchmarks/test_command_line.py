"""``python -m benchmarks`` as a user meets it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks.measure import browser, latency, mlperf, predictions, robustness
from benchmarks.measure.resume import SCHEMA
from benchmarks.report import results
from benchmarks.report.results import Report
from edge_app import records
from edge_app.bundle import Thresholds
from evaluation.predictions import SlicePrediction
from tests.benchmarks.conftest import MakeBundle
from tests.conftest import ROOT

MADE = {"report.json", "report.md", "report.html"}
REPORT = {"predictions.csv", "predictions.json", "latency.json", *MADE}
COMMANDS = (
    *("all", "accuracy", "robustness", "latency", "mlperf", "browser", "report", "compare", "docs"),
    *("baselines", "calibration-set", "load", "results"),
)


def run(*words: Any) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-W", "error", "-m", "benchmarks", *map(str, words)]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def main(*words: Any) -> int:
    return command.main(list(map(str, words)))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def report_of(folder: Path) -> Report:
    return records.read(folder / "report.json", Report, SCHEMA)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "new"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(latency.Settings):
        def __init__(self, *_: object) -> None:
            super().__init__(queries=8, starts=1, threads=(1,))

    monkeypatch.setattr(latency, "Settings", Tiny)
    monkeypatch.setattr(mlperf, "installed", lambda: False)
    monkeypatch.setattr(browser, "missing", lambda: "Chromium is not installed.")


@pytest.fixture
def no_sample_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robustness, "missing", lambda: "scikit-image is not installed.")


@pytest.mark.slow
def test_two_bundles_side_by_side(
    no_sample_images: None,
    make_bundle: MakeBundle,
    data: Path,
    out: Path,
    table: list[SlicePrediction],
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundles = make_bundle(), make_bundle("other", name="mobilenetv2")
    assert main("all", *bundles, "--data", data, "--out", out) == 0
    assert names(out) == REPORT
    report = report_of(out)
    assert report.accuracy and report.accuracy.data.slices == len(table)
    assert report.provenance["predictions"].command.startswith("python -m benchmarks all /")
    assert [file.name for file in report.files] == [
        f"{net}@128 toy-{file}"
        for net in ("toy", "mobilenetv2")
        for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    ]
    markdown = (out / "report.md").read_text(encoding="utf-8")
    shown = capsys.readouterr().out
    for name in ("toy@128 toy-int8.tflite", "ONNX Runtime", "Any two files"):
        assert name in markdown and name in shown
    assert report.accuracy.data.sha256 in markdown


def test_the_figures_follow_from_the_table_of_predictions(
    make_bundle: MakeBundle, data: Path, out: Path
) -> None:
    assert main("accuracy", make_bundle(), "--data", data, "--out", out) == 0
    accuracy = report_of(out).accuracy
    assert accuracy and len(accuracy.files) == 3
    rows = results.table(out)
    for file, metrics in accuracy.files.items():
        right = sum(row.right for row in rows[file])
        assert metrics.overall["accuracy"].value == right / len(rows[file])
        assert metrics.against_keras
        assert metrics.against_keras.flipped == sum(row.predicted != row.keras for row in rows[file])


def test_a_report_is_made_anew_from_results_alone(make_bundle: MakeBundle, data: Path, out: Path) -> None:
    bundle = make_bundle()
    assert main("accuracy", bundle, "--data", data, "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    for name in MADE:
        (out / name).unlink()
    (bundle / "bundle.json").unlink()
    assert main("report", out) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_parts_measured_apart_make_one_report(make_bundle: MakeBundle, data: Path, out: Path) -> None:
    bundle = make_bundle()
    assert main("latency", bundle, "--out", out) == 0
    assert names(out) == REPORT - {"predictions.csv", "predictions.json"}
    timed = report_of(out).latency
    assert timed and timed.pictures == "drawn, 512 x 512 JPEG"
    assert main("accuracy", bundle, "--data", data, "--out", out) == 0
    report = report_of(out)
    assert report.accuracy and report.latency and len(report.files) == 3


def test_parts_of_different_files_make_none(
    make_bundle: MakeBundle, data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = make_bundle()
    assert main("latency", bundle, "--out", out) == 0
    changed = json.loads((out / "latency.json").read_text(encoding="utf-8"))
    changed["provenance"]["files"][0]["sha256"] = "0" * 64
    (out / "latency.json").write_text(json.dumps(changed), encoding="utf-8")
    assert main("accuracy", bundle, "--data", data, "--out", out) == 2
    assert "measured of different files called toy@128" in capsys.readouterr().err


def test_pictures_without_labels_give_latency_alone(
    make_bundle: MakeBundle, data: Path, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    next(data.rglob("*.jpg")).rename(folder / "lone.jpg")
    assert main("all", make_bundle(), "--data", folder, "--out", out) == 0
    assert "latency alone" in capsys.readouterr().err
    assert report_of(out).accuracy is None


def test_an_interrupted_run_goes_on_where_it_stopped(
    no_sample_images: None,
    make_bundle: MakeBundle,
    data: Path,
    out: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = make_bundle()
    with monkeypatch.context() as patched:
        patched.setattr(latency, "measure", interrupt)
        assert main("all", bundle, "--data", data, "--out", out) == 130
    assert "Interrupted" in capsys.readouterr().err
    with monkeypatch.context() as patched:
        patched.setattr(predictions, "_predict", interrupt)
        assert main("all", bundle, "--data", data, "--out", out) == 0
    assert names(out) == REPORT


def interrupt(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_robustness_is_a_part_of_the_report(
    make_bundle: MakeBundle, data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = make_bundle(thresholds=Thresholds(unsure=0.5, no_tumour=0.9, refused=0.1))
    assert main("robustness", bundle, "--data", data, "--out", out, "--quick") == 0
    assert names(out) == {"robustness.json", *MADE}
    report = report_of(out)
    assert report.robustness and report.accuracy is None
    assert [file.file for file in report.robustness.files] == ["toy@128 toy-int8.tflite"]
    shown = capsys.readouterr().out
    assert "Corrupted slices" in shown and "Out of distribution" in shown


def test_without_sample_images_there_is_no_robustness(
    no_sample_images: None, make_bundle: MakeBundle, data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("robustness", make_bundle(), "--data", data, "--out", out) == 2
    assert capsys.readouterr().err == "scikit-image is not installed.\n"


@pytest.mark.parametrize("words", [["baselines"], ["calibration-set", "run", "--data", "data"]])
def test_without_the_converter(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr("benchmarks.command_line.util.find_spec", lambda name: None)
    assert main(*words, "--out", out) == 2
    assert capsys.readouterr().err == "TensorFlow is not installed: pip install -e .[convert].\n"


def test_without_a_browser(make_bundle: MakeBundle, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("browser", make_bundle(), "--out", out) == 2
    assert capsys.readouterr().err == "Chromium is not installed.\n"


def test_brackets_in_a_name_are_no_markup(
    make_bundle: MakeBundle, data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("accuracy", make_bundle(name="[red]net"), "--data", data, "--out", out) == 0
    shown = capsys.readouterr()
    assert "[red]net@128" in shown.out and "[red]net@128" in shown.err, "as results and as progress"


def change_picture(bundle: Path, data: Path) -> None:
    # One that stays: latency needs none, accuracy finds it changed.
    min(data.rglob("Testing/*/*.jpg")).write_bytes(b"changed")


def drop_picture(bundle: Path, data: Path) -> None:
    min(data.rglob("*.jpg")).unlink()


def drop_pictures(bundle: Path, data: Path) -> None:
    for path in data.rglob("*.jpg"):
        path.unlink()


def drop_predictions(bundle: Path, data: Path) -> None:
    (bundle / "predictions.csv").unlink()


def drop_provenance(bundle: Path, data: Path) -> None:
    (bundle / "provenance.json").unlink()


def drop_bundle(bundle: Path, data: Path) -> None:
    (bundle / "bundle.json").unlink()


SPOILS = (change_picture, drop_picture, drop_pictures, drop_predictions, drop_provenance, drop_bundle)


@pytest.mark.parametrize("name", ["accuracy", "robustness"])
@pytest.mark.parametrize("spoil", SPOILS)
def test_bad_input_gives_one_sentence_and_writes_nothing(
    make_bundle: MakeBundle,
    data: Path,
    out: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    spoil: Callable[[Path, Path], None],
) -> None:
    bundle = make_bundle()
    spoil(bundle, data)
    assert main(name, bundle, "--data", data, "--out", out) == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.endswith(".")
    assert not out.exists()


@pytest.mark.parametrize("name", ["accuracy", "robustness"])
def test_a_data_folder_that_is_none(
    make_bundle: MakeBundle, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(name, make_bundle(), "--data", tmp_path / "nothing", "--out", out) == 2
    assert "nothing" in capsys.readouterr().err
    assert not out.exists()


def test_an_error_reaches_the_shell_without_a_traceback(
    make_bundle: MakeBundle, data: Path, out: Path
) -> None:
    bundle = make_bundle()
    drop_predictions(bundle, data)
    result = run("accuracy", bundle, "--data", data, "--out", out)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{bundle / 'predictions.csv'}: is missing; convert the run again, or name the full bundle."
    ]


@pytest.mark.parametrize("below", [".", "deeper"])
def test_an_out_folder_that_cannot_be_written(
    make_bundle: MakeBundle, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert main("accuracy", make_bundle(), "--data", data, "--out", tmp_path / "file" / below) == 2
    assert "file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_a_folder_without_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("report", tmp_path) == 2
    assert "holds no results" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["cakes"],
        ["accuracy", "bundle"],
        ["robustness", "bundle"],
        ["all", "--queries", "0"],
        ["report"],
        ["compare", "a"],
        ["docs", "--renew"],
        ["baselines"],
        ["calibration-set", "run"],
    ],
)
def test_a_wrong_call_is_explained(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main(words)
    assert stop.value.code == 2
    assert "usage: python -m benchmarks" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main([*words, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert re.search(r"usage: python -m benchmarks", shown)
    if not words:
        assert all(re.search(rf"^ +{name}\b", shown, re.MULTILINE) for name in COMMANDS)


def test_texts_that_have_drifted_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / "README.md"
    monkeypatch.setattr("benchmarks.report.docs.renew", lambda check: [path])
    assert main("docs", "--check") == 1
    assert capsys.readouterr().out == "README.md: differs from the results; run make docs.\n"
    assert main("docs") == 0
    assert capsys.readouterr().out == "README.md: renewed.\n"


@pytest.mark.slow
def test_a_bundle_is_timed_without_the_workshops_libraries(make_bundle: MakeBundle, tmp_path: Path) -> None:
    missing = ("tensorflow", "keras", "sklearn", "skimage", "onnx", "matplotlib", "playwright")
    words = ["latency", str(make_bundle()), "--quick", "--out", str(tmp_path / "out")]
    code = (
        "import sys\n"
        f"for name in {missing!r}: sys.modules[name] = None\n"
        "from benchmarks import __main__\n"
        f"assert __main__.main({words!r}) == 0\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out" / "report.md").is_file() and not (tmp_path / "out" / "report.html").exists()
