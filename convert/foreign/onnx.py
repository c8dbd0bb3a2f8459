"""An ONNX file from elsewhere, with its scaling and its softmax in the graph."""

from __future__ import annotations

import onnx
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, compose, helper, numpy_helper

from convert.errors import ConversionError
from convert.foreign.contract import (
    PIXELS,
    PROBABILITIES,
    Layout,
    Ports,
    Scale,
    Shape,
    check_scale,
    layout_of,
)

_OWN = "adopted/"  # before every name of the file, so that ours are free
_TYPES = (TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8)


def wrap(name: str, data: bytes, size: int, labels: int, scale: Scale, logits: bool) -> tuple[bytes, int]:
    """Returns a file that takes grey levels and gives probabilities, and how many channels it takes.

    The file takes float32 levels, 0 to 255, the channels last.

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
    model: ModelProto = compose.add_prefix(onnx.load_from_string(data), _OWN)
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [tensor for tensor in graph.input if tensor.name not in constants]
    ports = Ports(*(tuple(map(_shape, tensors)) for tensors in (inputs, graph.output)))
    layout = layout_of(name, ports, size, labels)
    check_scale(name, scale, layout)
    taken, given = inputs[0], graph.output[0]
    types = taken.type.tensor_type.elem_type, given.type.tensor_type.elem_type
    if types[0] not in _TYPES or types[1] != TensorProto.FLOAT:
        raise ConversionError(
            f"{name}: takes other numbers than float32, uint8 and int8, or gives no float32."
        )
    before = _before(taken, layout, scale)
    softmax = helper.make_node("Softmax" if logits else "Identity", [given.name], [PROBABILITIES])
    if logits:
        softmax.attribute.append(helper.make_attribute("axis", 1))
    nodes = [*before, *graph.node, softmax]
    shape = (1, size, size, layout.channels)
    pixels = helper.make_tensor_value_info(PIXELS, TensorProto.FLOAT, shape)
    output = helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, (1, labels))
    others = [tensor for tensor in graph.input if tensor.name in constants]
    for field, values in ((graph.node, nodes), (graph.input, [pixels, *others]), (graph.output, [output])):
        del field[:]
        field.extend(values)
    # Shapes that are known for any batch; an interpreter finds them again.
    del graph.value_info[:]
    graph.initializer.extend(
        [numpy_helper.from_array(scale.factor, "factor"), numpy_helper.from_array(scale.offset, "offset")]
    )
    wrapped: bytes = model.SerializeToString()
    return wrapped, layout.channels


def _shape(tensor: ValueInfoProto) -> Shape:
    # 0 where a side has a name alone, or nothing.
    return tuple(side.dim_value or None for side in tensor.type.tensor_type.shape.dim)


def _before(taken: ValueInfoProto, layout: Layout, scale: Scale) -> list[NodeProto]:
    """Returns the nodes from grey levels to what the file takes."""
    kind = taken.type.tensor_type.elem_type
    nodes = [
        helper.make_node("Mul", [PIXELS, "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["seen"]),
    ]
    if kind != TensorProto.FLOAT:
        # A cast cuts fractions off.
        nodes.append(helper.make_node("Round", ["seen"], ["rounded"]))
    nodes.append(helper.make_node("Cast", [nodes[-1].output[0]], ["typed"], to=kind))
    order = [0, 3, 1, 2] if layout.channels_first else [0, 1, 2, 3]
    nodes.append(helper.make_node("Transpose", ["typed"], [taken.name], perm=order))
    return nodes
