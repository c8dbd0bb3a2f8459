"""From 16 bits to the eight that are shown, by the range of a picture without its few outliers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.robust import OUTERMOST, robust_range
from edge_app.strips import strips

ROWS = 16  # that are worked on at a time; as an index each value takes eight bytes
WHITE = 1 << 15  # a picture with levels from here on uses all of its 16 bits

Levels: TypeAlias = "NDArray[np.integer[Any]]"
# Reads a strip (left, top, right, bottom) of a picture: (rows, columns, samples), 0 to 65,535.
Reader: TypeAlias = Callable[[tuple[int, int, int, int]], Levels]


def grey_levels(image: Image.Image, transparent: tuple[int, ...] | None = None) -> Image.Image:
    """Shows a grey picture of 16 bits or more with 8.

    One that uses all 16 bits keeps their upper eight, as browsers do. Many have but ten or twelve bits, and
    are scaled so that the brightest level is white; pixels that are few, and brighter by far, are white too.

    Args:
        image: Of mode I or one of its kin.
        transparent: The level that is shown black.

    Returns:
        A grey image (mode L).
    """

    def read(strip: tuple[int, int, int, int]) -> Levels:
        return np.asarray(image.crop(strip)).clip(0, 65_535)[..., None]

    return _show(image.size, "L", read, transparent)


def colour_levels(
    upper: Image.Image, lower: Image.Image, transparent: tuple[int, ...] | None = None
) -> Image.Image:
    """Shows a picture of several samples of 16 bits with 8, by one range for all of its colours.

    Args:
        upper: The upper eight bits of each sample, of mode RGB, RGBA or LA.
        lower: The lower eight.
        transparent: The colour that is shown black.

    Returns:
        An image of the same mode; an alpha channel keeps its upper eight bits.
    """

    def read(strip: tuple[int, int, int, int]) -> Levels:
        high, low = (np.asarray(image.crop(strip)).astype(np.uint16) for image in (upper, lower))
        return high << 8 | low

    return _show(upper.size, upper.mode, read, transparent)


def uses_all_bits(image: Image.Image) -> bool:
    """Tells of the upper eight bits of RGB or RGBA whether they alone show that all 16 are used."""
    counts = np.array(image.histogram()[: 3 * 256]).reshape(3, 256).sum(axis=0)
    return _common(counts) >= WHITE >> 8


def _show(size: tuple[int, int], mode: str, read: Reader, transparent: tuple[int, ...] | None) -> Image.Image:
    colours = 3 if mode.startswith("RGB") else 1
    counts = np.zeros(1 << 16, np.int64)
    for strip in strips((0, 0, *size), ROWS):
        levels = read(strip)[..., :colours]
        if transparent is not None:
            levels = np.where((levels == transparent).all(axis=2, keepdims=True), 0, levels)
        counts += np.bincount(levels.ravel(), minlength=counts.size)
    table = _table(counts)
    shown = Image.new(mode, size)
    for strip in strips((0, 0, *size), ROWS):
        levels = read(strip)
        part = np.dstack([table[levels[..., :colours]], (levels[..., colours:] >> 8).astype(np.uint8)])
        if transparent is not None:
            part[(levels[..., :colours] == transparent).all(axis=2)] = 0
        shown.paste(Image.fromarray(part if part.shape[2] > 1 else part[..., 0]), strip)
    return shown


def _table(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Returns what each of 65,536 levels is shown as, by how many samples have it."""
    white = _brightest(counts)
    levels = np.arange(counts.size)
    shown = levels >> 8 if white >= WHITE else np.minimum(levels * 255 // max(white, 1), 255)
    return shown.astype(np.uint8)


def _brightest(counts: NDArray[np.int64]) -> int:
    """Returns the brightest level there is, without those few that are brighter by far than the rest."""
    _, brightest = robust_range(np.flatnonzero(counts).astype(np.float64), 0.0, _common(counts))
    return int(brightest)


def _common(counts: NDArray[np.int64]) -> int:
    """Returns the lowest level that no more than the outermost samples exceed."""
    total = int(counts.sum())
    return int(np.argmax((total - np.cumsum(counts)) * OUTERMOST <= total))
