from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.metrics import auc, difference, evaluate, pairwise_mcnemar, roc_curve
from evaluation.predictions import Pointing
from tests.evaluation.rows import rows

LABELS = ("a", "b", "no_tumor")


def test_figures_of_a_known_confusion() -> None:
    result = evaluate(rows("aabb----", "abbb---a"), LABELS)
    values = {name: estimate.value for name, estimate in result.overall.items()}
    assert values["accuracy"] == 6 / 8
    assert values["balanced_accuracy"] == pytest.approx((1 / 2 + 1 + 3 / 4) / 3)
    assert values["sensitivity"] == 1, "one tumour for another is a tumour all the same"
    assert values["specificity"] == 3 / 4
    assert values["macro_f1"] == pytest.approx((2 / 4 + 4 / 5 + 6 / 7) / 3)
    assert result.confusion == ((1, 1, 0), (0, 2, 0), (1, 0, 3))
    assert [(each.label, each.slices, each.sensitivity, each.precision) for each in result.classes] == [
        ("a", 2, 0.5, 0.5),
        ("b", 2, 1.0, pytest.approx(2 / 3)),
        ("no_tumor", 4, 0.75, 1.0),
    ]
    assert [each.f1 for each in result.classes] == [pytest.approx(x) for x in (2 / 4, 4 / 5, 6 / 7)]
    for estimate in result.overall.values():
        assert estimate.low is not None and estimate.high is not None
        assert estimate.low <= estimate.value <= estimate.high


def test_intervals_respect_groups() -> None:
    truth, predicted = "ab" * 20, "aa" * 20
    groups = [str(i % 4) for i in range(40)]
    alone = evaluate(rows(truth, predicted), ("a", "b")).overall["accuracy"]
    together = evaluate(rows(truth, predicted, group=groups), ("a", "b")).overall["accuracy"]
    assert together.low is not None and together.high is not None
    assert alone.low is not None and alone.high is not None
    assert together.high - together.low > alone.high - alone.low


def test_an_accuracy_has_one_interval_wherever_it_is_computed() -> None:
    result = evaluate(rows("aab-" * 5, "abb-" * 5, group=[str(i // 3) for i in range(20)]), LABELS)
    (classic,) = result.parts
    assert classic.right and classic.right.estimate == result.overall["accuracy"]


def test_one_group_leaves_the_interval_unknown() -> None:
    accuracy = evaluate(rows("ab", "aa", group=["1", "1"]), ("a", "b")).overall["accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == (0.5, None, None)


def test_without_the_answer_no_tumour_there_is_no_tumour_or_not() -> None:
    result = evaluate(rows("ab", "ab"), ("a", "b"))
    assert set(result.overall) == {"accuracy", "balanced_accuracy", "macro_f1"}
    assert result.auc is None


def test_a_class_without_slices_has_no_say() -> None:
    result = evaluate(rows("aa--", "aa--"), LABELS)
    assert result.overall["balanced_accuracy"].value == result.overall["macro_f1"].value == 1
    assert result.classes[1].sensitivity is None and result.classes[1].precision is None


def test_flips_and_losses_against_keras() -> None:
    result = evaluate(rows("aabb", "aaab", keras="abbb"), LABELS).against_keras
    assert result and (result.accuracy, result.lost.value) == (0.75, 0)
    assert result.flipped == 2, "one gained and one lost slice are two flips, though no accuracy is lost"
    lossy = evaluate(rows("aaab", "abbb", keras="aaab"), LABELS).against_keras
    assert lossy and lossy.lost.low is not None and lossy.lost.high is not None
    assert lossy.lost.value == 0.5 and lossy.lost.low <= 0.5 <= lossy.lost.high
    equal = evaluate(rows("aabb", "abab"), LABELS).against_keras
    assert equal and (equal.lost.value, equal.lost.low, equal.lost.high) == (0, 0, 0)
    assert evaluate([replace(each, keras="") for each in rows("ab", "ab")], LABELS).against_keras is None


def test_verdicts_are_counted() -> None:
    mixed = rows("aaa", "aaa", verdict=["answer", "answer", "unsure"])
    assert evaluate(mixed, LABELS).verdicts == {"answer": 2, "unsure": 1}


def test_parts_are_scored_apart() -> None:
    given = rows("a-", "a-") + rows("a-", "--", source="wide/x")
    given += [replace(each, label="tumour") for each in rows("a", "a")]
    result = evaluate(given, LABELS)
    assert [part.name for part in result.parts] == ["wide/x", "classic", "mixed"]
    mixed = result.part("mixed")
    assert mixed and mixed.slices == 1
    assert result.part("wide") is None
    assert result.slices == 4


def test_copies_are_told_apart_from_new_slices() -> None:
    result = evaluate(rows("aabb", "aaaa", copy=[True, True, True, False]), LABELS)
    assert result.copies and result.new
    assert [result.copies.value, result.new.value] == pytest.approx([2 / 3, 0])
    for copy in (True, False):
        result = evaluate(rows("aabb", "aaaa", copy=copy), LABELS)
        assert (result.copies, result.new) == (None, None)


def test_the_pointing_game_counts_tumours_that_are_named_rightly() -> None:
    rounds = [Pointing(True, 0.5), Pointing(False, 0.1), None, Pointing(True, 0.9)]
    result = evaluate(rows("aab-", "abb-", pointing=rounds), LABELS).pointing
    assert result and (result.tumours, result.hits) == (2, 1)
    assert result.inside == pytest.approx(0.7)
    assert evaluate(rows("ab", "ab"), LABELS).pointing is None


def test_calibration_is_over_slices_of_known_type() -> None:
    given = rows("aabb", "aaaa", confidence=0.75)
    assert evaluate(given, LABELS).ece == pytest.approx(0.25)
    mixed = [replace(each, label="tumour", confidence=0.1) for each in given]
    assert evaluate(given + mixed, LABELS).ece == pytest.approx(0.25)


def test_the_area_under_the_curve_counts_pairs() -> None:
    scores, positive = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert auc(scores, positive) == pytest.approx(3.5 / 4)
    assert auc(scores, np.ones(4, bool)) is None
    false, true = roc_curve(scores, positive)
    assert (false.tolist(), true.tolist()) == ([0, 0, 0.5, 1], [0, 0.5, 1, 1])
    assert np.trapezoid(true, false) == pytest.approx(3.5 / 4)


def test_any_two_files_are_compared() -> None:
    files = {"x": rows("aabb", "aabb"), "y": rows("aabb", "abaa"), "z": rows("aabb", "bbbb")}
    found = pairwise_mcnemar(files)
    assert [(each.first, each.second, each.first_only, each.second_only) for each in found] == [
        ("x", "y", 3, 0),
        ("x", "z", 2, 0),
        ("y", "z", 1, 2),
    ]
    assert found[0].p == 0.25


def test_differences_are_paired() -> None:
    truth = "ab" * 30
    old, new = rows(truth, "ab" * 20 + "aa" * 10), rows(truth, "ab" * 25 + "aa" * 5)
    grown = difference(old, new[::-1], ("a", "b"))["accuracy"]
    assert grown.value == pytest.approx(5 / 60)
    assert grown.low is not None and grown.low > 0, "though the intervals of the two accuracies overlap"
    same = difference(old, old, ("a", "b"))["accuracy"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
