"""A net small enough to be converted in a second, and slices for it."""

from __future__ import annotations

import keras
import numpy as np

from convert.calibrate.rejection import Rejection
from edge_app.preprocessing import InputSpec

SPEC = InputSpec(size=16, channels=1)
# Grey levels that leave the darkest and the brightest out.
SLICES = np.random.default_rng(1).integers(40, 200, (8, 16, 16, 1), np.uint8)
FEATURES = 64
REJECTION = Rejection(np.full(2 * FEATURES, 0.02, np.float32), -0.5)


def small_net() -> keras.Model:
    """Returns a net of two convolutions, global pooling and a dense layer, always the same."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((16, 16, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(32, 3, strides=2, activation="relu")(x)
    x = keras.layers.Conv2D(FEATURES, 3, activation="relu")(x)
    pooled = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(4, activation="softmax")(pooled))
