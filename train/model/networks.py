"""The nets, each from raw grey levels (0 to 255) to four probabilities."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
from keras import layers

from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES
from train.config import PRETRAINED, Architecture
from train.errors import DataError
from train.model.efficientnet import lite0

Tensor = Any

TITLES: dict[Architecture, str] = {"mobilenetv2": "MobileNetV2", "efficientnet_lite0": "EfficientNet-Lite0"}


def build(
    arch: Architecture,
    spec: InputSpec,
    weights: str | None = None,
    fine_tune: bool = False,
    backbone_size: int | None = None,
) -> keras.Model:
    """Builds a net.

    Args:
        arch: Which.
        spec: What the net takes.
        weights: Of a backbone: ``imagenet``, the path of a weights file, or None for random ones.
        fine_tune: Whether a backbone learns too.
        backbone_size: Height and width that a backbone sees; None for the input's.

    Returns:
        A model from float32 (N, size, size, channels), 0 to 255, to float32 (N, labels).

    Raises:
        DataError: The weights can't be read.
    """
    shape = (spec.size, spec.size, spec.channels)
    if arch == "paper":
        return _paper(shape)
    if arch in PRETRAINED:
        return _pretrained(arch, shape, weights, fine_tune, backbone_size or spec.size)
    return _edge(shape)


def load(path: Path) -> keras.Model:
    """Loads a net that a training left.

    Raises:
        DataError: It is missing or broken, or gives another count of answers.
    """
    try:
        net = keras.models.load_model(path, compile=False)
    except (OSError, ValueError):
        raise DataError(f"{path}: can't be read; finish the training first.") from None
    if net.output_shape[-1] != len(NAMES):
        raise DataError(f"{path}: gives {net.output_shape[-1]} answers; expected {len(NAMES)}.")
    return net


def with_map(net: keras.Model) -> keras.Model | None:
    """Returns the same net with its answer at every place beside the answer for the whole slice.

    The head of a net that ends in global pooling and one dense layer is laid on every place of the last
    feature map (a class-activation map, Zhou et al. 2016); all weights are shared with ``net``.

    Args:
        net: A model from ``build``.

    Returns:
        A model with the outputs ``probabilities`` (N, labels) and ``map`` (N, rows, columns, labels), or None
        where the net has no such head.
    """
    pooling = next((layer for layer in reversed(net.layers) if "Global" in type(layer).__name__), None)
    if pooling is None:
        return None
    return keras.Model(net.inputs, {"probabilities": net.outputs[0], "map": net.layers[-1](pooling.input)})


def detached(net: keras.Model, dtype: str = "float32") -> keras.Model:
    """Returns a copy of a net on one device, wherever and however it was trained.

    Args:
        net: A model from ``build``.
        dtype: Keras's policy for its layers, but for the head, whose probabilities are of float32.
    """

    def cloned(layer: layers.Layer) -> layers.Layer:
        own = "float32" if layer is net.layers[-1] else dtype
        return type(layer).from_config(layer.get_config() | {"dtype": own})

    copy = keras.models.clone_model(net, clone_function=cloned)
    copy.set_weights(net.get_weights())
    return copy


def split_frozen(net: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Splits a net whose backbone does not learn, so that its features need computing only once.

    Args:
        net: A model from ``build``.

    Returns:
        The backbone, from pixels to pooled features, and the head, from features to probabilities, both
        sharing the net's layers; None where anything before the pooling learns.
    """
    names = [type(layer).__name__ for layer in net.layers]
    if "GlobalAveragePooling2D" not in names:
        return None
    pooling = names.index("GlobalAveragePooling2D")
    if any(layer.trainable_variables for layer in net.layers[:pooling]):
        return None
    features = net.layers[pooling].output
    head = keras.Sequential([keras.Input(features.shape[1:]), *net.layers[pooling + 1 :]])
    return keras.Model(net.inputs, features), head


def _edge(shape: tuple[int, int, int]) -> keras.Model:
    """Our net: 14 layers, six convolutions, half of them normalized (and folded into one int8 op)."""
    return keras.Sequential(
        [
            keras.Input(shape, name="pixels"),
            layers.Conv2D(24, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(40, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(96, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(112, 3, padding="same", activation="relu"),
            layers.Conv2D(176, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalMaxPooling2D(),
            layers.Dense(len(NAMES), activation="softmax", dtype="float32"),
        ],
        name="edge",
    )


def _paper(shape: tuple[int, int, int]) -> keras.Model:
    """A reconstruction of the published net: the kinds and the count of its layers, 33.6 M parameters."""
    return keras.Sequential(
        [
            keras.Input(shape, name="pixels"),
            layers.Conv2D(32, 2, padding="same"),
            layers.Conv2D(32, 2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 2, padding="same", activation="relu"),
            layers.Conv2D(64, 2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2, strides=2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(len(NAMES), activation="softmax", dtype="float32"),
        ],
        name="paper",
    )


def _pretrained(
    arch: Architecture, shape: tuple[int, int, int], weights: str | None, fine_tune: bool, size: int
) -> keras.Model:
    inputs = keras.Input(shape, name="pixels")
    seen = inputs if size == shape[0] else layers.Resizing(size, size)(inputs)
    backbone = _backbone(arch, inputs, seen, weights)
    for layer in backbone.layers:
        layer.trainable = fine_tune
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.99  # its own, 0.999, would keep ImageNet's statistics through a short training
    pooled = layers.GlobalAveragePooling2D()(backbone.output)
    dropped = layers.Dropout(0.2)(pooled)
    outputs = layers.Dense(len(NAMES), activation="softmax", dtype="float32")(dropped)
    return keras.Model(inputs, outputs, name=arch)


def _backbone(arch: Architecture, inputs: Tensor, seen: Tensor, weights: str | None) -> keras.Model:
    if weights == "imagenet" and arch != "mobilenetv2":
        raise DataError(f"Keras has no ImageNet weights of {TITLES[arch]}; name a weights file.")
    if weights not in (None, "imagenet") and not Path(weights).is_file():
        raise DataError(f"{weights}: there is no such weights file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a line for each layer of another net, before the error
            if arch == "mobilenetv2":
                scaled = layers.Rescaling(1 / 127.5, offset=-1)(seen)
                return keras.applications.MobileNetV2(input_tensor=scaled, include_top=False, weights=weights)
            backbone = lite0(inputs, seen)
            if weights:
                backbone.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{weights}: these weights are not {TITLES[arch]}'s, or can't be had ({error})."
        ) from None
    return backbone
