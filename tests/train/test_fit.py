from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest
from PIL import Image

from edge_app.preprocessing import InputSpec
from tests.conftest import heed_interrupts
from tests.train.conftest import write_table
from train.__main__ import main
from train.data.dataset import DataError
from train.run import RoleCounts, Run

ROOT = Path(__file__).parents[2]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "train", "fit", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT, preexec_fn=heed_interrupts
    )


def run(*arguments: str | Path) -> tuple[int, str, str]:
    process = start(*arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def finished(paper_layout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs under the paper's protocol."""
    folder = tmp_path_factory.mktemp("runs") / "paper"
    arguments = ("--arch", "paper", "--protocol", "paper", "--size", "32", "--epochs", "2")
    code, out, err = run(paper_layout, *arguments, "--out", folder)
    assert code == 0, err
    assert "Accuracy" in out and "Epoch 2/2" in out
    return folder


def test_a_run_is_complete(finished: Path) -> None:
    run = Run.load(finished)
    assert run.state == "finished" and run.seconds > 0
    assert run.input == InputSpec(32, channels=3, crop="none", contrast="none")
    assert run.data.slices == RoleCounts(train=51, validation=13, test=13, mixed=0)
    assert keras.models.load_model(run.model).output_shape == (None, 4)
    assert keras.models.load_model(finished / "model.h5").output_shape == (None, 4)
    metrics = json.loads((finished / "metrics.json").read_text())
    assert sum(row["support"] for row in metrics["classes"].values()) == 13
    assert [(part["name"], part["slices"]) for part in metrics["parts"]] == [("classic", 13)]
    assert metrics["sequences"][0]["name"] == metrics["planes"][0]["name"] == "unknown"
    assert metrics["training"]["slices"] == 51 and 0 <= metrics["training"]["accuracy"] <= 1
    for name in ("accuracy", "loss", "confusion", "roc", "calibration", "mistakes"):
        with Image.open(finished / "figures" / f"{name}.png") as figure:
            assert figure.width > 500
    with (finished / "split.csv").open() as file:
        roles = [row["role"] for row in csv.DictReader(file)]
    assert (roles.count("train"), roles.count("test")) == (51, 13)
    assert not list(finished.glob("*checkpoint*")) and not list(finished.glob("*unfinished*"))


def test_predictions_are_those_of_the_saved_net(finished: Path) -> None:
    with (finished / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 13
    assert {row["copy"] for row in rows} == {"0"}
    for row in rows:
        assert sum(float(row[key]) for key in row if key.startswith("p_")) == pytest.approx(1, abs=1e-4)


def test_a_finished_run_is_neither_resumed_nor_overwritten(finished: Path, paper_layout: Path) -> None:
    code, _, err = run(paper_layout, "--out", finished, "--resume")
    assert (code, err.strip().splitlines()[-1]) == (
        2,
        f"{finished}: this run is finished; there is nothing to resume.",
    )
    code, _, err = run(paper_layout, "--out", finished)
    assert code == 2 and "is not empty" in err


def test_a_killed_run_is_recognizable_and_goes_on_and_an_interrupted_one_is_usable(
    paper_layout: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = start(paper_layout, "--protocol", "official", "--epochs", "500", "--out", folder)
    wait_for(folder / "checkpoint.weights.h5", process)
    process.kill()
    process.communicate()
    assert Run.load(folder).state == "training"
    assert not (folder / "model.keras").exists()
    before = len((folder / "history.csv").read_text().splitlines())

    process = start(paper_layout, "--out", folder, "--resume")
    while len((folder / "history.csv").read_text().splitlines()) < before + 2:
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert Run.load(folder).state == "interrupted"
    assert keras.models.load_model(folder / "model.keras").name == "edge"
    epochs = [int(line.split(",")[0]) for line in (folder / "history.csv").read_text().splitlines()[1:]]
    assert epochs == list(range(len(epochs)))


def test_a_cross_validation_judges_every_slice_once_and_keeps_what_is_finished(
    table: list[dict[str, str]], tmp_path: Path
) -> None:
    data, out = write_table(table, tmp_path / "manifest.csv"), tmp_path / "runs"
    arguments = ["fit", str(data), "--cross-validate", "--size", "32", "--epochs", "1", "--out", str(out)]
    assert main(arguments) == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["slices"] == len(table) and len(metrics["folds"]) == 5
    assert metrics["accuracy"]["value"] == pytest.approx(sum(metrics["folds"]) / 5, abs=0.1)
    for fold in range(5):
        with (out / f"fold-{fold}" / "split.csv").open() as file:
            roles = {row["path"]: row["role"] for row in csv.DictReader(file)}
        assert {row["path"] for row in table if row["fold"] == str(fold)} == {
            path for path, role in roles.items() if role == "test"
        }
    before = (out / "fold-3" / "model.keras").stat().st_mtime_ns
    assert main(arguments) == 0
    assert (out / "fold-3" / "model.keras").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "nowhere: there is no such folder."),
        ((".", "--resume"), "holds no run.json"),
        (("{data}", "--protocol", "grouped"), "needs a manifest.csv"),
        (("{data}", "--protocol", "paper", "--cross-validate"), "has no folds"),
    ],
)
def test_bad_input_gives_one_sentence(
    paper_layout: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [argument.format(data=paper_layout) for argument in arguments]
    code, _, err = run(*given, "--out", tmp_path / "run")
    assert code == 2
    assert message in err.strip().splitlines()[-1]
    assert "Traceback" not in err
    assert not (tmp_path / "run").exists()


def test_a_broken_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"state": "finished"')
    with pytest.raises(DataError, match=r"run\.json: is broken"):
        Run.load(tmp_path)


def test_a_net_trained_in_mixed_precision_is_saved_in_float32(paper_layout: Path, tmp_path: Path) -> None:
    arguments = ("--protocol", "official", "--size", "32", "--epochs", "1", "--mixed-precision")
    code, _, err = run(paper_layout, *arguments, "--out", tmp_path / "run")
    assert code == 0, err
    net = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert {layer.compute_dtype for layer in net.layers} == {"float32"}


def test_only_a_net_with_a_backbone_is_fine_tuned(paper_layout: Path, tmp_path: Path) -> None:
    code, _, err = run(paper_layout, "--fine-tune", "--out", tmp_path / "run")
    assert code == 2 and "no backbone" in err and "Traceback" not in err
    assert not (tmp_path / "run").exists()
