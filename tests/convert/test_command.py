from __future__ import annotations

import csv
import errno
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from convert import pipeline
from convert.__main__ import main
from convert.export import metadata
from convert.inspect import read_ops
from convert.licence import UNKNOWN
from edge_app import Classifier
from edge_app.bundle import Bundle, sha256
from tests.phantoms import phantom


@pytest.fixture(scope="module")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "edge"
    # Of a net that has hardly learnt, and of a dozen held-back slices, near ties may flip.
    assert main([str(run), "--out", str(folder), "--allow-loss"]) == 0
    return folder


def convert(run: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs a conversion that must fail, and returns its one sentence."""
    assert main([str(run), "--out", str(out)]) == 2
    assert not out.exists() and not list(out.parent.glob(".unfinished*"))
    (sentence,) = capsys.readouterr().err.strip().splitlines()[-1:]
    return sentence


def test_the_bundle_holds_every_file_proven(bundle: Path) -> None:
    loaded = Bundle.load(bundle)
    assert [(file.format, file.precision) for file in loaded.files] == [
        ("tflite", "float32"),
        ("tflite", "float16"),
        ("tflite", "dynamic_range"),
        ("tflite", "int8"),
        ("onnx", "float32"),
        ("onnx", "float16"),
        ("onnx", "int8"),
    ]
    for file in loaded.files:
        assert file.metrics["flipped"] <= 1
        assert file.metrics["runtime"] == ("LiteRT" if file.format == "tflite" else "ONNX Runtime")
        assert file.bytes == (bundle / file.path).stat().st_size
    assert loaded.default == {"pi": "edge-int8.tflite", "browser": "edge-int8.tflite"}
    assert loaded.source["protocol"] == "official" and loaded.source["layers"] == 14
    assert not [value for value in json.dumps(loaded.source).split('"') if value.startswith("/")]


def test_calibration_is_of_the_training_part_alone(run: Path, bundle: Path) -> None:
    with (run / "split.csv").open() as file:
        roles = {row["sha256"]: row["role"] for row in csv.DictReader(file)}
    assert {roles[digest] for digest in Bundle.load(bundle).source["calibration"]} == {"train"}


def test_one_precision_alone(run: Path, tmp_path: Path) -> None:
    assert main([str(run), "--out", str(tmp_path / "small"), "--precision", "int8", "--allow-loss"]) == 0
    bundle = Bundle.load(tmp_path / "small")
    assert {file.precision for file in bundle.files} == {"int8"}
    assert bundle.file().path == "edge-int8.tflite"


def test_verify_repeats_the_proof(
    bundle: Path, phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle), "--data", str(phantoms)]) in (0, 2)
    output = capsys.readouterr().out
    for file in Bundle.load(bundle).files:
        figures = f"{file.metrics['flipped']} of {file.metrics['slices']} answers flipped"
        assert f"{file.path}: {file.bytes:,} bytes, {figures}" in output
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    (copy / "held_back.npz").unlink()
    assert main(["verify", str(copy), "--data", str(phantoms)]) == 2
    assert "held_back.npz: is missing" in capsys.readouterr().err


def test_verify_finds_a_file_of_another_net(
    bundle: Path, phantoms: Path, toy_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    shutil.copy(toy_bundle / "toy-float32.tflite", copy / "edge-float32.tflite")
    data = json.loads((copy / "bundle.json").read_text())
    data["files"][0]["sha256"] = sha256(copy / "edge-float32.tflite")
    (copy / "bundle.json").write_text(json.dumps(data))
    assert main(["verify", str(copy), "--data", str(phantoms)]) == 2
    assert "takes (1, 128, 128, 1); the bundle says (1, 64, 64, 1)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["edge-int8.tflite", "edge-int8.onnx", "edge-float16.onnx"])
def test_a_file_explains_itself(bundle: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(bundle / name)]) == 0
    output = capsys.readouterr().out
    for words in ("not a medical device", "meningioma", "CONV_2D" if "tfl" in name else "Conv"):
        assert words in output


def test_inspecting_a_bundle(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(bundle)]) == 0
    output = capsys.readouterr().out
    assert all(file.path in output for file in Bundle.load(bundle).files)


@pytest.mark.parametrize("name", ["absent.tflite", "text.onnx", "text.tflite", "text.txt"])
def test_inspecting_what_is_no_model(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name.startswith("text"):
        (tmp_path / name).write_text("no model")
    assert main(["inspect", str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


def test_the_loss_is_explained_by_layer(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(run), "--out", str(tmp_path / "out"), "--explain", "--allow-loss", "--precision", "float32"]
    assert main(words) == 2
    assert "must name both" in capsys.readouterr().err
    assert main([*words, "int8"]) == 0
    output = capsys.readouterr().out
    assert output.count("CONV_2D") == 6 and "REDUCE_MAX" in output


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("float16", 0.01)])
@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_float_files_answer_like_keras(
    bundle: Path, phantoms: Path, precision: str, tolerance: float, format: str
) -> None:
    """At the file's temperature."""
    classifier = Classifier.load(bundle, precision=precision, format=format)
    with (bundle / "reference.csv").open() as file:
        for row in csv.DictReader(file):
            found = classifier.predict(phantoms / row["path"]).probabilities
            softened = [float(row[f"p_{name}"]) ** (1 / classifier.file.temperature) for name in found]
            wanted = [power / sum(softened) for power in softened]
            assert list(found.values()) == pytest.approx(wanted, abs=tolerance)


def test_int8_takes_pixels_as_they_are(bundle: Path) -> None:
    classifier = Classifier.load(bundle, precision="int8")
    detail = classifier.runtime._runner.get_input_details()["pixels"]
    assert detail["dtype"] is np.uint8
    assert detail["quantization"] == (1.0, 0)


def test_int8_computes_in_int8_up_to_the_logits(bundle: Path) -> None:
    ops = read_ops(bundle / "edge-int8.tflite")
    integer = [op for op in ops if op.dtypes[-1] == "int8"]
    assert Counter(op.kind for op in integer) == {
        "QUANTIZE": 1,
        "CONV_2D": 6,
        "FULLY_CONNECTED": 2,
        "REDUCE_MAX": 1,
    }
    floats = [op for op in ops if op.dtypes[-1] == "float32"]
    assert Counter(op.kind for op in floats) == {
        "DEQUANTIZE": 2,
        "SOFTMAX": 2,
        "STRIDED_SLICE": 1,
        "SUB": 1,
    }
    assert len(ops) == len(integer) + len(floats)


def test_normalizations_are_folded(bundle: Path) -> None:
    kinds = {op.kind for op in read_ops(bundle / "edge-float32.tflite")}
    assert kinds == {"CONV_2D", "FULLY_CONNECTED", "REDUCE_MAX", "SOFTMAX", "STRIDED_SLICE", "SUB"}


def test_int8_probabilities_are_finer_than_256ths(bundle: Path) -> None:
    classifier = Classifier.load(bundle, precision="int8")
    pictures = [phantom("glioma", seed) for seed in range(3)]
    values = [p for one in pictures for p in classifier.predict(one).probabilities.values()]
    assert any(abs(256 * value - round(256 * value)) > 0.01 for value in values)


def test_the_heatmap_lies_over_the_picture(bundle: Path) -> None:
    prediction = Classifier.load(bundle, precision="int8").predict(phantom("glioma", seed=1, size=200))
    assert prediction.heatmap is not None
    assert prediction.heatmap.shape == (200, 200)
    assert prediction.heatmap.min() >= 0 and prediction.heatmap.max() <= 1


def test_the_card_names_its_figures_and_its_limits(bundle: Path) -> None:
    card = (bundle / "card.md").read_text()
    assert "not a medical device" in card
    assert f"{Bundle.load(bundle).source['test']['accuracy']['value']:.1%}" in card


def test_weights_from_other_people_s_data_claim_no_licence(bundle: Path) -> None:
    assert Bundle.load(bundle).source["learnt_from"] == []
    card = (bundle / "card.md").read_text()
    assert card.count(UNKNOWN) == 1 and "CC BY" not in card
    assert metadata.of_tflite((bundle / "edge-int8.tflite").read_bytes())["licence"] == UNKNOWN
    assert metadata.of_onnx((bundle / "edge-int8.onnx").read_bytes())["licence"] == UNKNOWN


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
    monkeypatch.setattr(pipeline, "load_net", lambda _: other_net())
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
