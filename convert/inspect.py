"""What is inside a file: its ops, their types and sizes, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import onnx

from convert.errors import ConversionError
from convert.export import metadata
from convert.provenance import NAME, Provenance, Verification
from edge_app.bundle import Bundle
from evaluation.tables import NONE, Table


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
    if not path.is_file():
        raise ConversionError(f"{path}: can't be read.")
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
        RecordError: Its provenance is.
        ConversionError: The file can't be understood.
    """
    if path.is_dir():
        bundle = Bundle.load(path)
        known = (path / NAME).exists()
        return [_bundle_table(bundle, Provenance.load(path).verification if known else {})]
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
        constants = [tensor for tensor in inputs if tensor["index"] not in computed]
        output = tensors[op["outputs"][0]]
        scale, zero = output["quantization"]
        ops.append(
            Op(
                kind=op["op_name"],
                shape=tuple(map(int, output["shape"])),
                dtypes=tuple(np.dtype(tensor["dtype"]).name for tensor in (*inputs, output)),
                quantization=f"{scale:.6g}, {zero}" if scale else "",
                bytes=sum(prod(tensor["shape"]) * np.dtype(tensor["dtype"]).itemsize for tensor in constants),
            )
        )
    return ops


def _onnx_ops(path: Path) -> list[Op]:
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values = (*graph.input, *graph.value_info, *graph.output)
    known = {value.name: value.type.tensor_type for value in values}
    dtypes = {name: array.dtype.name for name, array in constants.items()}
    dtypes |= {
        name: np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)).name
        for name, tensor in known.items()
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
                shape=tuple(int(side.dim_value) for side in shape),
                dtypes=tuple(dtypes[name] for name in (*node.input, node.output[0]) if name in dtypes),
                quantization=f"{float(scale.max()):.6g}" if scale is not None else "",
                bytes=sum(array.nbytes for array in own),
            )
        )
    return ops


def _ops_table(path: Path, ops: Iterable[Op]) -> Table:
    return Table(
        title=f"{path.name}: {path.stat().st_size:,} bytes",
        columns=("op", "output", "types", "scale, zero", "bytes"),
        rows=tuple(
            (op.kind, " x ".join(map(str, op.shape)), ", ".join(op.dtypes), op.quantization, f"{op.bytes:,}")
            for op in ops
        ),
        note="",
    )


def _metadata_table(path: Path) -> Table:
    data = path.read_bytes()
    found = metadata.of_onnx(data) if path.suffix == ".onnx" else metadata.of_tflite(data)
    # One column: values are sentences, which read better from the left.
    rows = tuple((f"{name}: {value}",) for name, value in found.items())
    return Table(title="Metadata", columns=("what it says of itself",), rows=rows, note="")


def _bundle_table(bundle: Bundle, verification: dict[str, Verification]) -> Table:
    columns = ("bytes", "ops", "float ops", "temperature", "flipped", "accuracy lost", "heatmap", "ECE")
    rows = []
    for file in bundle.files:
        ops = read_ops(bundle.folder / file.path)
        floats = sum(op.dtypes[-1:] == ("float32",) for op in ops)
        rows.append(
            (
                file.path,
                f"{file.bytes:,}",
                str(len(ops)),
                str(floats),
                f"{file.temperature:.3f}",
                *_figures(verification.get(file.path)),
            )
        )
    return Table(
        title=f"{bundle.name}, {bundle.version}", columns=("file", *columns), rows=tuple(rows), note=""
    )


def _figures(verification: Verification | None) -> list[str]:
    """Returns a file's verification in four cells; dashes where there is none."""
    if verification is None:
        return [NONE] * 4
    found = verification.comparison
    return [
        f"{found.flipped} of {found.slices}",
        f"{100 * (found.keras_accuracy - found.accuracy):.1f}",
        NONE if found.heatmap_correlation is None else f"{found.heatmap_correlation:.4f}",
        f"{found.ece:.3f}",
    ]
