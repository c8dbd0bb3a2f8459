from __future__ import annotations

import numpy as np
import pytest

from convert.calibrate.temperature import fit, logits_of, soften


def test_a_known_temperature_is_found() -> None:
    """Labels are drawn as often as the probabilities say; the logits are then sharpened."""
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(20000, 4)).astype(np.float32)
    truth = (soften(logits, 1).cumsum(axis=1) > generator.random((20000, 1))).argmax(axis=1)
    assert fit(2.5 * logits, truth) == pytest.approx(2.5, rel=0.05)


def test_probabilities_and_their_logits() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1, 0.0], [0.25, 0.25, 0.25, 0.25]], np.float32)
    assert soften(logits_of(probabilities), 1) == pytest.approx(probabilities, abs=1e-6)


def test_logits_beyond_all_floats() -> None:
    assert soften(np.array([[1e4, 0, 0, 0]], np.float32), 0.05).tolist() == [[1, 0, 0, 0]]
