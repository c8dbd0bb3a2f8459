from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.case_log.cases import Case, Change, NewCase
from edge_app.case_log.figures import figures_of, proportion
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import MODEL, OLDER, case, said, study_said

ANSWERS = [
    *[("glioma", "glioma")] * 3,
    ("meningioma", "glioma"),
    ("no_tumor", "pituitary"),
    ("no_tumor", "no_tumor"),
    ("glioma", "other"),
    ("glioma", None),
]


def each(cases: list[Case]) -> list[tuple[Case, int]]:
    return [(case, 1) for case in cases]


def slices() -> list[Case]:
    answered = [case(said(label=label), diagnosis) for label, diagnosis in ANSWERS]
    others = [case(said("unsure"), "glioma"), case(said("unsure")), case(said("refused"), "no_tumor")]
    return answered + others


def test_slices() -> None:
    (found,) = figures_of(each(slices())).models
    assert found.model == MODEL and found.studies.cases == 0
    told = found.slices
    assert (told.cases, told.diagnosed) == (11, 9)
    assert (told.unsure.count, told.unsure.of) == (2, 10)
    # Another disease is no answer that Otak could give, so that whatever it said was wrong.
    assert (told.right.count, told.right.of) == (4, 7)
    assert (told.missed.count, told.missed.of) == (1, 5)
    assert told.confusion == {
        "glioma": {"glioma": 3, "meningioma": 1, "unsure": 1},
        "no_tumor": {"no_tumor": 1, "refused": 1},
        "other": {"glioma": 1},
        "pituitary": {"no_tumor": 1},
    }


def test_studies() -> None:
    cases = [
        case(study_said(True), "glioma"),
        case(study_said(True), "no_tumor"),
        case(study_said(False), "meningioma"),
        case(study_said(False), "no_tumor"),
        case(study_said(False), "other"),
        case(study_said(None), "glioma"),
        case(study_said(True)),
    ]
    (found,) = figures_of(each(cases)).models
    told = found.studies
    assert (told.cases, told.diagnosed) == (7, 6)
    assert (told.unsure.count, told.unsure.of) == (1, 7)
    assert (told.right.count, told.right.of) == (2, 4)
    assert (told.missed.count, told.missed.of) == (1, 2)
    assert told.confusion["glioma"] == {"suspicious": 1, "unjudged": 1}


def test_models_are_never_mixed() -> None:
    cases = [case(said(model=MODEL)), case(said(model=OLDER)), case(said(model=MODEL))]
    found = figures_of(each(cases)).models
    assert [(model.model, model.slices.cases) for model in found] == [(MODEL, 2), (OLDER, 1)]
    assert figures_of([]).models == ()


def test_the_log_counts_as_one_case_after_another(tmp_path: Path) -> None:
    log = CaseLog(tmp_path / "cases.sqlite")
    told = [said(), said("unsure"), said("refused"), said(label="no_tumor"), study_said(), study_said(None)]
    for model in (MODEL, OLDER, MODEL):
        for place, answer in enumerate(told * 2):
            id_ = log.add(NewCase(patient="", name="", said=replace(answer, model=model)))
            if place % 3:
                log.change(id_, Change(diagnosis=("glioma", "other")[place % 2]))
    kinds = list(log.kinds())
    assert sum(count for _, count in kinds) == 36 > len(kinds)
    assert figures_of(kinds) == figures_of(each(list(log.every())))
    assert [found.model for found in figures_of(kinds).models] == [MODEL, OLDER]


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1.0)]
)
def test_intervals(count: int, of: int, low: float, high: float) -> None:
    """As of R's ``prop.test(count, of, correct=FALSE)``."""
    found = proportion(count, of)
    assert found.low == pytest.approx(low, abs=1e-4) and found.high == pytest.approx(high, abs=1e-4)


def test_none_of_none() -> None:
    assert (proportion(0, 0).low, proportion(0, 0).high) == (None, None)
