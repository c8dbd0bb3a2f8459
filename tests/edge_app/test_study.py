"""One word on many slices."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from edge_app.bundle import StudyRule
from edge_app.errors import UnreadableImage
from edge_app.study import FEWEST, StudySlice, score, study_of
from edge_app.verdict import Verdict
from tests.edge_app.make_golden import GOLDEN_STUDIES, studies, study_slice

RULE = StudyRule(rank=2, threshold=0.9)


def slice_(tumour: float, verdict: Verdict = "answer", name: str = "a.jpg") -> StudySlice:
    label = None if verdict == "refused" else "glioma" if tumour > 0.5 else "no_tumor"
    return study_slice(verdict, tumour, label, name)


def unreadable(name: str = "b.jpg") -> StudySlice:
    return StudySlice(name=name, frame=None, decision=None, error=UnreadableImage("empty", name=name))


def test_the_golden_studies() -> None:
    assert json.loads(GOLDEN_STUDIES.read_text()) == studies()


def test_a_tumour_on_two_of_many_slices_is_not_averaged_away() -> None:
    slices = [slice_(0.01)] * 198 + [slice_(0.95)] * 2
    found = study_of(slices, RULE)
    assert found.suspicious is True and found.score == pytest.approx(0.95)
    assert found.counts.suspicious == 2
    assert study_of(slices[:-1], RULE).suspicious is False


def test_the_order_of_slices_decides_nothing() -> None:
    values = (0.1, 0.95, 0.2, 0.92, 0.3)
    for order in permutations(values):
        found = study_of([slice_(value) for value in order], RULE)
        assert found.suspicious is True and found.score == pytest.approx(0.92)


def test_the_most_suspicious_stand_first_and_nothing_is_lost() -> None:
    slices = [
        unreadable("x.jpg"),
        slice_(0.2, name="low"),
        slice_(1.0, "refused", "refused"),
        slice_(0.9, "unsure", "high"),
        slice_(0.2, name="low too"),
    ]
    found = study_of(slices, RULE)
    assert [each.name for each in found.slices] == ["high", "low", "low too", "refused", "x.jpg"]
    counts = found.counts
    assert (counts.slices, counts.answer, counts.unsure, counts.refused, counts.unreadable) == (5, 2, 1, 1, 1)
    assert counts.judged == 3


@pytest.mark.parametrize("slices", range(1, FEWEST))
def test_a_study_of_few_slices_is_judged_by_its_highest(slices: int) -> None:
    """Lest it pass for lack of slices."""
    others = [slice_(0.01)] * (slices - 1)
    assert study_of([*others, slice_(0.91)], RULE).suspicious is True
    assert study_of([*others, slice_(0.89)], RULE).suspicious is False


def test_refused_and_unreadable_slices_are_not_judged() -> None:
    refused, high = slice_(0.99, "refused"), slice_(0.99)
    low = [slice_(0.01)] * 4
    assert study_of([*low, high, refused], RULE).suspicious is False
    # Without them it has few slices.
    assert study_of([*low[:3], high, refused, unreadable()], RULE).suspicious is True


@pytest.mark.parametrize("slices", [[], [unreadable()], [slice_(0.99, "refused")]])
def test_where_nothing_is_judged_nothing_is_said(slices: list[StudySlice]) -> None:
    found = study_of(slices, RULE)
    assert (found.suspicious, found.score, found.counts.suspicious) == (None, None, 0)


def test_without_a_rule_nothing_is_said() -> None:
    found = study_of([slice_(0.99)] * 9, None)
    assert (found.suspicious, found.score, found.counts.suspicious) == (None, None, None)
    assert found.counts.answer == 9


def test_an_answered_tumour_stands_out_whatever_the_threshold() -> None:
    """A study that isn't suspicious may hold one: then nobody may be told that no slice stands out."""
    slices = [slice_(0.8), *[slice_(0.01)] * 5]
    found = study_of(slices, RULE)
    assert (found.suspicious, found.counts.suspicious) == (False, 1)
    unsure = study_of([slice_(0.8, "unsure"), *slices[1:]], RULE)
    assert (unsure.suspicious, unsure.counts.suspicious) == (False, 0)


def test_the_score_of_each_rank() -> None:
    values = [0.1, 0.5, 0.3, 0.2, 0.4]
    ranks = [score(values, StudyRule(rank=rank, threshold=0.5)) for rank in range(1, 6)]
    assert ranks == [0.5, 0.4, 0.3, 0.2, 0.1]
    assert score([], RULE) is None
