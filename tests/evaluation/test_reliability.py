from __future__ import annotations

import numpy as np
import pytest

from evaluation.reliability import calibration_error, ece, reliability, risk_coverage


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
