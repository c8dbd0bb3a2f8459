"""The graph that is exported: a net with everything that the device would otherwise have to compute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from convert.calibrate.rejection import Gate
from edge_app.bundle import Outputs
from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES, NO_TUMOUR_INDEX
from train.model.networks import with_map


def outputs_of(net: keras.Model, gate: Gate | None) -> Outputs:
    """Returns the names of the outputs that a net's graph has."""
    return Outputs(
        heatmap="heatmap" if with_map(net) is not None else None, brain="brain" if gate is not None else None
    )


@dataclass(frozen=True)
class Tail:
    """What a file's answer gets of its own, without an op of its own.

    Attributes:
        temperature: What the logits are divided by.
        shift: Added to the logits before that, one number a label.
    """

    temperature: float = 1.0
    shift: tuple[float, ...] = (0.0,) * len(NAMES)


def serving(net: keras.Model, spec: InputSpec, tail: Tail, gate: Gate | None = None) -> Any:
    """Returns the function to export, with a static batch of 1.

    Args:
        net: From float32 (N, size, size, channels), 0 to 255, to probabilities, by a dense layer at its end.
        spec: What it takes.
        tail: For the logits of the answer.
        gate: For the refusal of what is no brain MRI.

    Returns:
        A ``tf.function`` from ``pixels``, float32 (1, size, size, channels), to ``probabilities`` (1, labels)
        and, where the net ends in global pooling, ``heatmap`` (1, rows, columns): the probability of a tumour
        of any type that the net's head sees at each place, whatever the tail; and with a gate ``brain`` (1,),
        how likely the picture is a slice of a brain MRI.
    """
    located = with_map(net)
    head = net.layers[-1]
    tensors = {"features": head.input}
    if located is not None:
        tensors["map"] = located.output["map"]
    if gate is not None:
        tensors["last"] = next(one for one in net.layers if "Global" in type(one).__name__).input
    inner = keras.Model(net.inputs, tensors)
    # Constants, since tf2onnx makes inputs of whatever else a function closes over.
    kernel, bias = map(keras.ops.convert_to_numpy, head.weights)
    kernel = kernel / np.float32(tail.temperature)
    bias = (bias + np.array(tail.shift, np.float32)) / np.float32(tail.temperature)
    shape = (1, spec.size, spec.size, spec.channels)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="pixels")])  # type: ignore[untyped-decorator]
    def serve(pixels: Any) -> dict[str, Any]:
        tensors = inner(pixels, training=False)
        probabilities = tf.nn.softmax(tf.matmul(tf.cast(tensors["features"], tf.float32), kernel) + bias)
        outputs = {"probabilities": tf.identity(probabilities, name="probabilities")}
        if located is not None:
            outputs["heatmap"] = tf.identity(1.0 - tensors["map"][..., NO_TUMOUR_INDEX], name="heatmap")
        if gate is not None:
            last = tf.cast(tensors["last"], tf.float32)
            for_maxima, for_means = np.split(gate.weights, 2)
            # These ops stay float in int8 files; a dense layer's range, calibrated on brains alone, would cut
            # off all that is none.
            maxima = tf.reduce_sum(tf.reduce_max(last, axis=(1, 2)) * for_maxima, axis=1)
            means = tf.reduce_sum(tf.reduce_mean(last, axis=(1, 2)) * for_means, axis=1)
            likely = tf.sigmoid(maxima - (np.float32(-gate.bias) - means))
            outputs["brain"] = tf.identity(likely, name="brain")
        return outputs

    return serve


def save(net: keras.Model, spec: InputSpec, tail: Tail, gate: Gate | None, folder: Path) -> None:
    """Writes the graph as a SavedModel."""
    archive = keras.export.ExportArchive()
    archive.track(net)
    archive.add_endpoint("serve", serving(net, spec, tail, gate))
    archive.write_out(str(folder), verbose=False)
