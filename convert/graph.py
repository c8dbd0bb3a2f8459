"""The graph that is exported: a net with everything that the device would otherwise have to compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from edge_app.bundle import Outputs
from edge_app.preprocessing import InputSpec
from train.dataset import NO_TUMOR
from train.nets import with_map


def outputs_of(net: keras.Model) -> Outputs:
    """Returns the names of the outputs that a net's graph has."""
    return Outputs(heatmap="heatmap" if with_map(net) is not None else None)


def serving(net: keras.Model, spec: InputSpec) -> Any:
    """Returns the function to export, with a static batch of 1.

    Args:
        net: From float32 (N, size, size, channels), 0 to 255, to probabilities.
        spec: What it takes.

    Returns:
        A ``tf.function`` from ``pixels``, float32 (1, size, size, channels), to ``probabilities`` (1, labels)
        and, where the net ends in global pooling, ``heatmap`` (1, rows, columns): the probability of a tumour
        of any type that the net's head sees at each place.
    """
    located = with_map(net)
    shape = (1, spec.size, spec.size, spec.channels)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="pixels")])  # type: ignore[untyped-decorator]
    def serve(pixels: Any) -> dict[str, Any]:
        if located is None:
            return {"probabilities": tf.identity(net(pixels, training=False), name="probabilities")}
        outputs = located(pixels, training=False)
        heatmap = 1.0 - outputs["map"][..., NO_TUMOR]
        return {
            "probabilities": tf.identity(outputs["probabilities"], name="probabilities"),
            "heatmap": tf.identity(heatmap, name="heatmap"),
        }

    return serve


def save(net: keras.Model, spec: InputSpec, folder: Path) -> None:
    """Writes the graph as a SavedModel."""
    archive = keras.export.ExportArchive()
    archive.track(net)
    archive.add_endpoint("serve", serving(net, spec))
    archive.write_out(str(folder), verbose=False)
