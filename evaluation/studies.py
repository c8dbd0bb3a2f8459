"""Scores by patient: is a study with a tumour called suspicious, and one without it not?

What stands for a patient is a group of at least ``FEWEST`` slices. Groups of tumours alone, whose slices
somebody chose because they show one, are easier than an examination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.bundle import StudyRule
from edge_app.study import FEWEST, score
from edge_app.verdict import NO_TUMOUR
from evaluation.parts import Share, part_of
from evaluation.predictions import SlicePrediction
from evaluation.statistics import wilson

ALL = "all"


@dataclass(frozen=True)
class Study:
    """The slices of one patient.

    Attributes:
        group: The patient, or what stands for one.
        part: Where its slices come from; of several the first.
        tumour: Whether any slice shows one.
        slices: How many there are.
        judged: How likely each that is not refused shows a tumour.
    """

    group: str
    part: str
    tumour: bool
    slices: int
    judged: tuple[float, ...]

    def is_suspicious(self, rule: StudyRule) -> bool | None:
        """Tells what a device would say; None where every slice is refused."""
        value = score(self.judged, rule)
        return None if value is None else value >= rule.threshold


@dataclass(frozen=True)
class StudyScore:
    """How a rule does on some patients; a share that nothing can be said of is None.

    Attributes:
        name: Of the part that they come from, or ``ALL``.
        studies: How many patients.
        slices: How many slices they have.
        found: Patients with a tumour whose study is called suspicious (sensitivity).
        cleared: Patients without one whose study is not (specificity).
    """

    name: str
    studies: int
    slices: int
    found: Share | None
    cleared: Share | None


def studies_of(predictions: Sequence[SlicePrediction]) -> list[Study]:
    """Gathers a file's rows by patient; groups of fewer than ``FEWEST`` slices are left out."""
    groups: dict[str, list[SlicePrediction]] = defaultdict(list)
    for each in predictions:
        groups[each.group].append(each)
    return [
        Study(
            group=group,
            part=part_of(rows[0]),
            tumour=any(each.label != NO_TUMOUR for each in rows),
            slices=len(rows),
            judged=tuple(each.tumour for each in rows if each.verdict != "refused"),
        )
        for group, rows in groups.items()
        if len(rows) >= FEWEST
    ]


def by_study(studies: Sequence[Study], rule: StudyRule) -> tuple[StudyScore, ...]:
    """Scores patients by where they come from, and all together last; empty without patients."""
    parts: dict[str, list[Study]] = defaultdict(list)
    for study in studies:
        parts[study.part].append(study)
    scores = [_score(name, own, rule) for name, own in sorted(parts.items())]
    return (*scores, _score(ALL, studies, rule)) if scores else ()


def _score(name: str, studies: Sequence[Study], rule: StudyRule) -> StudyScore:
    return StudyScore(
        name=name,
        studies=len(studies),
        slices=sum(study.slices for study in studies),
        found=_share([study.is_suspicious(rule) is True for study in studies if study.tumour]),
        cleared=_share([study.is_suspicious(rule) is False for study in studies if not study.tumour]),
    )


def _share(flags: Sequence[bool]) -> Share | None:
    # Patients are few and independent: a bootstrap would take 8 of 8 for certain.
    return Share(wilson(sum(flags), len(flags)), sum(flags), len(flags)) if flags else None
