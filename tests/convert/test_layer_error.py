"""Where an int8 file loses, layer by layer."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.export import graph
from convert.export.graph import LogitCorrection
from convert.export.tflite import to_tflite
from convert.layer_error import SLICES, explain
from edge_app.preprocessing import InputSpec
from evaluation.tables import Table

SPEC = InputSpec(size=16, channels=1)
PICTURES = np.random.default_rng(1).integers(0, 256, (SLICES + 4, 16, 16, 1), np.uint8)


def write(folder: Path, hidden: int) -> None:
    """Writes a net with so many hidden layers, as float32 and as int8."""
    keras.utils.set_random_seed(1)
    inputs = x = keras.Input((16, 16, 1))
    for _ in range(hidden):
        x = keras.layers.Conv2D(4, 3, strides=2, activation="relu")(x)
    outputs = keras.layers.Dense(4, activation="softmax")(keras.layers.GlobalMaxPooling2D()(x))
    graph.save(keras.Model(inputs, outputs), SPEC, LogitCorrection(), None, folder / "saved")
    for precision in ("float32", "int8"):
        data = to_tflite(folder / "saved", precision, PICTURES)
        (folder / f"{hidden}-{precision}.tflite").write_bytes(data)
    shutil.rmtree(folder / "saved")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a net of one hidden layer, and of one of two."""
    folder = tmp_path_factory.mktemp("files")
    for hidden in (1, 2):
        write(folder, hidden)
    return folder


def explained(files: Path, other: str, pixels: NDArray[np.uint8] = PICTURES) -> Table:
    return explain(files / "1-float32.tflite", files / other, pixels)


def cells(table: Table) -> list[list[str]]:
    return [list(column) for column in zip(*table.rows, strict=True)]


def test_an_int8_file_loses_a_little_at_every_layer(files: Path) -> None:
    table = explained(files, "1-int8.tflite")
    kinds, ratios, steps = cells(table)
    assert kinds[0] == "CONV_2D" and "FULLY_CONNECTED" in kinds and "QUANTIZE" not in kinds
    quantized = [float(ratio) for ratio, step in zip(ratios, steps, strict=True) if step != "float"]
    assert len(quantized) > 1 and all(10 < ratio < 100 for ratio in quantized)
    # The convolution counts in steps of its range, the softmax behind it in floats.
    assert float(steps[0]) > 0
    assert steps[kinds.index("SOFTMAX")] == "float"
    assert table.title == f"1-int8.tflite against 1-float32.tflite, {SLICES} slices"


def test_a_file_loses_nothing_against_itself(files: Path) -> None:
    table = explained(files, "1-float32.tflite", PICTURES[:2])
    _, ratios, steps = cells(table)
    assert all(float(ratio) > 100 for ratio in ratios) and set(steps) == {"float"}
    assert table.title.endswith("2 slices")


def test_files_of_two_nets(files: Path) -> None:
    with pytest.raises(ConversionError, match=r"^2-int8\.tflite: has other layers than 1-float32\.tflite\.$"):
        explained(files, "2-int8.tflite")
