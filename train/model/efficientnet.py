"""EfficientNet-Lite0, which Keras does not bring: EfficientNet-B0 as it quantizes well.

No squeeze-and-excitation, ReLU6 in place of swish (R. Liu 2020, github.com/tensorflow/tpu, models/official/
efficientnet/lite); the table of blocks is that of Tan and Le 2019, EfficientNet.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

Tensor = Any

STEM, HEAD = 32, 1280
# Times a block comes, its kernel, stride of the first, factor of its expansion, filters.
BLOCKS = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def lite0(inputs: Tensor, pixels: Tensor) -> keras.Model:
    """Returns the backbone, with random weights.

    Args:
        inputs: The input of the model.
        pixels: float32 (N, H, W, 3), grey levels 0 to 255, that are made from it.

    Returns:
        A model from ``inputs`` to features, float32 (N, H / 32, W / 32, 1280). The layers with weights come
        in the order of the published net, so that a weights file saved from another rebuild fits.
    """
    features = lite0_features(layers.Rescaling(1 / 128, offset=-127 / 128)(pixels))
    return keras.Model(inputs, features, name="efficientnet_lite0_backbone")


def lite0_features(scaled: Tensor) -> Tensor:
    """Returns the features, float32 (N, H / 32, W / 32, 1280), of pixels (N, H, W, 3), about -1 to 1."""
    features = _convolved(scaled, STEM, 3, strides=2)
    for times, kernel, stride, factor, filters in BLOCKS:
        for index in range(times):
            features = _block(features, kernel, stride if index == 0 else 1, factor, filters)
    return _convolved(features, HEAD, 1)


def _block(features: Tensor, kernel: int, stride: int, factor: int, filters: int) -> Tensor:
    before, width = features, features.shape[-1]
    if factor > 1:
        features = _convolved(features, factor * width, 1)
    depthwise = layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)
    features = layers.ReLU(6.0)(_normalized(depthwise(features)))
    features = _normalized(layers.Conv2D(filters, 1, use_bias=False)(features))
    return layers.Add()([before, features]) if stride == 1 and width == filters else features


def _convolved(features: Tensor, filters: int, kernel: int, strides: int = 1) -> Tensor:
    convolution = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)
    return layers.ReLU(6.0)(_normalized(convolution(features)))


def _normalized(features: Tensor) -> Tensor:
    return layers.BatchNormalization(epsilon=1e-3)(features)
