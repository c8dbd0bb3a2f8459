"""Where an int8 file loses: its error after every layer, against the float32 file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError
from evaluation.tables import Table

SLICES = 16
_PASSING = ("QUANTIZE", "DEQUANTIZE")


def explain(float32: Path, int8: Path, pixels: NDArray[np.uint8]) -> Table:
    """Runs two TFLite files of one net side by side.

    Args:
        float32: The float file.
        int8: The other.
        pixels: uint8 (N, size, size, channels); the first 16 are used.

    Returns:
        A table of the layers with the error's share of the signal in decibels (lower is worse, 20 is a
        tenth) and the step of its output.

    Raises:
        ConversionError: The files are not of one net.
    """
    reference, quantized = _open(float32), _open(int8)
    layers = [_layers(interpreter) for interpreter in (reference, quantized)]
    if [kind for kind, _ in layers[0]] != [kind for kind, _ in layers[1]]:
        raise ConversionError(f"{int8.name}: has other layers than {float32.name}.")
    powers = np.zeros((len(layers[0]), 2))
    for picture in pixels[:SLICES]:
        values = [_run(net, picture, own) for net, own in zip((reference, quantized), layers, strict=True)]
        for row, (wanted, found) in enumerate(zip(*values, strict=True)):
            powers[row] += np.square(wanted).mean(), np.square(wanted - found).mean()
    ratios = 10 * np.log10(powers[:, 0] / np.maximum(powers[:, 1], 1e-20))
    steps = {detail["index"]: detail["quantization"][0] for detail in quantized.get_tensor_details()}
    return Table(
        title=f"{int8.name} against {float32.name}, {len(pixels[:SLICES])} slices",
        columns=("layer", "signal to error, dB", "step"),
        rows=tuple(
            (kind, f"{ratio:.1f}", f"{steps[index]:.4f}" if steps[index] else "float")
            for (kind, index), ratio in zip(layers[1], ratios, strict=True)
        ),
        note="",
    )


def _open(path: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_path=str(path),
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    return interpreter


def _layers(interpreter: Any) -> list[tuple[str, int]]:
    ops = interpreter._get_ops_details()
    return [(op["op_name"], op["outputs"][0]) for op in ops if op["op_name"] not in _PASSING]


def _run(interpreter: Any, pixels: NDArray[np.uint8], layers: list[tuple[str, int]]) -> list[NDArray[Any]]:
    (detail,) = interpreter.get_input_details()
    interpreter.set_tensor(detail["index"], pixels[None].astype(detail["dtype"]))
    interpreter.invoke()
    quantization = {detail["index"]: detail["quantization"] for detail in interpreter.get_tensor_details()}
    values = []
    for _, index in layers:
        scale, zero = quantization[index]
        value = interpreter.get_tensor(index).astype(np.float64)
        values.append((value - zero) * scale if scale else value)
    return values
