from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from edge_app.preprocessing import InputSpec, preprocess
from edge_app.quality import Quality, measure, notes
from tests.edge_app.qualities import GOOD


def quality(image: Image.Image) -> Quality:
    pixels, box = preprocess(image, InputSpec())
    return measure(image, pixels, box)


def test_a_grey_picture_has_no_colour_and_an_even_tint_hardly_any() -> None:
    levels = np.random.default_rng(1).integers(60, 256, (200, 300, 1))
    grey = np.repeat(levels, 3, axis=2).astype(np.uint8)
    assert quality(Image.fromarray(grey)).colour == 0
    tinted = (grey * np.array([1.0, 0.8, 0.6])).astype(np.uint8)
    assert quality(Image.fromarray(tinted)).colour <= 3


def test_different_hues_are_colour() -> None:
    hues = np.random.default_rng(1).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    assert quality(Image.fromarray(hues)).colour > 50


def test_a_black_picture_is_measured() -> None:
    assert quality(Image.new("RGB", (64, 64))) == Quality(0, 64, 0, 0, 0, 100, 100, 100, 100, 0, 0)


def test_the_side_is_that_of_the_square_the_model_sees() -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    picture[100:200, 80:230] = 200
    found = quality(Image.fromarray(picture))
    assert found.side == 150 and found.cut == 0 and found.background == 0


def test_tissue_along_an_edge_is_cut() -> None:
    assert quality(Image.new("RGB", (100, 100), (200, 200, 200))).cut == 100


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"side": 127}, "small"),
        ({"cut": 95}, "cropped"),
        ({"sharpness": 30}, "blurred"),
        ({"background": 90}, "photographed"),
        ({"mirror": 111, "aspect": 106}, "turned"),
    ],
)
def test_each_fault_has_its_note(change: dict[str, int], note: str) -> None:
    assert notes(GOOD) == ()
    assert notes(Quality(**(vars(GOOD) | change))) == (note,)
