from __future__ import annotations

import csv
import importlib.util
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec
from tests.train.commands import run, start
from tests.train.conftest import write_table
from train.__main__ import main
from train.run import RoleCounts, Run
from train.run_metrics import RunMetrics

QUICK = ("--arch", "paper", "--size", "32", "--epochs", "1")  # without augmentation, which is slow to build


def fit(*arguments: str | Path) -> int:
    return main(["fit", *map(str, arguments)])


def epochs_of(folder: Path) -> list[int]:
    lines = (folder / "history.csv").read_text().splitlines()
    return [int(line.split(",")[0]) for line in lines[1:]]


def roles_of(folder: Path) -> dict[str, str]:
    with (folder / "split.csv").open() as file:
        return {row["path"]: row["role"] for row in csv.DictReader(file)}


@pytest.fixture
def _dtype_policy() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")


def test_a_run_is_complete(finished: Path) -> None:
    found = Run.load(finished)
    assert found.state == "finished" and found.seconds > 0
    assert found.input == InputSpec(32, channels=3, crop="none", contrast="none")
    assert (found.config.arch, found.config.protocol, found.recipe.epochs) == ("paper", "paper", 2)
    assert found.data.slices == RoleCounts(train=51, validation=13, test=13, mixed=0)
    assert found.data.unseen_labels == ()
    assert found.data.groups is None and found.environment.keras == keras.__version__
    for name in ("model.keras", "model.h5"):
        assert keras.models.load_model(finished / name).output_shape == (None, 4)
    roles = list(roles_of(finished).values())
    assert (roles.count("train"), roles.count("test")) == (51, 13)
    assert epochs_of(finished) == [0, 1]
    assert not list(finished.glob("*checkpoint*")) and not list(finished.glob("*unfinished*"))


def test_labels_without_slices_are_told(
    paper_layout: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("glioma_tumor", "no_tumor"):
        shutil.copytree(paper_layout / "Training" / name, tmp_path / "data" / name)
    assert fit(tmp_path / "data", "--protocol", "paper", *QUICK, "--out", tmp_path / "run") == 0
    assert "No slices to learn from: meningioma, pituitary." in caplog.text
    assert Run.load(tmp_path / "run").data.unseen_labels == ("meningioma", "pituitary")


def test_a_finished_run_is_neither_resumed_nor_overwritten(
    finished: Path, paper_layout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(paper_layout, "--out", finished, "--resume") == 2
    assert capsys.readouterr().err == f"{finished}: this run is finished; there is nothing to resume.\n"
    assert fit(paper_layout, "--protocol", "paper", "--out", finished) == 2
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.slow
def test_a_killed_run_is_recognizable_and_goes_on_and_an_interrupted_one_is_usable(
    paper_layout: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = start("fit", paper_layout, "--protocol", "official", "--epochs", "500", "--out", folder)
    deadline = time.monotonic() + 120
    while not (folder / "checkpoint.weights.h5").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.kill()
    process.communicate()
    assert Run.load(folder).state == "training"
    assert not (folder / "model.keras").exists()
    before = len(epochs_of(folder))

    process = start("fit", paper_layout, "--out", folder, "--resume")
    while len(epochs_of(folder)) < before + 2:
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert Run.load(folder).state == "interrupted"
    assert keras.models.load_model(folder / "model.keras").name == "edge"
    epochs = epochs_of(folder)
    assert epochs == list(range(len(epochs)))


@pytest.mark.slow
def test_a_cross_validation_evaluates_every_slice_once_and_keeps_what_is_finished(
    table: list[dict[str, str]], tmp_path: Path
) -> None:
    data, out = write_table(table, tmp_path / "manifest.csv"), tmp_path / "runs"
    assert fit(data, "--cross-validate", *QUICK, "--out", out) == 0
    pooled = RunMetrics.load(out)
    assert pooled.metrics.slices == len(table) and len(pooled.folds) == 5
    assert pooled.metrics.overall["accuracy"].value == pytest.approx(sum(pooled.folds) / 5, abs=0.1)
    for fold in range(5):
        folder = out / f"fold-{fold}"
        assert {row["path"] for row in table if row["fold"] == str(fold)} == {
            path for path, role in roles_of(folder).items() if role == "test"
        }
        config = Run.load(folder).config
        assert (config.fold, config.withheld_fold) == (fold, None)
    before = (out / "fold-3" / "model.keras").stat().st_mtime_ns
    assert fit(data, "--cross-validate", *QUICK, "--out", out) == 0
    assert (out / "fold-3" / "model.keras").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "nowhere: there is no such folder."),
        ((".", "--resume"), "holds no run.json"),
        (("{data}", "--protocol", "grouped"), "needs a manifest.csv"),
        (("{data}", "--protocol", "paper", "--cross-validate"), "has no folds"),
        (("{data}", "--groups", "sartaj"), "does not hold 80 of the 80 images"),
        (("{data}", "--groups", "nowhere.csv"), "nowhere.csv: can't be read"),
    ],
)
def test_bad_input_gives_one_sentence(
    paper_layout: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    given = [argument.format(data=paper_layout) for argument in arguments]
    assert fit(*given, "--out", tmp_path / "run") == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (tmp_path / "run").exists()


def test_a_run_knows_its_groups_file(paper_layout: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    digests = sorted(sha256(path) for path in paper_layout.rglob("*.jpg"))
    rows = [f"{digest},{digest},{i % 5}" for i, digest in enumerate(digests)]
    groups.write_text("\n".join(["sha256,group,fold", *rows, ""]))
    folder = tmp_path / "run"
    assert fit(paper_layout, "--groups", groups, *QUICK, "--out", folder) == 0
    found = Run.load(folder)
    assert found.groups_file == str(groups)
    assert found.data.groups is not None and found.data.groups.name == "groups.csv"
    assert found.config.withheld_fold == 0


@pytest.mark.slow
@pytest.mark.usefixtures("_dtype_policy")
def test_a_net_trained_in_mixed_precision_is_saved_in_float32(paper_layout: Path, tmp_path: Path) -> None:
    arguments = ("--protocol", "official", "--size", "32", "--epochs", "1", "--mixed-precision")
    assert fit(paper_layout, *arguments, "--out", tmp_path / "run") == 0
    net = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert {layer.compute_dtype for layer in net.layers} == {"float32"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                importlib.util.find_spec(name) is None, reason=f"{name} is not installed"
            ),
        )
        for name in ("jax", "torch")
    ],
)
def test_a_net_of_another_backend_loads_under_tensorflow(
    paper_layout: Path, tmp_path: Path, backend: str
) -> None:
    folder = tmp_path / "run"
    arguments = ("--protocol", "official", "--size", "64", "--epochs", "1", "--out", folder)
    elsewhere = {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    done = run("fit", paper_layout, *arguments, **elsewhere)
    assert done.code == 0, done.err
    environment = Run.load(folder).environment
    assert environment.backend.startswith(f"{backend} ") and environment.device.startswith("cpu")
    assert keras.backend.backend() == "tensorflow"
    net = keras.models.load_model(folder / "model.keras")
    probabilities = net.predict(keras.ops.zeros((1, 64, 64, 1)), verbose=0)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
