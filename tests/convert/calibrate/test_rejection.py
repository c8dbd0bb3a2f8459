"""Rejection on an untrained net: random features already tell photographs of noise from phantoms."""

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convert.calibrate.rejection import fit, photographs
from edge_app.bundle import sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from tests.phantoms import LABELS, phantom
from train.data.arrays import Arrays
from train.model import networks

SPEC = InputSpec(size=32, channels=1)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "not_mri"
    folder.mkdir()
    for seed in range(6):
        levels = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), np.uint8)
        Image.fromarray(levels).save(folder / f"{seed}.png")
    return photographs(tmp_path)


def brains(seeds: range) -> NDArray[np.uint8]:
    return np.concatenate([preprocess(decode(phantom(label, i)), SPEC)[0] for i in seeds for label in LABELS])


def arrays(count: int) -> Arrays:
    pixels = brains(range(count))
    targets = np.tile(np.eye(4, dtype=np.float32), (count, 1))
    boxes = np.full((len(pixels), 4), np.nan, np.float32)
    return Arrays(pixels=pixels, boxes=boxes, targets=targets)


def test_it_tells_heads_from_noise_and_names_what_it_was_fitted_on(pictures: list[Path]) -> None:
    assert [path.name for path in pictures] == ["0.png", "2.png", "4.png"]
    keras.utils.set_random_seed(1)
    net = networks.build("edge", SPEC)
    rejection = fit(net, SPEC, arrays(10), pictures, seed=1)
    assert rejection is not None
    assert rejection.photographs == tuple(sha256(path) for path in pictures)

    pooling = next(layer for layer in net.layers if "Global" in type(layer).__name__)
    features = keras.Model(net.inputs, pooling.input)

    def score(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        maps = features.predict(pixels.astype(np.float32), verbose=0)
        joined = np.concatenate([maps.max(axis=(1, 2)), maps.mean(axis=(1, 2))], axis=1)
        scores: NDArray[np.float32] = joined @ rejection.weights + rejection.bias
        return scores

    noise = np.random.default_rng(9).integers(0, 256, (8, 60, 80, 3), np.uint8)
    others = np.concatenate([preprocess(Image.fromarray(levels), SPEC)[0] for levels in noise])
    assert (score(others) < 0).all()
    assert (score(brains(range(20, 24))) > 0).mean() > 0.8


def test_without_photographs_or_pooling_there_is_none(pictures: list[Path], tmp_path: Path) -> None:
    assert photographs(tmp_path / "nowhere") == []
    assert fit(networks.build("edge", SPEC), SPEC, arrays(1), [], seed=1) is None
    paper = InputSpec(size=32, channels=3, crop="none", contrast="none")
    assert fit(networks.build("paper", paper), paper, arrays(1), pictures, seed=1) is None
