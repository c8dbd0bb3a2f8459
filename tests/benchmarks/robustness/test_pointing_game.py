from __future__ import annotations

import numpy as np
import pytest

from benchmarks.robustness.pointing_game import point


def test_the_hottest_point_in_the_box_is_a_hit() -> None:
    heatmap = np.zeros((40, 80), np.float32)
    heatmap[30, 20] = 1
    heatmap[5, 70] = 0.5
    pointing = point(heatmap, (0.25, 0.75, 0.1, 0.2))
    assert pointing.hit
    assert pointing.inside == pytest.approx(1 / 1.5)
    assert not point(heatmap, (0.75, 0.25, 0.1, 0.2)).hit


def test_a_dark_heatmap_has_no_heat_inside() -> None:
    assert point(np.zeros((8, 8), np.float32), (0.9, 0.9, 0.1, 0.1)).inside == 0
