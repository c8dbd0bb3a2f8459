from __future__ import annotations

import pytest

from edge_app.bundle import StudyRule
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction
from evaluation.studies import ALL, by_study, studies_of
from evaluation.tables import study_table
from tests.evaluation.rows import NONE, row

RULE = StudyRule(rank=2, threshold=0.9)


def patient(
    name: str, tumours: tuple[float, ...], ill: int = 0, source: str = "wide/one"
) -> list[SlicePrediction]:
    """Makes a patient's slices of given tumour probabilities, the first few with a tumour."""
    labels = ["glioma" if i < ill else NONE for i in range(len(tumours))]
    return [
        row(label, label, group=name, path=f"{name} {i}.jpg", source=source, tumour=tumours[i])
        for i, label in enumerate(labels)
    ]


FOUND = patient("found", (0.95, 0.92, 0.1, 0.1, 0.1), ill=1)
MISSED = patient("missed", (0.95, 0.3, 0.1, 0.1, 0.1), ill=5)
CLEARED = patient("cleared", (0.95, 0.2, 0.1, 0.1, 0.1))
ALARM = patient("alarm", (0.95, 0.92, 0.1, 0.1, 0.1, 0.1), source="wide/other")


def test_a_patient_has_a_tumour_if_any_slice_shows_one() -> None:
    studies = studies_of([*FOUND, *CLEARED, *patient("few", (0.9,) * 4)])
    assert [(study.group, study.tumour, study.slices) for study in studies] == [
        ("found", True, 5),
        ("cleared", False, 5),
    ], "of fewer slices than five nothing is said"
    untyped = [row(UNTYPED, "glioma", i, group="untyped") for i in range(5)]
    assert studies_of(untyped)[0].tumour and studies_of(untyped)[0].part == "mixed"


def test_found_and_cleared_by_where_patients_come_from() -> None:
    scores = by_study(studies_of([*FOUND, *MISSED, *CLEARED, *ALARM]), RULE)
    assert [score.name for score in scores] == ["wide/one", "wide/other", ALL]
    one, other, everything = scores
    assert one.found is not None and (one.found.count, one.found.of) == (1, 2)
    assert one.cleared is not None and (one.cleared.count, one.cleared.of) == (1, 1)
    assert other.found is None and other.cleared is not None and other.cleared.count == 0
    assert (everything.studies, everything.slices) == (4, 21)
    assert everything.cleared is not None and everything.cleared.estimate.value == 0.5


def test_a_refused_slice_is_not_judged_and_a_refused_study_neither_found_nor_cleared() -> None:
    refused = [row("glioma", "glioma", i, group="r", tumour=0.99, verdict="refused") for i in range(5)]
    (study,) = studies_of(refused)
    assert (study.judged, study.is_suspicious(RULE)) == ((), None)
    (score, _) = by_study([study], RULE)
    assert score.found is not None and score.found.count == 0
    healthy = [row(NONE, NONE, i, group="r", tumour=0.01, verdict="refused") for i in range(5)]
    (score, _) = by_study(studies_of(healthy), RULE)
    assert score.cleared is not None and score.cleared.count == 0
    # One left of five is judged by itself, as on a device.
    four = [*refused[:4], row("glioma", "glioma", 4, group="r", tumour=0.95)]
    assert studies_of(four)[0].is_suspicious(RULE) is True


def test_without_patients_there_are_no_scores() -> None:
    assert by_study(studies_of(FOUND[:3]), RULE) == ()


def test_the_table_counts_patients() -> None:
    scores = by_study(studies_of([*FOUND, *CLEARED]), RULE)
    table = study_table("By patient", {"net": scores})
    assert table.columns == ("Part", "Patients", "Slices", "Found", "Cleared")
    assert table.rows[0][:3] == ("wide/one", "2", "10")
    assert table.rows[0][3].startswith("100.0 (") and table.rows[0][3].endswith("[1 of 1]")
    several = study_table("By patient", {"a": scores, "b": scores})
    assert several.columns[0] == "File" and [line[0] for line in several.rows] == ["a", "a", "b", "b"]
    assert all(len(line) == len(several.columns) for line in several.rows)


@pytest.mark.parametrize("value", [0.9, 0.8999999])
def test_the_threshold_itself_is_suspicious(value: float) -> None:
    (study,) = studies_of(patient("edge", (0.95, value, 0.1, 0.1, 0.1)))
    assert study.is_suspicious(RULE) is (value >= 0.9)
