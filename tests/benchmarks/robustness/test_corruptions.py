from __future__ import annotations

import numpy as np
import pytest

from benchmarks.robustness.corruptions import CORRUPTIONS
from tests.phantoms import phantom


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_can_be_repeated_and_leaves_an_rgb_picture(name: str) -> None:
    corrupt, strengths = CORRUPTIONS[name]
    assert len(strengths) == 5
    image = phantom("glioma", 1).convert("RGB")
    before = np.asarray(image).copy()
    first, second = (corrupt(image, strengths[2], np.random.default_rng(3)) for _ in range(2))
    assert first.mode == "RGB" and min(first.size) >= 64
    assert np.array_equal(np.asarray(first), np.asarray(second))
    assert np.array_equal(np.asarray(image), before)


@pytest.mark.parametrize(
    "name", ["JPEG quality", "Noise, levels", "Blur, % of the width", "Photographed monitor"]
)
def test_more_strength_changes_more(name: str) -> None:
    corrupt, strengths = CORRUPTIONS[name]
    image = phantom("meningioma", 2).convert("RGB")

    def change(strength: float) -> float:
        corrupted = np.asarray(corrupt(image, strength, np.random.default_rng(3))).astype(float)
        return float(np.abs(corrupted - np.asarray(image)).mean())

    assert 0 < change(strengths[0]) < change(strengths[4])
