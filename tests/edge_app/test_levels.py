from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from edge_app.levels import grey_levels

RAMP = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)


def shown(values: NDArray[np.integer[Any]], transparent: int | None = None) -> NDArray[np.uint8]:
    image = grey_levels(Image.fromarray(values), None if transparent is None else (transparent,))
    assert image.mode == "L"
    return np.asarray(image)


def test_a_picture_that_uses_all_bits_keeps_the_upper_eight() -> None:
    assert np.array_equal(shown(RAMP * 16), RAMP >> 4)
    assert np.array_equal(shown(RAMP * 8), np.minimum(RAMP.astype(int) * 8 * 255 // (4095 * 8), 255))


@pytest.mark.parametrize("bits", [8, 10, 12, 15])
def test_fewer_bits_are_a_picture_too(bits: int) -> None:
    values = (RAMP >> 4) * ((1 << bits) // 256)
    assert len(np.unique(shown(values))) == 256
    assert shown(values).max() == 255


def test_few_bright_pixels_take_nothing_of_the_range() -> None:
    hot = RAMP.copy()
    hot.flat[:4] = 65_535
    expected = shown(RAMP).copy()
    expected.flat[:4] = 255
    assert np.array_equal(shown(hot), expected)
    hot.flat[:40] = 65_535  # these are no few
    assert np.array_equal(shown(hot), hot >> 8)


def test_what_is_transparent_is_black_and_no_part_of_the_range() -> None:
    framed = np.pad(RAMP, 40, constant_values=65_535)
    assert np.array_equal(shown(framed, 65_535), np.pad(shown(RAMP), 40))
    assert np.array_equal(shown(RAMP, 0), shown(RAMP))


@pytest.mark.parametrize("level", [0, 1, 40_000])
def test_an_even_picture_stays_one(level: int) -> None:
    assert len(np.unique(shown(np.full((40, 50), level, np.uint16)))) == 1


def test_numbers_of_32_bits_are_cut_to_16() -> None:
    values = RAMP.astype(np.int32) * 100 - 5000
    assert np.array_equal(shown(values), values.clip(0, 65_535) >> 8)
