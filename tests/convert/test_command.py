from __future__ import annotations

import csv
import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from convert import bundling
from convert.__main__ import main
from edge_app import Classifier
from edge_app.bundle import Bundle
from tests.phantoms import phantom


@pytest.fixture(scope="module")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "edge"
    assert main([str(run), "--out", str(folder)]) == 0
    return folder


def convert(run: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs a conversion that must fail, and returns its one sentence."""
    assert main([str(run), "--out", str(out)]) == 2
    assert not out.exists() and not list(out.parent.glob(".unfinished*"))
    (sentence,) = capsys.readouterr().err.strip().splitlines()[-1:]
    return sentence


def test_the_bundle_holds_every_file_proven(bundle: Path) -> None:
    loaded = Bundle.load(bundle)
    assert {(file.format, file.precision) for file in loaded.files} == {
        ("tflite", "float32"),
        ("tflite", "int8"),
        ("onnx", "float32"),
        ("onnx", "int8"),
    }
    for file in loaded.files:
        assert file.metrics["flipped"] <= 1
        assert file.bytes == (bundle / file.path).stat().st_size
    assert loaded.source["protocol"] == "official" and loaded.source["layers"] == 14
    assert not [value for value in json.dumps(loaded.source).split('"') if value.startswith("/")]


def test_one_precision_alone(run: Path, tmp_path: Path) -> None:
    assert main([str(run), "--out", str(tmp_path / "small"), "--precision", "int8"]) == 0
    bundle = Bundle.load(tmp_path / "small")
    assert {file.precision for file in bundle.files} == {"int8"}
    assert bundle.file().path == "edge-int8.tflite"


def test_float_files_answer_like_keras(bundle: Path, phantoms: Path) -> None:
    with (bundle / "reference.csv").open() as file:
        rows = list(csv.DictReader(file))
    for format in ("tflite", "onnx"):
        classifier = Classifier.load(bundle, precision="float32", format=format)
        for row in rows:
            found = classifier.predict(phantoms / row["path"]).probabilities
            assert found == pytest.approx({name: float(row[f"p_{name}"]) for name in found}, abs=1e-4)


def test_int8_takes_pixels_as_they_are(bundle: Path) -> None:
    classifier = Classifier.load(bundle, precision="int8")
    detail = classifier.runtime._runner.get_input_details()["pixels"]
    assert detail["dtype"] is np.uint8
    assert detail["quantization"] == (1.0, 0)


def test_int8_computes_in_int8_alone(bundle: Path) -> None:
    """No tensor between input and output is float."""
    interpreter = Classifier.load(bundle, precision="int8").runtime._interpreter
    outputs = {detail["name"] for detail in interpreter.get_output_details()}
    floats = {
        detail["name"]
        for detail in interpreter.get_tensor_details()
        if detail["dtype"] is np.float32 and detail["shape"].size
    }
    assert floats <= outputs


def test_the_heatmap_lies_over_the_picture(bundle: Path) -> None:
    prediction = Classifier.load(bundle, precision="int8").predict(phantom("glioma", seed=1, size=200))
    assert prediction.heatmap is not None
    assert prediction.heatmap.shape == (200, 200)
    assert prediction.heatmap.min() >= 0 and prediction.heatmap.max() <= 1


def test_the_card_names_its_figures_and_its_limits(bundle: Path) -> None:
    card = (bundle / "card.md").read_text()
    assert "not a medical device" in card
    assert f"{Bundle.load(bundle).source['test']['accuracy']['value']:.1%}" in card


def test_a_bundle_is_not_overwritten(run: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in bundle.iterdir())
    assert main([str(run), "--out", str(bundle)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert sorted(path.name for path in bundle.iterdir()) == before


def test_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no run.json" in convert(tmp_path, tmp_path / "out", capsys)


def test_a_run_without_its_model(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "model.keras").unlink()
    assert "finish the training first" in convert(copy, tmp_path / "out", capsys)


def test_a_truncated_model(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    data = (copy / "model.keras").read_bytes()
    (copy / "model.keras").write_bytes(data[: len(data) // 2])
    assert "model.keras: can't be read" in convert(copy, tmp_path / "out", capsys)


def test_data_that_has_changed(
    run: Path, phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(phantoms, tmp_path / "data")
    next((data / "Training").rglob("*.jpg")).unlink()
    out = tmp_path / "out"
    assert main([str(run), "--out", str(out), "--data", str(data)]) == 2
    assert "is missing or changed" in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_disagrees_fails_the_command(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The converter hands over a file of another net."""
    monkeypatch.setattr(bundling, "load_net", lambda _: other_net())
    assert "disagrees" in convert(run, tmp_path / "out", capsys)


def other_net() -> object:
    import keras

    class Fickle(keras.Model):  # type: ignore[misc]
        """Answers otherwise in ``predict`` than in its graph."""

        def predict(self, pixels: np.ndarray, verbose: int = 0) -> np.ndarray:
            return 1 - super().predict(pixels, verbose=verbose)

    inputs = keras.Input((64, 64, 1), name="pixels")
    pooled = keras.layers.GlobalMaxPooling2D()(keras.layers.Conv2D(8, 3, strides=2)(inputs))
    return Fickle(inputs, keras.layers.Dense(4, activation="softmax")(pooled))


def test_a_full_disk_leaves_no_half_bundle(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert "No space left on device; no bundle was written." in convert(run, tmp_path / "out", capsys)
