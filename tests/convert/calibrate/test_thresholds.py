from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from convert.calibrate.thresholds import LEAST, choose, upper_bound
from evaluation.labels import NAMES, UNTYPED
from train.data.dataset import Slice

LIKELY = np.linspace(0.5, 1, 1000, dtype=np.float32)


def slices(label: str, count: int, source: str = "", patient: str = "", skull: str = "") -> list[Slice]:
    """Slices of one label, each of a patient of its own where none is named."""
    start = f"{source}{label}{patient}{skull}"
    return [
        Slice(f"{start}/{i}", label, "", patient or f"{start}{i}", source=source, skull=skull)
        for i in range(count)
    ]


def said(answers: Sequence[tuple[str, float, int]]) -> NDArray[np.float32]:
    """Probabilities of a label with a confidence, so many times each."""
    rows = []
    for label, confidence, count in answers:
        row = np.full(len(NAMES), (1 - confidence) / 3, np.float32)
        row[NAMES.index(label)] = confidence
        rows += [row] * count
    return np.stack(rows)


def test_no_tumour_must_be_surer_than_any_overlooked_tumour() -> None:
    given = slices("glioma", 201) + slices("no_tumor", 100)
    answers = said([("glioma", 0.95, 200), ("no_tumor", 0.9004, 1), ("no_tumor", 0.99, 100)])
    chosen = choose(answers, given, None).thresholds
    assert 0.9 < chosen.no_tumour <= 0.99
    assert chosen.unsure <= 0.95
    assert chosen.refused == 0


def test_wrong_answers_are_kept_back_and_right_ones_given() -> None:
    answers = said([("glioma", 0.9, 280), ("pituitary", 0.6, 20)])
    choice = choose(answers, slices("glioma", 300), np.linspace(0, 1, 300, dtype=np.float32))
    chosen = choice.thresholds
    assert choice.wrong == 0.02
    assert 0.6 < chosen.unsure <= 0.9
    assert chosen.refused == pytest.approx(0.01, abs=0.002)
    assert choice.refused == {"classic": pytest.approx(0.01)}


def test_a_net_that_is_surely_wrong_hardly_answers() -> None:
    choice = choose(said([("pituitary", 0.99, 50)]), slices("glioma", 50), None)
    assert choice.thresholds.unsure == pytest.approx(0.999)


def test_where_no_aim_can_be_kept_the_next_is_tried() -> None:
    answers = said([("pituitary", 0.99, 6), ("glioma", 0.9, 194)])
    choice = choose(answers, slices("glioma", 200), None)
    assert choice.wrong == 0.04
    assert choice.thresholds.unsure < 0.9


def test_a_patient_s_many_slices_do_not_decide_alone() -> None:
    """A fifth of the slices are wrong: one patient's, or everybody's."""
    answers = said([("glioma", 0.9, 800), ("pituitary", 0.8, 200)])
    strict = choose(answers, slices("glioma", 1000), None)
    assert strict.thresholds.unsure > 0.8
    lenient = choose(answers, slices("glioma", 800) + slices("glioma", 200, patient="one"), None)
    assert lenient.thresholds.unsure < 0.8


def test_a_collection_that_is_well_known_does_not_make_up_for_another() -> None:
    """2% of the answers are wrong, all in a collection of another hospital."""
    answers = said([("glioma", 0.9, 1880), ("pituitary", 0.7, 20), ("glioma", 0.7, 100)])
    here = choose(answers, slices("glioma", 2000), None).thresholds
    there = choose(answers, slices("glioma", 1880) + slices("glioma", 120, "wide/a"), None).thresholds
    assert here.unsure < 0.69 < there.unsure


def test_other_hospitals_are_allowed_a_point_more() -> None:
    answers = said([("glioma", 0.9, 975), ("pituitary", 0.7, 25)] * 2)
    parts = slices("glioma", 1000, "wide/a"), slices("glioma", 1000, "wide/b")
    assert choose(answers, [*parts[0], *parts[1]], None).thresholds.unsure < 0.69
    assert choose(answers, slices("glioma", 2000), None).thresholds.unsure > 0.69


@pytest.mark.parametrize(("of", "decides"), [(LEAST, True), (LEAST - 1, False)])
def test_a_small_part_has_no_bound_of_its_own(of: int, decides: bool) -> None:
    """One in twenty tumours of a part is called none."""
    missed = of // 20
    answers = said([("glioma", 0.9, 2000 + of - missed), ("no_tumor", 0.8, missed), ("no_tumor", 0.9, 500)])
    given = slices("glioma", 2000) + slices("glioma", of, "wide/a") + slices("no_tumor", 500)
    assert (choose(answers, given, None).thresholds.no_tumour > 0.8) == decides


def test_small_parts_are_pooled() -> None:
    answers = said(
        [("glioma", 0.9, 2000), ("no_tumor", 0.8, 3), ("glioma", 0.9, 117), ("no_tumor", 0.9, 500)]
    )
    small = slices("glioma", 60, "wide/a") + slices("glioma", 60, "wide/b")
    given = [*slices("glioma", 2000), *small, *slices("no_tumor", 500)]
    assert choose(answers, given, None).thresholds.no_tumour > 0.8


def test_tumours_of_unknown_type_are_wrong_where_they_are_called_none() -> None:
    given = slices("glioma", 500) + slices(UNTYPED, 200)
    anything = said([("glioma", 0.9, 500), ("pituitary", 0.6, 200)])
    assert choose(anything, given, None).thresholds.unsure == pytest.approx(0.25)
    none = said([("glioma", 0.9, 500), ("no_tumor", 0.6, 200)])
    assert choose(none, given, None).thresholds.no_tumour > 0.6


def test_the_part_that_is_least_like_the_others_decides_what_is_refused() -> None:
    given = slices("glioma", 800) + slices("no_tumor", 250, "wide/a")
    likely = np.r_[np.linspace(0.9, 1, 800), np.linspace(0.5, 1, 250)].astype(np.float32)
    choice = choose(said([("glioma", 0.9, 1050)]), given, likely)
    assert choice.thresholds.refused == pytest.approx(np.linspace(0.5, 1, 250)[2])
    assert choice.refused == {"classic": 0, "wide/a": pytest.approx(2 / 250)}


def test_slices_without_a_skull_are_refused_more_often() -> None:
    given = slices("glioma", 1000, "wide/a", skull="yes") + slices("glioma", 1000, "wide/a", skull="no")
    likely = np.r_[np.linspace(0.9, 1, 1000), LIKELY].astype(np.float32)
    choice = choose(said([("glioma", 0.9, 2000)]), given, likely)
    assert choice.refused == {"wide/a": 0, "wide/a, skull-stripped": pytest.approx(0.03)}


def test_of_few_slices_none_is_refused() -> None:
    choice = choose(said([("glioma", 0.9, 30)]), slices("glioma", 30), LIKELY[:30])
    assert choice.thresholds.refused == pytest.approx(0.5) and choice.refused == {"classic": 0}
    alike = choose(said([("glioma", 0.9, 30)]), slices("glioma", 30), np.full(30, 0.7, np.float32))
    assert alike.thresholds.refused == pytest.approx(0.7) and alike.refused == {"classic": 0}


def test_without_tumours_none_is_excluded() -> None:
    chosen = choose(said([("no_tumor", 0.9, 300)]), slices("no_tumor", 300), None).thresholds
    assert chosen.no_tumour == pytest.approx(0.999)


def test_few_slices_prove_little() -> None:
    assert upper_bound(0, 0) == 1
    assert upper_bound(0, 10) > upper_bound(0, 1000) > 0
    assert upper_bound(3, 3) == 1
