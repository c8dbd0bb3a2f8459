"""TFLite files of every precision."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.export import graph
from convert.export.graph import LogitCorrection, serving
from convert.export.tflite import to_tflite
from convert.inspect import read_ops
from edge_app.runtime import TFLiteRuntime
from tests.convert.export.nets import REJECTION, SLICES, SPEC, small_net

TOLERANCES = {"float32": 1e-5, "float16": 5e-3, "dynamic_range": 5e-2, "int8": 5e-2}
CORRECTION = LogitCorrection(1.5)


@pytest.fixture(scope="module")
def serve() -> Any:
    return serving(small_net(), SPEC, CORRECTION, REJECTION)


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    graph.save(small_net(), SPEC, CORRECTION, REJECTION, folder)
    return folder


@pytest.fixture(scope="module")
def files(saved_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for precision in TOLERANCES:
        (folder / f"{precision}.tflite").write_bytes(to_tflite(saved_model, precision, SLICES))
    return folder


@pytest.mark.parametrize("precision", TOLERANCES)
def test_a_file_answers_as_its_graph(serve: Any, files: Path, precision: str) -> None:
    runtime = TFLiteRuntime(files / f"{precision}.tflite", threads=1)
    assert runtime.shape == (1, 16, 16, 1)
    assert runtime.dtype is (np.uint8 if precision == "int8" else np.float32)
    for pixels in SLICES:
        found, wanted = runtime.run(pixels[None]), serve(pixels[None].astype(np.float32))
        assert set(found) == {"probabilities", "heatmap", "in_distribution"}
        for name, value in found.items():
            assert value.dtype == np.float32
            assert value == pytest.approx(np.asarray(wanted[name]), abs=TOLERANCES[precision]), name


def test_black_and_white_are_told_apart_after_a_calibration_on_grey(files: Path) -> None:
    """The input's range is 0 to 255, whatever the slices to calibrate on show."""
    (detail,) = TFLiteRuntime(files / "int8.tflite", threads=1)._interpreter.get_input_details()
    assert SLICES.min() >= 40 and SLICES.max() < 200
    assert detail["quantization"] == (1.0, 0)


def test_fewer_bits_make_smaller_files(files: Path) -> None:
    sizes = {precision: (files / f"{precision}.tflite").stat().st_size for precision in TOLERANCES}
    assert sizes["dynamic_range"] < sizes["float16"] < sizes["float32"]
    assert sizes["int8"] < sizes["float16"]


def test_the_rejection_stays_float(files: Path) -> None:
    """A range that was calibrated on brains would cut off what is none, and ARM rounds a mean otherwise."""
    ops = Counter((op.kind, op.dtypes[-1]) for op in read_ops(files / "int8.tflite"))
    assert ops == {
        ("QUANTIZE", "int8"): 1,
        ("CONV_2D", "int8"): 2,
        ("REDUCE_MAX", "int8"): 1,
        ("FULLY_CONNECTED", "int8"): 2,
        ("DEQUANTIZE", "float32"): 4,
        ("SUM", "float32"): 3,
        ("MUL", "float32"): 2,
        ("SUB", "float32"): 3,
        ("LOGISTIC", "float32"): 1,
        ("SOFTMAX", "float32"): 2,
        ("STRIDED_SLICE", "float32"): 1,
    }


def test_the_same_graph_gives_the_same_bytes(saved_model: Path, files: Path) -> None:
    assert to_tflite(saved_model, "int8", SLICES) == (files / "int8.tflite").read_bytes()
