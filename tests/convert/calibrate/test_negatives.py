from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convert.calibrate.negatives import (
    CROPS,
    GENERATED,
    IN_HEADS,
    OF_SLICES,
    OTHER_CROPS,
    of_others,
    of_photographs,
    of_slices,
    photographs,
)


def slices(count: int = 7) -> NDArray[np.uint8]:
    """Bright discs on black, each of a level of its own."""
    y, x = np.mgrid[-1:1:32j, -1:1:32j]
    disc = (np.hypot(x, y) < 0.8)[None, ..., None]
    levels = np.arange(60, 60 + 20 * count, 20, dtype=np.uint8).reshape(-1, 1, 1, 1)
    return np.where(disc, levels, np.uint8(0))


def drawn(seed: int = 1) -> Iterator[Image.Image]:
    return of_slices(slices(), np.random.default_rng(seed))


def test_every_second_photograph_is_to_fit_on(tmp_path: Path) -> None:
    assert photographs(tmp_path) == []
    (tmp_path / "not_mri").mkdir()
    for name in "dbca":
        (tmp_path / "not_mri" / f"{name}.png").touch()
    assert [path.name for path in photographs(tmp_path)] == ["a.png", "c.png"]


def test_photographs_and_others_are_cropped(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    levels = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(levels).save(path)
    shown = list(of_photographs([path], np.random.default_rng(1)))
    assert len(shown) == CROPS + IN_HEADS + GENERATED
    whole, *crops = of_others([path], np.random.default_rng(1))
    assert np.array_equal(np.asarray(whole), levels) and len(crops) == OTHER_CROPS


def test_sheets_hold_several_slices_and_screens_more_than_a_slice() -> None:
    shown = list(islice(drawn(), 40))
    for sheet in shown[::2]:
        assert max(sheet.size) >= 2 * 32, "two slices side by side at least"
    for screen in shown[1::2]:
        assert min(screen.size) >= 400
        grey = np.asarray(screen.convert("L"))
        assert len(np.unique(grey)) > 5, "bars, text and slices"


def test_negatives_of_film_are_bright_around_a_dark_slice() -> None:
    shown = list(drawn())
    assert len(shown) == 2 * OF_SLICES + OF_SLICES // 2
    negative = np.asarray(shown[-1].convert("L")).astype(int)
    middle = negative[negative.shape[0] // 2, negative.shape[1] // 2]
    assert 255 - middle in range(60, 60 + 7 * 20, 20)


@pytest.mark.parametrize("count", [1, 7])
def test_the_seed_decides(count: int) -> None:
    first, again, other = (
        [np.asarray(image) for image in islice(of_slices(slices(count), np.random.default_rng(seed)), 6)]
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert any(a.shape != b.shape for a, b in zip(first, other, strict=True))
