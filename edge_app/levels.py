"""From more than eight bits to the eight that are shown, without the outermost few pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.strips import strips

FEW = 1000  # one pixel in so many may be brighter by far than the rest
ROWS = 16  # that are worked on at a time; as an index each value takes eight bytes
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
    counts = np.zeros(1 << 16, np.int64)
    for strip in strips((0, 0, *image.size), ROWS):
        counts += np.bincount(_values(image, strip).ravel(), minlength=counts.size)
    # Level 0 is black anyway.
    if transparent:
        counts[0] += counts[transparent]
        counts[transparent] = 0
    table = _table(counts)
    if transparent:
        table[transparent] = 0
    shown = Image.new("L", image.size)
    for strip in strips((0, 0, *image.size), ROWS):
        shown.paste(Image.fromarray(table[_values(image, strip)]), strip)
    return shown


def _values(image: Image.Image, strip: tuple[int, int, int, int]) -> NDArray[np.integer[Any]]:
    return np.asarray(image.crop(strip)).clip(0, 65_535)


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
