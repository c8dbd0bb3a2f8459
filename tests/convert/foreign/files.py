"""Classifiers as others make them, small and untrained."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, save

SIZE, LABELS = 32, 4
# Black, white, and what lies between.
PIXELS = np.concatenate(
    [
        np.zeros((1, SIZE, SIZE, 1), np.uint8),
        np.full((1, SIZE, SIZE, 1), 255, np.uint8),
        np.random.default_rng(2).integers(0, 256, (3, SIZE, SIZE, 1), np.uint8),
    ]
)


def net(channels: int = 3, softmax: bool = True, outputs: int = LABELS) -> keras.Model:
    """Returns a net whose answers depend on what its pixels are scaled to."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((SIZE, SIZE, channels))
    x = keras.layers.Conv2D(6, 5, strides=2, activation="relu")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(outputs, activation="softmax" if softmax else None)(x))


def tflite(path: Path, model: keras.Model, kind: Any = None, seen: NDArray[np.float32] | None = None) -> Path:
    """Writes a net as TFLite, any batch at a time.

    Args:
        path: Of the file.
        model: The net.
        kind: Of its input and output where it is quantized: ``tf.int8`` or ``tf.uint8``.
        seen: What it is then calibrated on, float32 (N, size, size, channels).
    """
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind is not None and seen is not None:

        def shown() -> Iterator[list[NDArray[np.float32]]]:
            yield from ([each[None]] for each in seen)

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = shown
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = kind
    with warnings.catch_warnings():
        # The converter wonders about statistics that it then measures itself.
        warnings.simplefilter("ignore")
        path.write_bytes(converter.convert())
    return path


def onnx(path: Path, model: keras.Model, batch: int | None = None) -> Path:
    """Writes a net as ONNX, its channels last."""
    spec = [tf.TensorSpec((batch, *model.input_shape[1:]), tf.float32, name="input")]
    function = tf.function(lambda pixels: model(pixels, training=False))
    tf2onnx.convert.from_function(function, input_signature=spec, opset=15, output_path=str(path))
    return path


def channels_first(path: Path, kind: int = TensorProto.FLOAT, batch: int | str = "batch") -> Path:
    """Writes an ONNX file as PyTorch does: four weighted sums of the channels' means, as logits."""
    weights = numpy_helper.from_array(WEIGHTS, "weights")
    nodes = [
        helper.make_node("Cast", ["input"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("input", kind, (batch, 3, SIZE, SIZE))],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, (batch, LABELS))],
        [weights],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


WEIGHTS = np.random.default_rng(4).normal(size=(3, LABELS)).astype(np.float32)
