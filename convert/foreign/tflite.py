"""A TFLite file from elsewhere, with its scaling and its softmax in the graph.

Its own ops are left as they are; a few are put before and behind them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from convert.errors import ConversionError
from convert.foreign.contract import PIXELS, PROBABILITIES, Ports, Scale, Shape, check_scale, layout_of

_FLOAT, _QUANTIZED = schema.TensorType.FLOAT32, (schema.TensorType.INT8, schema.TensorType.UINT8)


def wrap(name: str, data: bytes, size: int, labels: int, scale: Scale, logits: bool) -> tuple[bytes, int]:
    """Returns a file that takes grey levels and gives probabilities, and how many channels it takes.

    The file takes float32 levels, 0 to 255; where it took them as uint8 already, uint8.

    Args:
        name: Of the file, for errors.
        data: The file; any that an interpreter has accepted.
        size: Height and width that it takes.
        labels: How many it has.
        scale: What it wants to see of grey levels.
        logits: Whether it gives logits, and a softmax is put behind it.

    Raises:
        ConversionError: It takes or gives something else.
    """
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(data))
    graph = model.subgraphs[0]
    ports = Ports(*(tuple(_shape(graph.tensors[i]) for i in ends) for ends in (graph.inputs, graph.outputs)))
    layout = layout_of(name, ports, size, labels)
    if layout.channels_first:
        raise ConversionError(f"{name}: takes its channels first; of TFLite files only others are adopted.")
    check_scale(name, scale, layout)
    for tensor in graph.tensors:
        tensor.shapeSignature = None
    taken, given = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    taken.shape = np.array([1, size, size, layout.channels], np.int32)
    _check_type(name, taken)
    _check_type(name, given)
    if not _takes_levels(taken, scale):
        _scale(model, scale)
    if given.type != _FLOAT:
        _append(model, "DEQUANTIZE", "Dequantize")
    if logits:
        _append(model, "SOFTMAX", "Softmax", beta=1.0)
    _sign(model)
    # What the file said of itself is true no more.
    model.metadata = None
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model)), layout.channels


def _shape(tensor: Any) -> Shape:
    # Without a signature, the shape is all that is known.
    sides = tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape
    return tuple(None if side < 0 else int(side) for side in (() if sides is None else sides))


def _check_type(name: str, tensor: Any) -> None:
    known = tensor.quantization is not None and tensor.quantization.scale is not None
    if tensor.type != _FLOAT and not (tensor.type in _QUANTIZED and known):
        raise ConversionError(
            f"{name}: takes or gives other numbers than float32 and quantized int8 or uint8."
        )


def _takes_levels(tensor: Any, scale: Scale) -> bool:
    """Tells whether grey levels are what an input wants as they are."""
    if tensor.type == _FLOAT:
        return scale.keeps_levels
    levels = np.arange(256)
    seen = levels[:, None] * scale.factor.astype(np.float64) + scale.offset
    integers = np.rint(seen / tensor.quantization.scale[0]) + tensor.quantization.zeroPoint[0]
    return bool(tensor.type == schema.TensorType.UINT8 and (integers == levels[:, None]).all())


def _scale(model: Any, scale: Scale) -> None:
    graph = model.subgraphs[0]
    (taken,) = graph.inputs
    shape = graph.tensors[taken].shape
    quantizes = graph.tensors[taken].type != _FLOAT
    levels, scaled = _tensor(model, PIXELS, shape), _tensor(model, "scaled", shape)
    seen = _tensor(model, "seen", shape) if quantizes else taken
    factor, offset = (_constant(model, values) for values in (scale.factor, scale.offset))
    before = [
        _op(model, "MUL", "Mul", [levels, factor], scaled),
        _op(model, "ADD", "Add", [scaled, offset], seen),
    ]
    if quantizes:
        before.append(_op(model, "QUANTIZE", "Quantize", [seen], taken))
    graph.operators = [*before, *graph.operators]
    graph.inputs = np.array([levels], np.int32)


def _append(model: Any, kind: str, options: str, **settings: float) -> None:
    """Puts an op of one input behind the only output."""
    graph = model.subgraphs[0]
    (given,) = graph.outputs
    output = _tensor(model, kind.lower(), graph.tensors[given].shape)
    graph.operators = [*graph.operators, _op(model, kind, options, [given], output, **settings)]
    graph.outputs = np.array([output], np.int32)


def _sign(model: Any) -> None:
    """Names the input and the output, as a bundle's files are read by name."""
    graph = model.subgraphs[0]
    signature = schema.SignatureDefT()
    signature.signatureKey = "serving_default"
    signature.inputs, signature.outputs = [], []
    for names, name, index in (
        (signature.inputs, PIXELS, graph.inputs[0]),
        (signature.outputs, PROBABILITIES, graph.outputs[0]),
    ):
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name, int(index)
        names.append(entry)
    model.signatureDefs = [signature]


def _tensor(model: Any, name: str, shape: NDArray[np.int32]) -> int:
    graph, tensor = model.subgraphs[0], schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, shape, _FLOAT
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _constant(model: Any, values: NDArray[np.float32]) -> int:
    index, buffer = _tensor(model, "constant", np.array(values.shape, np.int32)), schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    model.subgraphs[0].tensors[index].buffer = len(model.buffers)
    model.buffers.append(buffer)
    return index


def _op(model: Any, kind: str, options: str, inputs: list[int], output: int, **settings: float) -> Any:
    code, op = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, kind)
    # The first version of DEQUANTIZE knows no int8.
    code.version = 2 if kind == "DEQUANTIZE" else 1
    op.opcodeIndex = len(model.operatorCodes)
    model.operatorCodes.append(code)
    op.inputs, op.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    op.builtinOptionsType = getattr(schema.BuiltinOptions, f"{options}Options")
    op.builtinOptions = getattr(schema, f"{options}OptionsT")()
    for name, value in settings.items():
        setattr(op.builtinOptions, name, value)
    return op
