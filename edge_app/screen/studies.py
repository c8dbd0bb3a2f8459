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
from edge_app.study import StudyCounts, StudySlice, total_of
from edge_app.verdict import NO_TUMOUR, Decision, Verdict


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The most suspicious slice of a study."""

    path: str
    entry: str
    number: int
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
        yield _Study(labels).summary(study, group, rule)


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


class _Study:
    """One study, whose slices come one after the other and aren't kept: a folder may hold a million."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        self._series: set[str] = set()
        self._tumours = 0
        self._first: Shown | None = None

    def summary(self, study: str, slices: Iterable[tuple[str, Row]], rule: StudyRule | None) -> Summary:
        total = total_of((self._met(path, row) for path, row in slices), rule)
        return Summary(
            study=study,
            series=len(self._series),
            suspicious=total.suspicious,
            score=total.score,
            counts=total.counts,
            tumours=self._tumours,
            first=self._first,
        )

    def _met(self, path: str, row: Row) -> StudySlice:
        found = _decision(row, self._labels)
        self._series.add(row.series)
        if found and found.verdict != "refused":
            self._tumours += found.verdict == "answer" and found.label != NO_TUMOUR
            if self._first is None or found.tumour > self._first.decision.tumour:
                self._first = Shown(
                    path=path, entry=row.entry, number=row.number, frame=row.frame, decision=found
                )
        return StudySlice(name=path, frame=row.frame, decision=found, error=None)


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
