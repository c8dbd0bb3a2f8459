"""What would show up if ARM differed."""

from __future__ import annotations

from dataclasses import replace

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as tflite

from tests.arm.answers import Answers, Said
from tests.arm.claims import CLOSE, WITH_MEAN, Bounds, bounds_of, compare

HERE = Answers(
    "LiteRT",
    "x86_64",
    "3.11.2",
    (
        Said("a.png", "1f", "answer", "glioma", (), (0.9, 0.1), 0.99),
        Said("b.png", "2f", "unsure", None, ("low",), (0.5, 0.5), None),
    ),
)


def test_the_same_is_no_difference() -> None:
    found = compare(HERE, replace(HERE, machine="aarch64"))
    assert (found.slices, found.faults(CLOSE)) == (2, [])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"pixels": "3f"}, "a.png: other pixels"),
        ({"verdict": "unsure"}, "a.png: another verdict"),
        ({"label": "meningioma"}, "a.png: another verdict"),
        ({"reasons": ("small",)}, "a.png: another verdict"),
        ({"probabilities": (0.90001, 0.09999)}, "probabilities differ by 1.0e-05"),
        ({"in_distribution": 0.9901}, "in-distribution score differs by 1.0e-04"),
    ],
)
def test_a_difference_is_a_fault(change: dict[str, object], fault: str) -> None:
    first, *others = HERE.said
    other = replace(first, **change)  # type: ignore[arg-type]
    (told,) = compare(HERE, replace(HERE, said=(other, *others))).faults(CLOSE)
    assert fault in told


def test_other_files_can_not_be_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare(HERE, replace(HERE, said=HERE.said[:1]))
    with pytest.raises(ValueError, match="different files"):
        compare(HERE, replace(HERE, said=HERE.said[::-1]))


@pytest.mark.parametrize(
    ("operator", "kind", "bounds"),
    [
        (tflite.BuiltinOperator.MEAN, tflite.TensorType.INT8, WITH_MEAN),
        (tflite.BuiltinOperator.MEAN, tflite.TensorType.FLOAT32, CLOSE),
        (tflite.BuiltinOperator.SUM, tflite.TensorType.INT8, CLOSE),
    ],
)
def test_a_mean_in_int8_widens_the_bounds(operator: int, kind: int, bounds: Bounds) -> None:
    model, graph, code, call, tensor = (
        make()
        for make in (tflite.ModelT, tflite.SubGraphT, tflite.OperatorCodeT, tflite.OperatorT, tflite.TensorT)
    )
    code.builtinCode, call.opcodeIndex, call.inputs, tensor.type = operator, 0, [0], kind
    graph.tensors, graph.operators = [tensor], [call]
    model.subgraphs, model.operatorCodes = [graph], [code]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder))
    assert bounds_of(bytes(builder.Output())) == bounds
