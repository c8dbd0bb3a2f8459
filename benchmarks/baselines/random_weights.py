"""Bundles of other nets with random weights, for latency alone.

Their bundles say so and are never asked for answers. They go through the converter that our own nets do, all
but rejection; the ranges of int8 are measured on drawn pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend that exports

import keras
import numpy as np
from keras import layers
from rich.progress import track

from benchmarks.measure import sample_images
from convert.export import graph
from convert.export.graph import LogitCorrection
from convert.export.tflite import to_tflite
from convert.provenance import Provenance
from edge_app.bundle import Bundle, ModelFile, sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from evaluation.labels import LABELS
from train.environment import environment, now
from train.model.efficientnet import lite0_features


def _application(make: Callable[..., keras.Model], inputs: keras.KerasTensor) -> keras.KerasTensor:
    return make(input_tensor=inputs, include_top=False, weights=None).output


NETS: dict[tuple[str, int], Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    ("mobilenetv2-0.35", 224): partial(_application, partial(keras.applications.MobileNetV2, alpha=0.35)),
    ("mobilenetv2-0.35", 128): partial(_application, partial(keras.applications.MobileNetV2, alpha=0.35)),
    ("mobilenetv2-1.0", 128): partial(_application, keras.applications.MobileNetV2),
    ("mobilenetv3-small", 224): partial(
        _application, partial(keras.applications.MobileNetV3Small, include_preprocessing=False)
    ),
    ("efficientnet-lite0-like", 224): lite0_features,
}


def make_all(out: Path) -> None:
    """Makes a bundle of every net, each in a folder of its own.

    Raises:
        OSError: They can't be written.
    """
    for (name, size), net in track(NETS.items(), "Converting", transient=True):
        make(name, size, net, out / f"{name}-{size}")


def make(name: str, size: int, net: Callable[[keras.KerasTensor], keras.KerasTensor], folder: Path) -> Bundle:
    """Converts a net with random weights into a bundle.

    Args:
        name: Of the bundle.
        size: Of the input, pixels.
        net: From pixels, -1 to 1, to features.
        folder: For the bundle; made where needed.
    """
    keras.utils.set_random_seed(0)
    spec = InputSpec(size, channels=3)
    pixels = keras.Input((size, size, 3), name="pixels")
    pooled = layers.GlobalAveragePooling2D()(net(layers.Rescaling(1 / 127.5, offset=-1)(pixels)))
    model = keras.Model(pixels, layers.Dense(len(LABELS), activation="softmax")(pooled))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-int8.tflite"
    with TemporaryDirectory() as scratch:
        drawn = sample_images.draw(Path(scratch) / "pictures")
        shown = [preprocess(decode(path), spec)[0] for path in drawn]
        graph.save(model, spec, LogitCorrection(), None, Path(scratch) / "saved")
        file.write_bytes(to_tflite(Path(scratch) / "saved", "int8", np.concatenate(shown)))
    Bundle(
        folder=folder,
        name=name,
        version=datetime.now(UTC).date().isoformat(),
        labels=LABELS,
        input=spec,
        outputs=graph.outputs_of(model, None),
        files=(
            ModelFile(
                path=file.name,
                sha256=sha256(file),
                bytes=file.stat().st_size,
                format="tflite",
                precision="int8",
                temperature=1.0,
            ),
        ),
        thresholds=None,
        study=None,
        default=file.name,
    ).save()
    Provenance.of_random_weights(environment(), now()).save(folder)
    return Bundle.load(folder)
