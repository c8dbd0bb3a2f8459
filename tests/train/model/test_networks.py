from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from train.config import ARCHITECTURES, PRETRAINED, Architecture, input_of
from train.errors import DataError
from train.model import networks
from train.model.efficientnet import lite0


@pytest.mark.parametrize(("arch", "most"), [("edge", 400_000), ("paper", 33_700_000)])
def test_fourteen_layers(arch: Architecture, most: int) -> None:
    net = networks.build(arch, input_of(arch))
    assert len(net.layers) == 14
    assert net.count_params() <= most


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_grey_levels_in_probabilities_out(arch: Architecture) -> None:
    spec = input_of(arch, 96 if arch in PRETRAINED else None)
    pixels = np.random.default_rng(0).integers(0, 256, (2, spec.size, spec.size, spec.channels))
    probabilities = networks.build(arch, spec).predict(pixels.astype("float32"), verbose=0)
    assert probabilities.shape == (2, 4)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_the_map_shares_the_nets_weights() -> None:
    spec = input_of("edge")
    net = networks.build("edge", spec)
    located = networks.with_map(net)
    assert located is not None
    pixels = np.random.default_rng(0).integers(0, 256, (1, 128, 128, 1)).astype("float32")
    outputs = located.predict(pixels, verbose=0)
    assert outputs["probabilities"] == pytest.approx(net.predict(pixels, verbose=0), abs=1e-6)
    assert outputs["map"].shape == (1, 16, 16, 4)
    assert located.count_params() == net.count_params()


def test_a_net_that_flattens_has_no_map() -> None:
    assert networks.with_map(networks.build("paper", input_of("paper", 32))) is None


@pytest.mark.parametrize("arch", PRETRAINED)
def test_a_backbone_is_frozen_unless_fine_tuned(arch: Architecture) -> None:
    spec = input_of(arch, 96)
    frozen = networks.build(arch, spec)
    assert len(frozen.trainable_variables) == 2 and networks.split_frozen(frozen) is not None
    tuned = networks.build(arch, spec, fine_tune=True)
    assert len(tuned.trainable_variables) > 100 and networks.split_frozen(tuned) is None


@pytest.mark.parametrize("arch", PRETRAINED)
def test_a_backbone_may_see_slices_enlarged(arch: Architecture) -> None:
    """The net itself enlarges, so that a teacher takes the very pixels that its student takes."""
    spec = input_of(arch, 64)
    net = networks.build(arch, spec, fine_tune=True, backbone_size=128)
    located = networks.with_map(net)
    assert located is not None and located.output["map"].shape == (None, 4, 4, 4)
    plain = networks.build(arch, input_of(arch, 128), fine_tune=True)
    plain.set_weights(net.get_weights())
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("float32")
    enlarged = ops.image.resize(pixels, (128, 128), interpolation="bilinear")
    assert net.predict(pixels, verbose=0) == pytest.approx(plain.predict(enlarged, verbose=0), abs=1e-4)
    copy = networks.detached(net)
    assert copy.predict(pixels, verbose=0) == pytest.approx(net.predict(pixels, verbose=0), abs=1e-5)


def test_efficientnet_lite0_is_the_published_net() -> None:
    """Its table: 4.65 million parameters with ImageNet's thousand answers, 3.37 without."""
    net = networks.build("efficientnet_lite0", input_of("efficientnet_lite0", 64))
    assert net.count_params() - (1280 * 4 + 4) + (1280 * 1000 + 1000) == pytest.approx(4.65e6, abs=5e4)
    strides = [layer for layer in net.layers if getattr(layer, "strides", (1, 1)) == (2, 2)]
    assert len(strides) == 5
    assert not any(type(layer).__name__ in ("Multiply", "Activation") for layer in net.layers)


@pytest.mark.parametrize("arch", PRETRAINED)
def test_a_missing_weights_file(arch: Architecture, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such weights file"):
        networks.build(arch, input_of(arch), weights=str(tmp_path / "absent.h5"))


@pytest.mark.parametrize(
    ("arch", "title"), [("mobilenetv2", "MobileNetV2"), ("efficientnet_lite0", "EfficientNet-Lite0")]
)
def test_a_weights_file_of_another_net(arch: Architecture, title: str, tmp_path: Path) -> None:
    other = tmp_path / "other.weights.h5"
    networks.build("edge", input_of("edge")).save_weights(other)
    with pytest.raises(DataError, match=f"are not {title}'s"):
        networks.build(arch, input_of(arch), weights=str(other))
    other.write_text("no weights")
    with pytest.raises(DataError, match=f"are not {title}'s"):
        networks.build(arch, input_of(arch), weights=str(other))


def test_a_backbone_takes_the_weights_of_another_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "lite0.weights.h5"
    inputs = keras.Input((32, 32, 3))
    backbone = lite0(inputs, inputs)
    backbone.save_weights(path)
    net = networks.build("efficientnet_lite0", input_of("efficientnet_lite0", 64), weights=str(path))
    for before, after in zip(backbone.get_weights(), net.get_weights(), strict=False):
        assert np.array_equal(before, after)
