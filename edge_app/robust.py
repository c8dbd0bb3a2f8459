"""The range of a picture's levels, whatever a few of its pixels say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OUTERMOST = 1000  # of so many pixels one at each end says nothing of the range


def robust_range(levels: NDArray[np.float64], low: float, high: float) -> tuple[float, float]:
    """Returns the lowest and the highest level of a picture without its outliers.

    An outlier lies farther beyond the range of all but the outermost 1/``OUTERMOST`` at each end than that
    range is wide. An ordinary picture has none, and its range is all of it; a few hot pixels take two thirds
    of it at most.

    Args:
        levels: float64 of the pixels, in rising order, each at least once.
        low: The lowest of all but the outermost pixels.
        high: The highest of them.
    """
    width = high - low
    if width == 0:
        return float(levels[0]), float(levels[-1])
    first = np.searchsorted(levels, low - width, side="left")
    last = np.searchsorted(levels, high + width, side="right") - 1
    return float(levels[first]), float(levels[last])
