"""What is inside a file: its ops, their types and sizes, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import onnx
from rich.table import Table

from convert.errors import ConversionError
from convert.export import metadata
from edge_app.bundle import Bundle


@dataclass(frozen=True)
class Op:
    """One step of a file.

    Attributes:
        kind: Its name in the format.
        shape: Of its first output; empty where unknown.
        dtypes: Of its inputs that are computed, its weights, and its first output, as far as known.
        quantization: Scale and zero point of its first output, or empty.
        bytes: Of its constants.
    """

    kind: str
    shape: tuple[int, ...]
    dtypes: tuple[str, ...]
    quantization: str
    bytes: int


def read_ops(path: Path) -> list[Op]:
    """Lists the ops of a TFLite or ONNX file in their order.

    Raises:
        ConversionError: It is no such file.
    """
    if path.suffix not in (".tflite", ".onnx"):
        raise ConversionError(f"{path}: is no .tflite or .onnx file.")
    try:
        return _tflite_ops(path) if path.suffix == ".tflite" else _onnx_ops(path)
    except OSError:
        raise ConversionError(f"{path}: can't be read.") from None
    # Each reader raises kinds of its own on what it does not accept.
    except Exception as error:
        raise ConversionError(f"{path}: can't be understood ({error}).") from error


def tables(path: Path) -> list[Table]:
    """Returns what there is to say of a file or of a bundle, as tables.

    Raises:
        BundleError: The bundle is broken.
        ConversionError: The file can't be understood.
    """
    if path.is_dir():
        bundle = Bundle.load(path)
        return [_bundle_table(bundle)]
    return [_ops_table(path, read_ops(path)), _metadata_table(path)]


def _tflite_ops(path: Path) -> list[Op]:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # Without delegates, which would fold all ops into one.
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_path=str(path), experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    tensors = {detail["index"]: detail for detail in interpreter.get_tensor_details()}
    computed = {index for op in interpreter._get_ops_details() for index in op["outputs"]}
    computed |= {detail["index"] for detail in interpreter.get_input_details()}
    ops = []
    for op in interpreter._get_ops_details():
        inputs = [tensors[index] for index in op["inputs"] if index in tensors]
        constants = [one for one in inputs if one["index"] not in computed]
        output = tensors[op["outputs"][0]]
        scale, zero = output["quantization"]
        ops.append(
            Op(
                kind=op["op_name"],
                shape=tuple(map(int, output["shape"])),
                dtypes=tuple(np.dtype(one["dtype"]).name for one in (*inputs, output)),
                quantization=f"{scale:.6g}, {zero}" if scale else "",
                bytes=sum(prod(one["shape"]) * np.dtype(one["dtype"]).itemsize for one in constants),
            )
        )
    return ops


def _onnx_ops(path: Path) -> list[Op]:
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    known = {one.name: one.type.tensor_type for one in (*graph.input, *graph.value_info, *graph.output)}
    dtypes = {name: array.dtype.name for name, array in constants.items()}
    dtypes |= {
        name: np.dtype(onnx.helper.tensor_dtype_to_np_dtype(one.elem_type)).name
        for name, one in known.items()
    }
    ops = []
    for node in graph.node:
        own = [constants[name] for name in node.input if name in constants]
        quantizes = node.op_type in ("QuantizeLinear", "DequantizeLinear") and len(own) >= 2
        scale = next((array for array in own if array.dtype == np.float32), None) if quantizes else None
        shape = known[node.output[0]].shape.dim if node.output[0] in known else ()
        ops.append(
            Op(
                kind=node.op_type,
                shape=tuple(int(one.dim_value) for one in shape),
                dtypes=tuple(dtypes[name] for name in (*node.input, node.output[0]) if name in dtypes),
                quantization=f"{float(scale.max()):.6g}" if scale is not None else "",
                bytes=sum(array.nbytes for array in own),
            )
        )
    return ops


def _ops_table(path: Path, ops: Iterable[Op]) -> Table:
    table = Table("op", "output", "types", "scale, zero", title=f"{path.name}: {path.stat().st_size:,} bytes")
    table.add_column("bytes", justify="right")
    for op in ops:
        shape = " x ".join(map(str, op.shape))
        table.add_row(op.kind, shape, ", ".join(op.dtypes), op.quantization, f"{op.bytes:,}")
    return table


def _metadata_table(path: Path) -> Table:
    table = Table("what it says of itself", "", show_header=False, title="Metadata")
    data = path.read_bytes()
    found = metadata.of_onnx(data) if path.suffix == ".onnx" else metadata.of_tflite(data)
    for name, value in found.items():
        table.add_row(name, value)
    return table


def _bundle_table(bundle: Bundle) -> Table:
    table = Table("file", title=f"{bundle.name}, {bundle.version}")
    for column in ("bytes", "ops", "float ops", "temperature", "flipped", "accuracy lost", "heatmap", "ECE"):
        table.add_column(column, justify="right")
    for file in bundle.files:
        ops = read_ops(bundle.folder / file.path)
        floats = sum(op.dtypes[-1:] == ("float32",) for op in ops)
        table.add_row(
            file.path,
            f"{file.bytes:,}",
            str(len(ops)),
            str(floats),
            f"{file.temperature:.3f}",
            *_figures(file.metrics),
        )
    return table


def _figures(metrics: dict[str, object]) -> list[str]:
    """Returns a file's proof in four cells; dashes where a bundle holds none."""
    try:
        lost = 100 * (metrics["keras_accuracy"] - metrics["accuracy"])  # type: ignore[operator]
        correlation = metrics["heatmap_correlation"]
        return [
            f"{metrics['flipped']} of {metrics['slices']}",
            f"{lost:.1f}",
            "-" if correlation is None else f"{correlation:.4f}",
            f"{metrics['ece']:.3f}",
        ]
    except KeyError:
        return ["-"] * 4
