from dataclasses import replace

import pytest

from benchmarks.measure.predictions import Answer, HeldOut
from benchmarks.report.scores import difference, judge, score

LABELS = ("a", "b", "no_tumor")


def answers(truth, predicted, keras=None, file="one", groups=None, verdict="answer", copied=None):
    places = {"-": "no_tumor"}
    return [
        Answer(
            file=file,
            path=f"{i}.jpg",
            group=str(i if groups is None else groups[i]),
            label=places.get(label, label),
            copy=bool(copied and copied[i]),
            keras=places.get((keras or predicted)[i], (keras or predicted)[i]),
            predicted=places.get(predicted[i], predicted[i]),
            verdict=verdict,
            tumour=float(predicted[i] != "-"),
            confidence=1.0,
        )
        for i, label in enumerate(truth)
    ]


def test_measures_of_a_known_confusion():
    result = score(answers("aabb----", "abbb---a"), LABELS)
    values = {name: estimate.value for name, estimate in result.measures.items()}
    assert values["accuracy"] == 6 / 8
    assert values["balanced"] == pytest.approx((1 / 2 + 1 + 3 / 4) / 3)
    assert values["sensitivity"] == 1, "one tumour for another is a tumour all the same"
    assert values["specificity"] == 3 / 4
    assert values["macro_f1"] == pytest.approx((2 / 4 + 4 / 5 + 6 / 7) / 3)
    assert result.confusion == ((1, 1, 0), (0, 2, 0), (1, 0, 3))
    assert [(one.label, one.slices, one.sensitivity, one.precision) for one in result.classes] == [
        ("a", 2, 0.5, 0.5),
        ("b", 2, 1.0, pytest.approx(2 / 3)),
        ("no_tumor", 4, 0.75, 1.0),
    ]
    for estimate in result.measures.values():
        assert estimate.low <= estimate.value <= estimate.high


def test_intervals_respect_groups():
    truth, predicted = "ab" * 20, "aa" * 20
    alone = score(answers(truth, predicted), ("a", "b")).measures["accuracy"]
    together = score(answers(truth, predicted, groups=[i % 4 for i in range(40)]), ("a", "b"))
    wide = together.measures["accuracy"]
    assert wide.high - wide.low > alone.high - alone.low


def test_one_group_leaves_the_interval_unknown():
    accuracy = score(answers("ab", "aa", groups=[1, 1]), ("a", "b")).measures["accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == (0.5, None, None)


def test_without_the_answer_no_tumour_there_is_no_tumour_or_not():
    measures = score(answers("ab", "ab"), ("a", "b")).measures
    assert set(measures) == {"accuracy", "balanced", "macro_f1"}


def test_a_class_without_slices_has_no_say():
    result = score(answers("aa--", "aa--"), LABELS)
    assert result.measures["balanced"].value == result.measures["macro_f1"].value == 1
    assert result.classes[1].sensitivity is None and result.classes[1].precision is None


def test_flips_and_losses_against_keras():
    result = score(answers("aabb", "aaab", keras="abbb"), LABELS)
    assert (result.keras, result.lost.value) == (0.75, 0)
    assert result.flipped == 2, "one gained and one lost slice are two flips, though no accuracy is lost"
    lost = score(answers("aaab", "abbb", keras="aaab"), LABELS).lost
    assert lost.value == 0.5 and lost.low <= 0.5 <= lost.high
    equal = score(answers("aabb", "abab"), LABELS).lost
    assert (equal.value, equal.low, equal.high) == (0, 0, 0)


def test_verdicts_are_counted():
    mixed = answers("aa", "aa") + answers("a", "a", verdict="unsure")
    assert score(mixed, LABELS).verdicts == {"answer": 2, "unsure": 1}


def test_parts_are_scored_apart():
    given = answers("a-", "a-") + [replace(one, source="wide/x") for one in answers("a-", "--")]
    given += [replace(one, label="tumour") for one in answers("a", "a")]
    result = score(given, LABELS)
    assert [part.name for part in result.apart.parts] == ["wide/x", "classic", "mixed"]
    assert result.apart.part("mixed").slices == 1
    assert result.apart.part("wide") is None


def test_copies_are_told_apart_from_new_slices():
    result = score(answers("aabb", "aabb", copied=[1, 1, 0, 0]), LABELS)
    assert (result.copies.value, result.new.value) == (1, 1)
    result = score(answers("aabb", "aaaa", copied=[1, 1, 1, 0]), LABELS)
    assert (result.copies.value, result.new.value) == (pytest.approx(2 / 3), 0)
    for copied in ([1] * 4, [0] * 4):
        result = score(answers("aabb", "aaaa", copied=copied), LABELS)
        assert (result.copies, result.new) == (None, None)


def test_any_two_files_are_compared():
    part = HeldOut("data", "grouped", 4, 4, "", LABELS, {})
    found = judge(
        part,
        answers("aabb", "aabb", file="x")
        + answers("aabb", "abaa", file="y")
        + answers("aabb", "bbbb", file="z"),
    )
    assert [(one.one, one.other, one.one_only, one.other_only) for one in found.duels] == [
        ("x", "y", 3, 0),
        ("x", "z", 2, 0),
        ("y", "z", 1, 2),
    ]
    assert found.duels[0].p == 0.25


def test_differences_are_paired():
    truth, groups = "ab" * 30, None
    old = answers(truth, "ab" * 20 + "aa" * 10, groups=groups)
    new = answers(truth, "ab" * 25 + "aa" * 5, groups=groups)
    grown = difference(old, new[::-1], ("a", "b"))["accuracy"]
    assert grown.value == pytest.approx(5 / 60)
    assert grown.low > 0, "though the intervals of the two accuracies overlap"
    same = difference(old, old, ("a", "b"))["accuracy"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
