"""From a SavedModel to TFLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python.convert import mlir_quantize

# int8 counts a probability in 256ths, too coarse for thresholds and calibration: from the logits on, float.
FLOAT_OPS = ["SOFTMAX", "STRIDED_SLICE", "SUB", "MUL", "SUM", "LOGISTIC"]


def to_tflite(saved_model: Path, precision: str, calibration: NDArray[np.uint8]) -> bytes:
    """Converts a SavedModel.

    Args:
        saved_model: Its folder.
        precision: ``float32``; ``float16`` (weights alone are stored so); ``dynamic_range`` (int8 weights,
            activations quantized while it runs); or ``int8`` (weights and activations, per channel; takes
            uint8 pixels as they are; from the logits on it counts in float32).
        calibration: uint8 (N, size, size, channels), inputs to measure the activations' ranges on.

    Returns:
        The file's bytes.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    # tflite-runtime knows no dense layer that is quantized per channel.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    if precision != "int8":
        data: bytes = converter.convert()
        return data
    converter.representative_dataset = lambda: _batches(calibration)
    converter._experimental_calibrate_only = True
    data = mlir_quantize(
        converter.convert(),
        input_data_type=tf.uint8,
        denylisted_ops=FLOAT_OPS,
        disable_per_channel_for_dense_layers=True,
    )
    return data


def _batches(calibration: NDArray[np.uint8]) -> Iterator[list[Any]]:
    for pixels in calibration:
        inputs = pixels[None].astype(np.float32)
        # A black and a white pixel make the input's range 0 to 255, so that raw pixels are its integers.
        inputs[0, 0, :2] = [[0], [255]]
        yield [inputs]
