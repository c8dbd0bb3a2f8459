"""What a conversion leaves."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convert.__main__ import main
from convert.inspect import read_ops
from convert.provenance import Provenance
from edge_app import Classifier
from edge_app.bundle import Bundle
from edge_app.runtime import TFLiteRuntime
from evaluation import predictions
from tests.evaluation.rows import row
from tests.phantoms import phantom
from train.run import Run
from train.run_metrics import RunMetrics


def test_the_bundle_holds_every_file_verified(bundle: Path) -> None:
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
    verification = Provenance.load(bundle).verification
    assert list(verification) == [file.path for file in loaded.files]
    for file in loaded.files:
        found = verification[file.path].comparison
        assert found.flipped <= 1
        assert found.runtime == ("LiteRT" if file.format == "tflite" else "ONNX Runtime")
        assert file.bytes == (bundle / file.path).stat().st_size
    assert loaded.default == "edge-int8.tflite"
    # Without photographs nothing is rejected.
    assert loaded.outputs.in_distribution is None
    assert loaded.thresholds is not None and loaded.thresholds.refused == 0


def test_the_provenance_is_the_run_s(run: Path, bundle: Path) -> None:
    provenance, made = Provenance.load(bundle), Run.load(run)
    assert provenance.training == made.config and provenance.data == made.data
    assert provenance.metrics == RunMetrics.load(run).metrics
    assert provenance.model is not None and provenance.model.parameters > 100_000
    assert (provenance.sources, provenance.rejection) == ((), None)
    text = (bundle / "provenance.json").read_text(encoding="utf-8")
    assert not [value for value in text.split('"') if value.startswith("/")]


def test_a_device_is_told_no_more_than_it_needs(bundle: Path) -> None:
    told = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert set(told) == {
        "schema",
        "name",
        "version",
        "labels",
        "input",
        "outputs",
        "files",
        "thresholds",
        "study",
        "default",
    }


@pytest.fixture
def folds(run: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The run as if of fold 0, and one of fold 1 that tests 25 patients with a tumour and 25 without."""
    known = Run.load(run)
    for fold in (0, 1):
        folder = shutil.copytree(run, tmp_path / f"fold {fold}")
        replace(known, folder=folder, config=replace(known.config, protocol="grouped", fold=fold)).save()
    rows = []
    for patient in range(50):
        ill = patient % 2 == 0
        for place in range(6):
            tumour = 0.95 - patient / 1000 if ill and place < 3 else 0.05 + patient / 1000
            label = "glioma" if ill and place < 3 else "no_tumor"
            shares = {"glioma": tumour, "meningioma": 0.0, "no_tumor": 1 - tumour, "pituitary": 0.0}
            made = row(label, label, 6 * patient + place, file="keras", group=f"p{patient}", verdict="")
            rows.append(replace(made, source="wide/one", tumour=tumour, probabilities=shares))
    predictions.write(tmp_path / "fold 1" / "predictions.csv", rows)
    return tmp_path / "fold 0", tmp_path / "fold 1"


def test_out_of_fold_patients_give_a_rule_for_studies(folds: tuple[Path, Path], tmp_path: Path) -> None:
    words = ["--precision", "int8", "--allow-loss", "--out-of-fold", str(folds[1])]
    assert main(["make", str(folds[0]), "--out", str(tmp_path / "edge"), *words]) == 0
    bundle, provenance = Bundle.load(tmp_path / "edge"), Provenance.load(tmp_path / "edge")
    assert bundle.study is not None and bundle.study.rank == 1
    assert 0.1 < bundle.study.threshold < 0.95
    one, everyone = provenance.studies
    assert (one.name, one.studies, everyone.studies) == ("wide/one", 50, 50)
    assert one.found is not None and (one.found.count, one.found.of) == (25, 25)
    assert one.cleared is not None and (one.cleared.count, one.cleared.of) == (25, 25)
    card = (tmp_path / "edge" / "card.md").read_text()
    assert "A study is *suspicious* where its most suspicious slice shows" in card
    assert "[25 of 25]" in card and "<!-- table grouped studies edge@64 -->" in card
    study = Classifier.load(tmp_path / "edge").predict_study([phantom("glioma", seed) for seed in range(3)])
    assert study.suspicious is not None


def test_without_patients_there_is_no_rule_for_studies(bundle: Path) -> None:
    assert Bundle.load(bundle).study is None and Provenance.load(bundle).studies == ()
    card = (bundle / "card.md").read_text()
    assert "Of a whole study nothing is said" in card and "studies edge" not in card


def test_calibration_is_of_the_training_part_alone(run: Path, bundle: Path) -> None:
    with (run / "split.csv").open() as file:
        roles = {row["sha256"]: row["role"] for row in csv.DictReader(file)}
    assert {roles[digest] for digest in Provenance.load(bundle).calibration_set} == {"train"}


def test_one_precision_alone(run: Path, tmp_path: Path) -> None:
    words = ["make", str(run), "--out", str(tmp_path / "small"), "--precision", "int8", "--allow-loss"]
    assert main(words) == 0
    bundle = Bundle.load(tmp_path / "small")
    assert {file.precision for file in bundle.files} == {"int8"}
    assert bundle.file().path == "edge-int8.tflite"


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("float16", 0.01)])
@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_float_files_answer_like_keras(
    bundle: Path, phantoms: Path, precision: str, tolerance: float, format: str
) -> None:
    """At the file's temperature."""
    classifier = Classifier.load(bundle, precision=precision, format=format)
    with (bundle / "predictions.csv").open() as file:
        for row in csv.DictReader(file):
            found = classifier.predict(phantoms / row["path"]).probabilities
            softened = [float(row[f"p_{name}"]) ** (1 / classifier.file.temperature) for name in found]
            wanted = [power / sum(softened) for power in softened]
            assert list(found.values()) == pytest.approx(wanted, abs=tolerance)


def test_int8_takes_pixels_as_they_are(bundle: Path) -> None:
    classifier = Classifier.load(bundle, precision="int8")
    assert isinstance(classifier.runtime, TFLiteRuntime)
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
    values = [p for picture in pictures for p in classifier.predict(picture).probabilities.values()]
    assert any(abs(256 * value - round(256 * value)) > 0.01 for value in values)


def test_the_heatmap_lies_over_the_picture(bundle: Path) -> None:
    heatmap = Classifier.load(bundle, precision="int8").predict(phantom("glioma", seed=1, size=200)).heatmap
    assert heatmap is not None
    assert heatmap.shape == (200, 200)
    assert heatmap.min() >= 0 and heatmap.max() <= 1
