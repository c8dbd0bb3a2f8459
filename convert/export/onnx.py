"""From a net's graph to ONNX."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import tf2onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.registry import QDQRegistry
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

OPSET = 17
# From the logits on, float, as in the TFLite files.
FLOAT_OPS = {"Softmax", "Slice", "Sub", "Mul", "ReduceSum", "Sigmoid"}
# The dense layers give float logits straight from their integer sums.
LOGITS = ["Gemm", "MatMul"]


def to_onnx(serve: Any, precision: str, calibration: NDArray[np.uint8]) -> bytes:
    """Converts a graph.

    Args:
        serve: The ``tf.function`` from ``convert.export.graph.serving``.
        precision: ``float32``; ``float16`` (weights and activations); or ``int8`` (weights and activations as
            QDQ, per channel; from the logits on it counts in float32). All take and give float32.
        calibration: uint8 (N, size, size, channels), inputs to measure the activations' ranges on.

    Returns:
        The file's bytes.
    """
    logging.getLogger("tf2onnx").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "float32.onnx"
        tf2onnx.convert.from_function(
            serve, input_signature=serve.input_signature, opset=OPSET, output_path=str(path)
        )
        if precision == "int8":
            path = _quantize(path, calibration)
        if precision == "float16":
            model = convert_float_to_float16(
                onnx.load(path), keep_io_types=True, op_block_list=list(FLOAT_OPS)
            )
            data: bytes = model.SerializeToString()
            return data
        return path.read_bytes()


def _quantize(path: Path, calibration: NDArray[np.uint8]) -> Path:
    prepared, quantized = path.with_name("prepared.onnx"), path.with_name("int8.onnx")
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(quantized),
        _Reader(calibration),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        # Signed activations take twice the time on x86 and have no kernel of their own in the browser.
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=sorted(set(QDQRegistry) - FLOAT_OPS),
        extra_options={"OpTypesToExcludeOutputQuantization": LOGITS},
    )
    return quantized


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, calibration: NDArray[np.uint8]) -> None:
        self._inputs = ({"pixels": pixels[None].astype(np.float32)} for pixels in calibration)

    def get_next(self) -> dict[str, Any] | None:
        return next(self._inputs, None)
