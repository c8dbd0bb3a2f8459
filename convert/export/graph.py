"""The graph that is exported: a net with everything that the device would otherwise have to compute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from convert.calibrate.rejection import Rejection
from edge_app.bundle import Outputs
from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES, NO_TUMOUR_INDEX
from train.model.networks import with_map

PROBABILITIES, HEATMAP, IN_DISTRIBUTION = "probabilities", "heatmap", "in_distribution"


def outputs_of(net: keras.Model, rejection: Rejection | None) -> Outputs:
    """Returns the names of the outputs that a net's graph has."""
    return Outputs(
        probabilities=PROBABILITIES,
        heatmap=HEATMAP if with_map(net) is not None else None,
        in_distribution=IN_DISTRIBUTION if rejection is not None else None,
    )


@dataclass(frozen=True)
class LogitCorrection:
    """What is done to a file's logits, without an op of its own.

    Attributes:
        temperature: What the logits are divided by.
        shift: Added to the logits before that, one number a label.
    """

    temperature: float = 1.0
    shift: tuple[float, ...] = (0.0,) * len(NAMES)


def serving(
    net: keras.Model, spec: InputSpec, correction: LogitCorrection, rejection: Rejection | None = None
) -> Any:
    """Returns the function to export, with a static batch of 1.

    Args:
        net: From float32 (N, size, size, channels), 0 to 255, to probabilities, by a dense layer at its end.
        spec: What it takes.
        correction: For the logits of the answer.
        rejection: Of what is no brain MRI.

    Returns:
        A ``tf.function`` from ``pixels``, float32 (1, size, size, channels), to ``probabilities`` (1, labels)
        and, where the net ends in global pooling, ``heatmap`` (1, rows, columns): the probability of a tumour
        of any type that the net's head sees at each place, whatever the correction; and with a rejection
        ``in_distribution`` (1,), how likely the picture is a slice of a brain MRI.
    """
    located = with_map(net)
    head = net.layers[-1]
    tensors = {"features": head.input}
    if located is not None:
        tensors["map"] = located.output["map"]
    if rejection is not None:
        tensors["last"] = next(layer for layer in net.layers if "Global" in type(layer).__name__).input
    inner = keras.Model(net.inputs, tensors)
    # Constants, since tf2onnx makes inputs of whatever else a function closes over.
    kernel, bias = map(keras.ops.convert_to_numpy, head.weights)
    kernel = kernel / np.float32(correction.temperature)
    bias = (bias + np.array(correction.shift, np.float32)) / np.float32(correction.temperature)
    shape = (1, spec.size, spec.size, spec.channels)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="pixels")])  # type: ignore[untyped-decorator]
    def serve(pixels: Any) -> dict[str, Any]:
        tensors = inner(pixels, training=False)
        probabilities = tf.nn.softmax(tf.matmul(tf.cast(tensors["features"], tf.float32), kernel) + bias)
        outputs = {PROBABILITIES: tf.identity(probabilities, name=PROBABILITIES)}
        if located is not None:
            outputs[HEATMAP] = tf.identity(1.0 - tensors["map"][..., NO_TUMOUR_INDEX], name=HEATMAP)
        if rejection is not None:
            last = tf.cast(tensors["last"], tf.float32)
            for_maxima, for_means = np.split(rejection.weights, 2)
            # These ops stay float in int8 files; a dense layer's range, calibrated on brains alone, would cut
            # off all that is none. A mean would be taken in int8, which ARM rounds otherwise than x86.
            for_sums = for_means / np.float32(last.shape[1] * last.shape[2])
            maxima = tf.reduce_sum(tf.reduce_max(last, axis=(1, 2)) * for_maxima, axis=1)
            means = tf.reduce_sum(tf.reduce_sum(last, axis=(1, 2)) * for_sums, axis=1)
            likely = tf.sigmoid(maxima - (np.float32(-rejection.bias) - means))
            outputs[IN_DISTRIBUTION] = tf.identity(likely, name=IN_DISTRIBUTION)
        return outputs

    return serve


def save(
    net: keras.Model,
    spec: InputSpec,
    correction: LogitCorrection,
    rejection: Rejection | None,
    folder: Path,
) -> None:
    """Writes the graph as a SavedModel."""
    archive = keras.export.ExportArchive()
    archive.track(net)
    archive.add_endpoint("serve", serving(net, spec, correction, rejection))
    archive.write_out(str(folder), verbose=False)
