"""From more than eight bits to the eight that are shown, without the outermost few pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FEW = 1000  # one pixel in so many may be brighter by far than the rest
WHITE = 1 << 15  # a picture with levels from here on uses all of its 16 bits


def to_levels(image: Image.Image, transparent: int | None = None) -> Image.Image:
    """Shows a grey picture of 16 bits or more with 8.

    One that uses all 16 bits keeps their upper eight, as browsers do. Many have but ten or twelve bits, and
    are scaled so that the brightest level is white; pixels that are few, and brighter by far, are white too.

    Args:
        image: Of mode I or one of its kin.
        transparent: The level that is shown black.

    Returns:
        A grey image (mode L).
    """
    # Rows are worked on one by one, since as an index each value takes eight bytes.
    values = np.asarray(image)
    counts = np.zeros(1 << 16, np.int64)
    for row in values:
        counts += np.bincount(_clip(row), minlength=counts.size)
    # Level 0 is black anyway.
    if transparent:
        counts[0] += counts[transparent]
        counts[transparent] = 0
    table = _table(counts)
    if transparent:
        table[transparent] = 0
    shown = np.empty(values.shape, np.uint8)
    for row, line in zip(values, shown, strict=True):
        line[:] = table[_clip(row)]
    return Image.fromarray(shown)


def _clip(row: NDArray[np.integer[Any]]) -> NDArray[np.uint16]:
    return row.clip(0, 65_535).astype(np.uint16)


def _table(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Returns what each of 65,536 levels is shown as, by how many pixels have it."""
    white = _brightest(counts)
    levels = np.arange(counts.size)
    shown = levels >> 8 if white >= WHITE else np.minimum(levels * 255 // max(white, 1), 255)
    return shown.astype(np.uint8)


def _brightest(counts: NDArray[np.int64]) -> int:
    """Returns the brightest level there is, without those few that are brighter by far than the rest."""
    brighter = counts.sum() - np.cumsum(counts)
    # Exceeded by few.
    common = int(np.argmax(brighter * FEW <= counts.sum()))
    present = np.flatnonzero(counts[: 2 * common + 1] if common else counts)
    return int(present[-1])
