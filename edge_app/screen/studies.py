"""What is said of each study of an archive, and which to look at first."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from edge_app import records
from edge_app.bundle import StudyRule
from edge_app.screen.result import Row
from edge_app.study import StudyCounts, StudySlice, study_of
from edge_app.verdict import NO_TUMOUR, Decision, Verdict


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The most suspicious slice of a study."""

    path: str
    entry: str
    frame: int | None
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A study of an archive.

    Attributes:
        study: Its hash.
        series: How many.
        suspicious: By the bundle's rule, as of ``StudyPrediction``.
        score: Likewise.
        counts: Of its slices.
        tumours: Slices whose answer is a tumour.
        first: The most suspicious slice; None where none was judged.
    """

    study: str
    series: int
    suspicious: bool | None
    score: float | None
    counts: StudyCounts
    tumours: int
    first: Shown | None


def summaries(
    slices: Iterable[tuple[str, Row]], labels: tuple[str, ...], rule: StudyRule | None
) -> Iterator[Summary]:
    """Sums up studies.

    Args:
        slices: Path and row of each slice, study by study.
        labels: In the order of the probabilities.
        rule: The bundle's; None where it isn't calibrated.
    """
    for study, group in itertools.groupby(slices, key=lambda pair: pair[1].study):
        yield _summary(study, list(group), labels, rule)


def most_suspicious_first(found: Iterable[Summary]) -> Iterator[Summary]:
    """Sorts studies: by the rule, by tumours that were answered, by the highest probability of one.

    They are sorted on the disk, however many they are.
    """
    database = sqlite3.connect("")
    try:
        database.execute(
            "CREATE TABLE studies (rule INTEGER, answered INTEGER, tumour REAL, study TEXT, record TEXT)"
        )
        database.executemany(
            "INSERT INTO studies VALUES (?, ?, ?, ?, ?)",
            (
                (
                    bool(each.suspicious),
                    each.tumours > 0,
                    each.first.decision.tumour if each.first else -1,
                    each.study,
                    json.dumps(asdict(each)),
                )
                for each in found
            ),
        )
        for (record,) in database.execute(
            "SELECT record FROM studies ORDER BY rule DESC, answered DESC, tumour DESC, study"
        ):
            summary: Summary = records.build(Summary, json.loads(record))
            yield summary
    finally:
        database.close()


def _summary(
    study: str, slices: list[tuple[str, Row]], labels: tuple[str, ...], rule: StudyRule | None
) -> Summary:
    decided = [(path, row, _decision(row, labels)) for path, row in slices]
    said = study_of(
        [StudySlice(name=path, frame=row.frame, decision=found, error=None) for path, row, found in decided],
        rule,
    )
    judged = [(path, row, found) for path, row, found in decided if found and found.verdict != "refused"]
    tumours = sum(found.verdict == "answer" and found.label != NO_TUMOUR for _, _, found in judged)
    return Summary(
        study=study,
        series=len({row.series for _, row in slices}),
        suspicious=said.suspicious,
        score=said.score,
        counts=said.counts,
        tumours=tumours,
        first=_first(judged),
    )


def _decision(row: Row, labels: tuple[str, ...]) -> Decision | None:
    if row.error:
        return None
    verdict: Verdict = records.build(Verdict, row.verdict)
    return Decision(
        verdict=verdict,
        label=row.label,
        probabilities=dict(zip(labels, row.probabilities, strict=True)),
        in_distribution=row.in_distribution,
        reasons=row.reasons,
    )


def _first(judged: list[tuple[str, Row, Decision]]) -> Shown | None:
    if not judged:
        return None
    path, row, found = max(judged, key=lambda each: each[2].tumour)
    return Shown(path=path, entry=row.entry, frame=row.frame, decision=found)
