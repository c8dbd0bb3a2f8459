"""Cases that the tests of the log keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_app.answer import Fault, SliceAnswer
from edge_app.case_log.cases import Case, CaseModel, NewCase, Said, StudySummary
from edge_app.case_log.errors import CaseLogError
from edge_app.study import StudyCounts
from edge_app.verdict import Verdict

MODEL = CaseModel(name="edge", version="2026-11-26", sha256="ab" * 32)
OLDER = CaseModel(name="edge", version="2026-01-01", sha256="cd" * 32)
COUNTS = StudyCounts(slices=3, answer=1, unsure=1, refused=0, unreadable=1, suspicious=1)
PROBABILITIES = {"glioma": 0.95, "meningioma": 0.03, "no_tumor": 0.015, "pituitary": 0.005}
SLICES = (
    SliceAnswer(
        name="1",
        frame=3,
        verdict="answer",
        label="glioma",
        tumour=0.985,
        probabilities=PROBABILITIES,
        in_distribution=0.99,
        reasons=("small",),
        error=None,
    ),
    SliceAnswer(
        name="2",
        frame=None,
        verdict=None,
        label=None,
        tumour=None,
        probabilities=None,
        in_distribution=None,
        reasons=(),
        error=Fault(code="empty", message="the file is empty."),
    ),
)


def said(verdict: Verdict = "answer", label: str | None = "glioma", model: CaseModel = MODEL) -> Said:
    return Said(
        verdict=verdict,
        label=None if verdict == "refused" else label,
        probabilities=PROBABILITIES,
        in_distribution=0.998,
        reasons=("small", "turned"),
        frame=0,
        frames=1,
        model=model,
        study=None,
    )


def study_said(suspicious: bool | None = True) -> Said:
    score = None if suspicious is None else 0.97
    return Said(
        verdict=None,
        label=None,
        probabilities=None,
        in_distribution=None,
        reasons=(),
        frame=None,
        frames=None,
        model=MODEL,
        study=StudySummary(suspicious=suspicious, score=score, counts=COUNTS),
    )


def new_case(patient: str = "K-17", picture: bytes | None = b"\xff\xd8 a picture", **told: object) -> NewCase:
    return NewCase(patient=patient, name="", said=said(**told), thumbnail=picture)  # type: ignore[arg-type]


def new_study(suspicious: bool | None = True) -> NewCase:
    return NewCase(patient="K-18", name="", said=study_said(suspicious), slices=SLICES)


def case(said: Said, diagnosis: str | None = None, note: str = "") -> Case:
    return Case(
        **vars(said),
        id="0b8f8a5c-7a4c-4a7d-8c7d-aa0f08045e2e",
        time="2026-11-26T08:30:00Z",
        patient="K-17",
        name="",
        note=note,
        diagnosis=diagnosis,
        thumbnail=True,
    )


def code_of(error: pytest.ExceptionInfo[CaseLogError]) -> str:
    assert all(error.value.sentence(language) for language in ("en", "id"))
    return error.value.code


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(0)
        file.write(b"not a database at all")
