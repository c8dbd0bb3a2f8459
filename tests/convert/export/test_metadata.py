"""What a file says of itself, found alone on a disk."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import pytest

from convert.calibrate.rejection import Rejection
from convert.export import graph, metadata
from convert.export.graph import LogitCorrection
from convert.export.metadata import Description
from convert.export.onnx import to_onnx
from convert.export.tflite import to_tflite
from convert.licence import UNKNOWN
from edge_app.preprocessing import InputSpec
from evaluation.labels import LABELS
from train.model import networks

SPEC = InputSpec(size=32, channels=1)
DESCRIPTION = Description(
    name="edge",
    version="2026-01-01",
    precision="float32",
    temperature=1.25,
    labels=LABELS,
    input=SPEC,
    protocol="grouped",
    model_sha256="0" * 64,
    licence=UNKNOWN,
)
PICTURES = np.zeros((1, 32, 32, 1), np.uint8)


@pytest.fixture(scope="module")
def net() -> keras.Model:
    keras.utils.set_random_seed(1)
    return networks.build("edge", SPEC)


def rejection_of(net: keras.Model) -> Rejection:
    channels = next(layer for layer in net.layers if "Global" in type(layer).__name__).input.shape[-1]
    return Rejection(np.zeros(2 * channels, np.float32), 0.5)


@pytest.mark.parametrize("rejects", [False, True])
def test_every_output_of_a_tflite_file_has_its_own_description(net: keras.Model, rejects: bool) -> None:
    rejection = rejection_of(net) if rejects else None
    with TemporaryDirectory() as folder:
        graph.save(net, SPEC, LogitCorrection(), rejection, Path(folder))
        data = metadata.into_tflite(to_tflite(Path(folder), "float32", PICTURES), DESCRIPTION)
    found = metadata.of_tflite(data)
    outputs = {name: text for name, text in found.items() if name.startswith("output ")}
    expected = {
        "output probabilities": "The probability of each label.",
        "output heatmap": "The probability of a tumour of any type at each place of the input.",
    }
    if rejects:
        expected["output in_distribution"] = "How likely the input is a slice of a brain MRI."
    assert outputs == expected
    assert "not a medical device" in found["description"] and "1.2500" in found["description"]
    assert found["labels"] == "glioma, meningioma, no_tumor, pituitary"
    assert (found["version"], found["licence"]) == ("2026-01-01", UNKNOWN)


def test_an_onnx_file_s_properties(net: keras.Model) -> None:
    serve = graph.serving(net, SPEC, LogitCorrection(), None)
    found = metadata.of_onnx(metadata.into_onnx(to_onnx(serve, "float32", PICTURES), DESCRIPTION))
    assert found == DESCRIPTION.properties()
    assert (found["temperature"], found["licence"]) == ("1.250000", UNKNOWN)


def test_a_file_that_says_nothing(toy_bundle: Path) -> None:
    assert metadata.of_tflite((toy_bundle / "toy-int8.tflite").read_bytes()) == {}
