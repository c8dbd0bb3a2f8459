from __future__ import annotations

from typing import Any

import pytest

from evaluation.parts import by_cell, by_part
from evaluation.predictions import SlicePrediction
from evaluation.statistics import Resampled, bootstrap, mean_of, resample
from tests.evaluation.rows import NONE, row


def said(label: str, predicted: str, count: int = 1, **more: Any) -> list[SlicePrediction]:
    return [row(label, predicted, i, **{"group": f"{more}{i}", "verdict": ""} | more) for i in range(count)]


def test_a_slice_belongs_to_the_part_that_its_source_and_label_say() -> None:
    answers = [
        *said("glioma", "glioma", 2, source="sartaj/Training"),
        *said("glioma", "glioma", 3),
        *said("tumour", "glioma", 4, source="extra/tumour"),
        *said("glioma", "glioma", 5, source="wide/a"),
        *said(NONE, NONE, 6, source="wide/b"),
    ]
    slices = {part.name: part.slices for part in by_part(answers)}
    assert slices == {"classic": 5, "mixed": 4, "wide/a": 5, "wide/b": 6, "wide": 11}


def test_the_shares_of_a_part() -> None:
    answers = [
        *said("glioma", "glioma", 4, verdict="answer"),
        *said("glioma", "pituitary", 2, verdict="answer"),
        *said("glioma", NONE, 1, verdict="answer"),
        *said("glioma", NONE, 1, verdict="unsure"),
        *said(NONE, NONE, 3, verdict="answer"),
        *said(NONE, "glioma", 1, verdict="refused"),
    ]
    (part,) = by_part(answers)
    shares = {
        name: (getattr(part, name).count, getattr(part, name).of)
        for name in ("right", "found", "cleared", "answered", "wrong", "missed")
    }
    assert shares == {
        "right": (7, 12),
        "found": (6, 8),
        "cleared": (3, 4),
        "answered": (10, 12),
        "wrong": (3, 10),
        "missed": (1, 8),
    }
    assert part.wrong and part.wrong.estimate.value == pytest.approx(0.3)
    assert part.wrong.estimate.low is not None and part.wrong.estimate.low < 0.3


def test_a_tumour_of_unknown_type_is_wrong_only_where_it_is_called_none() -> None:
    answers = said("tumour", "glioma", 3, verdict="answer") + said("tumour", NONE, 1, verdict="answer")
    (part,) = by_part(answers)
    assert part.right is None and part.cleared is None and part.found_at_95 is None
    assert part.wrong and (part.wrong.count, part.wrong.of) == (1, 4)
    assert part.found and part.found.count == 3


def test_mixed_tumours_are_held_against_the_threshold_of_classic() -> None:
    healthy = [each for i in range(20) for each in said(NONE, NONE, tumour=i / 20)]
    tumours = [each for tumour in (0.99, 0.2) for each in said("glioma", "glioma", tumour=tumour)]
    mixed = [each for t in (1.0, 0.99, 0.98, 0.5) for each in said("tumour", "glioma", tumour=t)]
    parts = {part.name: part for part in by_part(healthy + tumours + mixed)}
    for name, share in (("classic", 0.5), ("mixed", 0.75)):
        found = parts[name].found_at_95
        assert found and found.estimate.value == share


def test_wide_is_the_mean_over_its_sources_and_not_over_slices() -> None:
    answers = said(NONE, NONE, 90, source="wide/large") + said(NONE, "glioma", 10, source="wide/small")
    answers += said("glioma", "glioma", 10, source="wide/large")
    wide = next(part for part in by_part(answers) if part.name == "wide")
    assert wide.cleared and wide.cleared.estimate.value == pytest.approx(0.5)
    assert wide.found and wide.found.estimate.value == 1
    assert (wide.cleared.count, wide.cleared.of) == (90, 100)


def test_the_weakest_comes_first() -> None:
    answers = said("glioma", "glioma", 9, sequence="T1") + said("glioma", NONE, 1, sequence="T1")
    answers += said(NONE, "glioma", 1, sequence="T2") + said(NONE, NONE, 1)
    assert [part.name for part in by_cell(answers, lambda each: each.sequence)] == ["T2", "T1", "unknown"]


def test_planes_go_across_parts_and_unknown_ones_are_a_row() -> None:
    answers = said("glioma", "glioma", 2, plane="axial") + said(NONE, NONE, 3, plane="axial", source="wide/a")
    answers += said("tumour", NONE)
    planes = {part.name: part.slices for part in by_cell(answers, lambda each: each.plane)}
    assert planes == {"axial": 5, "unknown": 1}


def test_nothing_is_said_of_verdicts_where_none_were_made() -> None:
    (part,) = by_part(said("glioma", "glioma", 3))
    assert part.answered is None and part.wrong is None and part.missed is None


def test_a_mean_of_means_lies_between_them_with_an_interval_of_its_own() -> None:
    first = resample([1.0] * 30 + [0.0] * 10, [str(i) for i in range(40)])
    second = resample([0.0] * 20 + [1.0] * 5, [str(i // 2) for i in range(25)])
    mean = mean_of([first, second])
    assert mean.value == pytest.approx((0.75 + 0.2) / 2)
    assert mean.low is not None and mean.high is not None and mean.low < mean.value < mean.high
    widest = max(each.high - each.low for each in (first.estimate, second.estimate) if each.low and each.high)
    assert mean.high - mean.low < widest


def test_one_group_leaves_the_interval_unknown() -> None:
    alone = resample([1.0, 0.0], ["a", "a"])
    assert isinstance(alone, Resampled) and alone.estimate == bootstrap([1.0, 0.0], ["a", "a"])
    assert mean_of([alone]).low is None
