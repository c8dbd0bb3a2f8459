from __future__ import annotations

import numpy as np
import pytest

from evaluation.reliability import (
    calibration_error,
    ece,
    noise_floor,
    reliability,
    reliability_by_mass,
    risk_coverage,
)


def test_answers_as_sure_as_they_are_right_have_no_calibration_error() -> None:
    confidence = np.repeat([0.5, 0.75, 1.0], 4)
    right = np.array([1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1], bool)
    bins = reliability(confidence, right)
    assert [each.accuracy for each in bins] == [0.5, 0.75, 1.0]
    assert sum(each.share for each in bins) == pytest.approx(1)
    assert ece(bins) == pytest.approx(0)


def test_overconfidence_is_measured() -> None:
    bins = reliability(np.full(10, 0.9), np.arange(10) < 6)
    assert ece(bins) == pytest.approx(0.3)


def test_risk_falls_where_doubtful_answers_are_kept_back() -> None:
    confidence = np.array([0.6, 0.99, 0.7, 0.9])
    coverage, risk = risk_coverage(confidence, np.array([False, True, False, True]))
    assert coverage == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 0, 1 / 3, 0.5])


def test_the_calibration_error_is_of_the_most_probable_answers() -> None:
    stated = np.tile(np.array([0.8, 0.2, 0, 0], np.float32), (10, 1))
    truth = np.array([0] * 6 + [1] * 4)
    assert calibration_error(truth, stated) == pytest.approx(0.2)


def test_bins_of_equal_mass_hold_as_many_answers_each() -> None:
    confidence = np.concatenate([np.full(90, 0.99), np.full(10, 0.3)])
    right = np.concatenate([np.ones(90, bool), np.arange(10) < 3])
    bins = reliability_by_mass(confidence, right)
    assert [each.share for each in bins] == [0.1] * 10
    assert bins[0].confidence == pytest.approx(0.3) and bins[0].accuracy == 0.3
    assert ece(bins) == pytest.approx(0.9 * 0.01)
    assert len(reliability_by_mass(confidence[:3], right[:3])) == 3


def test_a_calibrated_net_stays_at_the_noise_floor_and_an_overconfident_one_above() -> None:
    generator = np.random.default_rng(4)
    confidence = generator.uniform(0.5, 1, 1000)
    floor = noise_floor(confidence)
    assert 0.01 < floor < 0.05 and noise_floor(confidence) == floor
    calibrated = ece(reliability_by_mass(confidence, generator.random(1000) < confidence))
    assert abs(calibrated - floor) < 0.02
    assert ece(reliability_by_mass(confidence, generator.random(1000) < confidence - 0.2)) > floor + 0.15
    assert noise_floor(generator.uniform(0.5, 1, 100)) > 2 * floor, "fewer slices, more chance"


def test_a_net_that_is_always_sure_has_no_noise() -> None:
    assert noise_floor(np.ones(50)) == 0
