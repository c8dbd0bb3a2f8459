"""ONNX files of every precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from convert.export.graph import LogitCorrection, serving
from convert.export.onnx import OPSET, to_onnx
from edge_app.runtime import ONNXRuntime
from tests.convert.export.nets import REJECTION, SLICES, SPEC, small_net

TOLERANCES = {"float32": 1e-5, "float16": 5e-3, "int8": 5e-2}


@pytest.fixture(scope="module")
def serve() -> Any:
    return serving(small_net(), SPEC, LogitCorrection(1.5), REJECTION)


@pytest.fixture(scope="module")
def files(serve: Any) -> dict[str, bytes]:
    return {precision: to_onnx(serve, precision, SLICES) for precision in TOLERANCES}


@pytest.mark.parametrize("precision", TOLERANCES)
def test_a_file_answers_as_its_graph(
    serve: Any, files: dict[str, bytes], precision: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(files[precision])
    runtime = ONNXRuntime(path, threads=1)
    assert (runtime.shape, runtime.dtype) == ((1, 16, 16, 1), np.float32)
    for pixels in SLICES:
        found, wanted = runtime.run(pixels[None]), serve(pixels[None].astype(np.float32))
        assert set(found) == {"probabilities", "heatmap", "in_distribution"}
        for name, value in found.items():
            assert value.dtype == np.float32
            assert value == pytest.approx(np.asarray(wanted[name]), abs=TOLERANCES[precision]), name


def test_a_browser_knows_the_operators(files: dict[str, bytes]) -> None:
    for precision, data in files.items():
        model = onnx.load_from_string(data)
        if precision != "float16":  # whose converter leaves its casts at the end of the graph
            onnx.checker.check_model(model)
        assert {each.version for each in model.opset_import if each.domain == ""} == {OPSET}


def test_float16_halves_the_weights(files: dict[str, bytes]) -> None:
    assert len(files["float16"]) < 0.7 * len(files["float32"])


def test_int8_quantizes_weights_and_activations_but_not_the_answer(files: dict[str, bytes]) -> None:
    graph = onnx.load_from_string(files["int8"]).graph
    made_by = {name: node.op_type for node in graph.node for name in node.output}
    for node in graph.node:
        if node.op_type == "Conv":
            assert {made_by[name] for name in node.input} == {"DequantizeLinear"}
        elif node.op_type in ("Softmax", "Sigmoid"):
            assert made_by[node.input[0]] != "DequantizeLinear", node.op_type
    weights = [each for each in graph.initializer if each.name.endswith("_quantized") and len(each.dims) == 4]
    assert len(weights) == 2 and {each.data_type for each in weights} == {TensorProto.INT8}
    # Per channel: each filter has a scale of its own.
    scales = {each.name: list(each.dims) for each in graph.initializer if each.name.endswith("_scale")}
    assert [32] in scales.values() and [64] in scales.values()


def test_int8_averages_nothing(files: dict[str, bytes]) -> None:
    """The rejection's means are sums in float, as in TFLite, where ARM rounds a mean otherwise."""
    graph = onnx.load_from_string(files["int8"]).graph
    made_by = {name: node.op_type for node in graph.node for name in node.output}
    assert not {"GlobalAveragePool", "AveragePool", "ReduceMean"} & set(made_by.values())
    quantized = {node.input[0] for node in graph.node if node.op_type == "QuantizeLinear"}
    assert "ReduceSum" not in {made_by.get(name) for name in quantized}
