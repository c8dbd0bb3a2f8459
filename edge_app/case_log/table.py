"""All cases as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from edge_app import spreadsheet
from edge_app.case_log.cases import Case
from edge_app.case_log.log import CaseLog
from edge_app.spreadsheet import Cell

MARK = "\ufeff"  # without it Excel takes the letters of a note for those of another alphabet
BEFORE = ("time", "id", "patient", "name", "verdict", "label")
AFTER = (
    *("in_distribution", "reasons", "frame", "frames", "suspicious", "score", "slices"),
    *("diagnosis", "note", "model", "version", "sha256"),
)


def lines(log: CaseLog) -> Iterator[str]:
    """Yields the table, a line each, the oldest case first.

    Raises:
        CaseLogError: The log can't be read.
    """
    # Models differ in their labels, and the head of the table comes first.
    labels = log.labels()
    yield MARK + spreadsheet.line([*BEFORE, *labels, *AFTER])
    for case in log.every():
        yield spreadsheet.line(_cells(case, labels))


def _cells(case: Case, labels: tuple[str, ...]) -> list[Cell]:
    study, probabilities = case.study, case.probabilities or {}
    suspicious = None if study is None or study.suspicious is None else str(study.suspicious).lower()
    return [
        *(case.time, case.id, case.patient, case.name, case.verdict, case.label),
        *(probabilities.get(label) for label in labels),
        case.in_distribution,
        " ".join(case.reasons),
        *(case.frame, case.frames, suspicious),
        None if study is None else study.score,
        None if study is None else study.counts.slices,
        *(case.diagnosis, case.note, case.model.name, case.model.version, case.model.sha256),
    ]
