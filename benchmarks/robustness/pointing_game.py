"""The heatmap against the tumours' boxes: the pointing game (Zhang et al. 2016)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.predictions import Pointing

Box = tuple[float, float, float, float]


def point(heatmap: NDArray[np.float32], box: Box) -> Pointing:
    """Plays one round.

    Args:
        heatmap: float32 (H, W) over the whole picture.
        box: The tumour's centre x and y, width and height, as fractions of the picture.
    """
    height, width = heatmap.shape
    y, x = np.unravel_index(int(heatmap.argmax()), heatmap.shape)
    centre_x, centre_y, box_width, box_height = box
    rows = np.abs((np.arange(height) + 0.5) / height - centre_y) <= box_height / 2
    columns = np.abs((np.arange(width) + 0.5) / width - centre_x) <= box_width / 2
    total = float(heatmap.sum())
    inside = float(heatmap[np.ix_(rows, columns)].sum()) / total if total > 0 else 0.0
    return Pointing(bool(rows[y] and columns[x]), inside)
