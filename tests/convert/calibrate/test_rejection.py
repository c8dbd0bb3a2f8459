"""Rejection on an untrained net: random features already tell photographs of noise from phantoms."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convert.calibrate import rejection as rejections
from convert.calibrate.negatives import OTHER_CROPS, photographs
from convert.calibrate.rejection import Negatives, draw_negatives, extract, features_of, fit, refused_unseen
from edge_app.bundle import sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from evaluation.out_of_distribution import OtherPicture
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


@pytest.fixture
def others(tmp_path: Path) -> list[OtherPicture]:
    """Waves of two families and two heads of a third, which nothing tells from those to be accepted."""
    waves = np.sin(np.arange(64) / 3)[None] * np.full((64, 1), 100) + 120
    made = []
    for family in ("across", "down"):
        for i in range(3):
            path = tmp_path / f"{family}{i}.png"
            levels = np.roll(waves, i, axis=1).astype(np.uint8)
            Image.fromarray(levels if family == "across" else levels.T).save(path)
            made.append(OtherPicture(path=path, kind="waves", half="train", family=family))
    for i in range(2):
        phantom("glioma", 900 + i).save(path := tmp_path / f"head{i}.png")
        made.append(OtherPicture(path=path, kind="head", half="train", family="heads"))
    return made


def brains(seeds: range) -> NDArray[np.uint8]:
    return np.concatenate([preprocess(decode(phantom(label, i)), SPEC)[0] for i in seeds for label in LABELS])


def arrays(count: int) -> Arrays:
    pixels = brains(range(count))
    targets = np.tile(np.eye(4, dtype=np.float32), (count, 1))
    boxes = np.full((len(pixels), 4), np.nan, np.float32)
    return Arrays(pixels=pixels, boxes=boxes, targets=targets)


def edge() -> keras.Model:
    keras.utils.set_random_seed(1)
    return networks.build("edge", SPEC)


def test_it_tells_heads_from_noise(pictures: list[Path]) -> None:
    net = edge()
    shown = draw_negatives(pictures, [], SPEC, seed=1)
    assert shown.photographs == tuple(sha256(path) for path in pictures)
    assert shown.others.shape == (0, 32, 32, 1) and shown.others_sha256 == ()
    features = extract(net, SPEC, arrays(10), shown, seed=1)
    assert features is not None
    rejection = fit(features)

    def score(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return rejection.score(features_of(net, SPEC, pixels))

    noise = np.random.default_rng(9).integers(0, 256, (8, 60, 80, 3), np.uint8)
    foreign = np.concatenate([preprocess(Image.fromarray(levels), SPEC)[0] for levels in noise])
    assert (score(foreign) < 0.5).all()
    assert (score(brains(range(20, 24))) > 0.5).mean() > 0.8


def test_features_are_maxima_then_means() -> None:
    net, pixels = edge(), brains(range(2))
    pooling = next(layer for layer in net.layers if "Global" in type(layer).__name__)
    maps = keras.Model(net.inputs, pooling.input).predict(pixels.astype(np.float32), verbose=0)
    wanted = np.concatenate([maps.max(axis=(1, 2)), maps.mean(axis=(1, 2))], axis=1)
    assert features_of(net, SPEC, pixels) == pytest.approx(wanted, abs=1e-5)
    assert features_of(net, SPEC, pixels[:0]).shape == (0, wanted.shape[1])


def test_other_pictures_are_shown_whole_and_cropped(pictures: list[Path], others: list[OtherPicture]) -> None:
    shown = draw_negatives(pictures, others, SPEC, seed=1)
    assert len(shown.others) == len(shown.families) == len(others) * (1 + OTHER_CROPS)
    assert shown.whole.sum() == len(others) and shown.whole[0] and not shown.whole[1]
    assert len(shown.others_sha256) == len(others)
    first = preprocess(decode(others[0].path), SPEC)[0]
    assert np.array_equal(shown.others[0], first[0])


def test_what_is_refused_of_a_family_is_told_by_a_fit_without_it(
    pictures: list[Path], others: list[OtherPicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = draw_negatives(pictures, others, SPEC, seed=1)
    features = extract(edge(), SPEC, arrays(10), shown, seed=1)
    assert features is not None
    assert refused_unseen(features, shown, 0.0) == 0
    assert refused_unseen(features, shown, 1.1) == len(others)
    fitted: list[int] = []

    def watched(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> rejections.Rejection:
        fitted.append(len(theirs) - len(features.drawn))
        return rejections.Rejection(np.zeros(ours.shape[1], np.float32), 0.0)

    monkeypatch.setattr(rejections, "_fit", watched)
    refused_unseen(features, shown, 0.5)
    sizes = [shown.families.count(family) for family in ("across", "down", "heads")]
    assert sorted(fitted) == sorted(len(shown.others) - size for size in sizes)


def test_a_net_that_does_not_end_in_pooling_has_none(pictures: list[Path]) -> None:
    paper = InputSpec(size=32, channels=3, crop="none", contrast="none")
    shown: Negatives = draw_negatives(pictures, [], paper, seed=1)
    assert extract(networks.build("paper", paper), paper, arrays(1), shown, seed=1) is None
