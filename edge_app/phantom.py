"""Drawn heads: what a device reads to check a model, and to measure itself.

Whole numbers alone, so that every machine draws the same pixels. They hold nothing of any patient, and say
nothing about how good a model is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 256
COUNT = 4
# Left of the centre, below it, radius, brightness; in half pixels.
SPOTS = ((0, 0, 0, 0), (110, -70, 70, 90), (-150, 40, 48, 110), (0, 115, 32, 105))

Plane = NDArray[np.int64]


def phantom(number: int) -> NDArray[np.uint8]:
    """Draws one of ``COUNT`` heads, the first without a tumour.

    Returns:
        Grey levels, uint8 (256, 256).
    """
    y, x = np.mgrid[1 - SIDE : SIDE : 2, 1 - SIDE : SIDE : 2].astype(np.int64)
    wide, high = 176 + 4 * number, 222 - 3 * number
    levels = np.where(_ellipse(x, y, wide, high), 190, 6)
    levels[_ellipse(x, y, wide - 14, high - 14)] = 18
    brain = _ellipse(x, y, wide - 24, high - 24)
    levels[brain] = 100 + _folds(x, y, number)[brain]
    for side in (-1, 1):
        levels[brain & _ellipse(x - side * 30, y + 14, 17, 62)] = 44
    across, down, radius, brightness = SPOTS[number]
    if radius:
        levels[brain & _ellipse(x + across, y - down, radius, radius)] += brightness
    return _smooth(levels).astype(np.uint8)


def _ellipse(x: Plane, y: Plane, wide: int, high: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (x * high) ** 2 + (y * wide) ** 2 <= (wide * high) ** 2
    return inside


def _folds(x: Plane, y: Plane, number: int) -> Plane:
    """Returns a pattern of 0 to 31, the same on both sides of the head."""
    bent: Plane = (abs(x) * (5 + number) + y * 3 + (x * x + 2 * y * y) // 96) // 4
    return abs(bent % 64 - 32)


def _smooth(levels: Plane) -> Plane:
    """Returns means of 3 x 3 pixels, whose edges wrap around in the dark."""
    rows: Plane = (np.roll(levels, 1, 0) + levels + np.roll(levels, -1, 0)) // 3
    mean: Plane = (np.roll(rows, 1, 1) + rows + np.roll(rows, -1, 1)) // 3
    return mean
