from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from train.config import ARCHITECTURES, Architecture, input_of
from train.errors import DataError
from train.model import networks


@pytest.mark.parametrize(("arch", "most"), [("edge", 400_000), ("paper", 33_700_000)])
def test_fourteen_layers(arch: Architecture, most: int) -> None:
    net = networks.build(arch, input_of(arch))
    assert len(net.layers) == 14
    assert net.count_params() <= most


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_grey_levels_in_probabilities_out(arch: Architecture) -> None:
    spec = input_of(arch, 96 if arch == "mobilenetv2" else None)
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


def test_mobilenetv2_is_frozen_unless_fine_tuned() -> None:
    spec = input_of("mobilenetv2", 96)
    assert len(networks.build("mobilenetv2", spec).trainable_variables) == 2
    assert len(networks.build("mobilenetv2", spec, fine_tune=True).trainable_variables) > 100


def test_a_missing_weights_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such weights file"):
        networks.build("mobilenetv2", input_of("mobilenetv2"), weights=str(tmp_path / "absent.h5"))


@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")
def test_a_weights_file_of_another_net(tmp_path: Path) -> None:
    other = tmp_path / "other.weights.h5"
    networks.build("edge", input_of("edge")).save_weights(other)
    with pytest.raises(DataError, match="are not MobileNetV2's"):
        networks.build("mobilenetv2", input_of("mobilenetv2"), weights=str(other))
