from __future__ import annotations

import numpy as np
import pytest

from train.evaluation import calibration_error, evaluate, tumour_or_not

TRUTH = np.array([0, 0, 1, 2, 2, 3])
RIGHT = np.eye(4, dtype=np.float32)[TRUTH]


def test_a_perfect_net() -> None:
    metrics = evaluate(TRUTH, RIGHT, list("aabcde"))
    assert metrics["accuracy"] == {"value": 1, "low": 1, "high": 1}
    assert metrics["confusion"] == np.diag([2, 1, 2, 1]).tolist()
    assert metrics["tumour"]["sensitivity"] == metrics["tumour"]["specificity"] == 1
    assert metrics["ece"] == 0
    assert (metrics["slices"], metrics["groups"]) == (6, 5)


def test_one_mistake_is_counted_where_it_belongs() -> None:
    answers = RIGHT.copy()
    answers[0] = [0.1, 0.2, 0.7, 0]  # a glioma that is called no tumour
    metrics = evaluate(TRUTH, answers, list("aabcde"))
    assert metrics["accuracy"]["value"] == pytest.approx(5 / 6)
    assert metrics["classes"]["glioma"]["recall"] == 0.5
    assert metrics["classes"]["no_tumor"]["precision"] == pytest.approx(2 / 3)
    assert metrics["balanced_accuracy"] == pytest.approx(3.5 / 4)
    assert metrics["tumour"]["sensitivity"] == 0.75 and metrics["tumour"]["specificity"] == 1


def test_tumour_or_not_needs_both() -> None:
    assert tumour_or_not(np.array([0, 1]), RIGHT[:2]) is None
    assert tumour_or_not(np.array([2, 2]), RIGHT[3:5]) is None


def test_calibration_error_is_the_gap_between_stated_and_true() -> None:
    stated = np.tile(np.array([0.8, 0.2, 0, 0], np.float32), (10, 1))
    truth = np.array([0] * 6 + [1] * 4)
    assert calibration_error(truth, stated) == pytest.approx(0.2)


def test_a_class_that_is_absent_does_not_lower_the_balance() -> None:
    metrics = evaluate(TRUTH[:3], RIGHT[:3], list("abc"))
    assert metrics["balanced_accuracy"] == 1
    assert metrics["classes"]["pituitary"]["support"] == 0
