from __future__ import annotations

from pathlib import Path

import keras
import pytest
from keras import layers

from benchmarks.__main__ import main
from benchmarks.baselines import random_weights
from benchmarks.baselines.random_weights import NETS, make
from benchmarks.measure import models
from edge_app.classifier import Classifier
from tests.phantoms import phantom


def tiny(pixels: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Conv2D(4, 3, 2, activation="relu")(pixels)


def test_a_rival_is_converted_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "rival"
    make("tiny", 32, tiny, folder)
    (model,) = models.load([folder])
    assert model.net == "tiny@32" and not model.trained
    assert model.file.precision == "int8" and model.is_default
    assert model.provenance.data is None and model.provenance.metrics is None
    prediction = Classifier.load(folder).predict(phantom("glioma", seed=1))
    assert len(prediction.probabilities) == 4
    assert (prediction.verdict, prediction.reasons[0]) == ("unsure", "uncalibrated")


def test_rivals_are_told_apart() -> None:
    assert len({f"{name}-{size}" for name, size in NETS}) == len(NETS)


def test_the_command_makes_a_folder_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_weights, "NETS", {("tiny", 32): tiny, ("tiny", 48): tiny})
    assert main(["baselines", "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"tiny-32", "tiny-48"}
    assert {model.net for model in models.load((tmp_path / "out").iterdir())} == {"tiny@32", "tiny@48"}


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["baselines", "--out", str(tmp_path / "file")]) == 2
    assert "file" in capsys.readouterr().err
