"""From a case to a row of the log, and back."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import TypeVar

from edge_app import records
from edge_app.answer import SliceAnswer
from edge_app.case_log.cases import Case, NewCase
from edge_app.case_log.errors import CaseLogError

T = TypeVar("T")

# All but what is long.
COLUMNS = (
    "id, time, patient, name, verdict, label, probabilities, in_distribution, reasons, frame, frames, "
    "model, version, sha256, suspicious, score, counts, note, diagnosis, thumbnail IS NOT NULL AS pictured"
)

# What is the same of cases that figures don't tell apart.
KIND = "model, version, sha256, verdict, label, suspicious, counts IS NULL, diagnosis"


def values_of(case: NewCase, id_: str, time: str) -> dict[str, str | int | float | bytes | None]:
    """Returns the values of a new row, by column."""
    said, study = case.said, case.said.study
    return {
        "id": id_,
        "time": time,
        "patient": case.patient,
        "name": case.name,
        "verdict": said.verdict,
        "label": said.label,
        "probabilities": None if said.probabilities is None else json.dumps(said.probabilities),
        "in_distribution": said.in_distribution,
        "reasons": json.dumps(said.reasons),
        "frame": said.frame,
        "frames": said.frames,
        "model": said.model.name,
        "version": said.model.version,
        "sha256": said.model.sha256,
        "suspicious": None if study is None else study.suspicious,
        "score": None if study is None else study.score,
        "counts": None if study is None else json.dumps(asdict(study.counts)),
        "slices": json.dumps([asdict(each) for each in case.slices]) if study else None,
        "thumbnail": case.thumbnail,
    }


def case_of(row: sqlite3.Row) -> Case:
    """Makes a case of the row that ``COLUMNS`` gave.

    Raises:
        CaseLogError: The row holds nonsense.
    """
    plain = dict(zip(row.keys(), row, strict=True))
    name, version, sha256 = (plain.pop(each) for each in ("model", "version", "sha256"))
    suspicious, score, counts = (plain.pop(each) for each in ("suspicious", "score", "counts"))
    pictured = bool(plain.pop("pictured"))
    study = None
    if counts is not None:
        study = {
            "suspicious": None if suspicious is None else bool(suspicious),
            "score": score,
            "counts": _json(counts),
        }
    plain |= {each: _json(plain[each]) for each in ("probabilities", "reasons")}
    model = {"name": name, "version": version, "sha256": sha256}
    return _built(Case, plain | {"model": model, "study": study, "thumbnail": pictured})


def slices_of(text: str | None) -> tuple[SliceAnswer, ...]:
    """Makes the slices of a study of what a row holds.

    Raises:
        CaseLogError: The text is nonsense.
    """
    return _built(tuple[SliceAnswer, ...], _json(text) or [])


def _json(text: str | None) -> object:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        raise CaseLogError("cases_damaged") from None


def _built(kind: type[T], plain: object) -> T:
    try:
        built: T = records.build(kind, plain)
    except (TypeError, ValueError):
        raise CaseLogError("cases_damaged") from None
    return built
