"""From a SavedModel to TFLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def to_tflite(saved_model: Path, precision: str, calibration: NDArray[np.uint8]) -> bytes:
    """Converts a SavedModel.

    Args:
        saved_model: Its folder.
        precision: ``float32``, or ``int8`` (weights and activations, per channel; takes uint8 pixels as they
            are and gives float32).
        calibration: uint8 (N, size, size, channels), inputs to measure the activations' ranges on.

    Returns:
        The file's bytes.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    if precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.representative_dataset = lambda: _batches(calibration)
    data: bytes = converter.convert()
    return data


def _batches(calibration: NDArray[np.uint8]) -> Iterator[list[Any]]:
    for pixels in calibration:
        inputs = pixels[None].astype(np.float32)
        # A black and a white pixel make the input's range 0 to 255, so that raw pixels are its integers.
        inputs[0, 0, :2] = [[0], [255]]
        yield [inputs]
