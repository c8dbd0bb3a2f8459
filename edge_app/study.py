"""From the slices of one examination to one word: suspicious or not, by a rule and never by an average.

A tumour shows on some slices of a study alone, so that an average over all of them would hide it. The rule
looks at the slices that show one most probably. The page's twin is ``web/src/model/study.ts``.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_app.bundle import StudyRule
from edge_app.errors import ImageError
from edge_app.verdict import NO_TUMOUR, Decision

FEWEST = 5  # judged slices; rules are calibrated on studies of at least as many


@dataclass(frozen=True, kw_only=True)
class StudySlice:
    """One slice of a study, without its picture.

    Attributes:
        name: Of its file.
        frame: Which of the file's frames, from 0; None where it has one alone.
        decision: What is said of it; None where it couldn't be read.
        error: Why not; None where it could.
    """

    name: str
    frame: int | None
    decision: Decision | None
    error: ImageError | None

    @property
    def tumour(self) -> float | None:
        """How likely it shows a tumour; None where it couldn't be read or was refused, so isn't judged."""
        if self.decision is None or self.decision.verdict == "refused":
            return None
        return self.decision.tumour

    def stands_out(self, rule: StudyRule) -> bool:
        """Tells whether a person must look: a tumour is probable enough for the rule, or is the answer."""
        if self.decision is None or self.tumour is None:
            return False
        answered = self.decision.verdict == "answer" and self.decision.label != NO_TUMOUR
        return answered or self.tumour >= rule.threshold


@dataclass(frozen=True, kw_only=True)
class StudyCounts:
    """How many slices, files that couldn't be read among them.

    Attributes:
        slices: All.
        answer: With an answer.
        unsure: Without one.
        refused: That are no brain MRI.
        unreadable: With an error.
        suspicious: That stand out; None without a rule.
    """

    slices: int
    answer: int
    unsure: int
    refused: int
    unreadable: int
    suspicious: int | None

    @property
    def judged(self) -> int:
        """That were read and not refused."""
        return self.answer + self.unsure


@dataclass(frozen=True, kw_only=True)
class StudyTotal:
    """What is said of all slices together; its attributes are those of ``StudyPrediction``."""

    suspicious: bool | None
    score: float | None
    counts: StudyCounts


@dataclass(frozen=True, kw_only=True)
class StudyPrediction:
    """What the classifier says of one examination.

    Attributes:
        suspicious: Whether the study is, by the rule; None without a rule, and where no slice was judged.
        score: What the rule compares with its threshold; None likewise.
        rule: The bundle's.
        counts: Of the slices.
        slices: The most suspicious first; then those refused, then those unreadable, as they came.
    """

    suspicious: bool | None
    score: float | None
    rule: StudyRule | None
    counts: StudyCounts
    slices: tuple[StudySlice, ...]


def study_of(slices: Iterable[StudySlice], rule: StudyRule | None) -> StudyPrediction:
    """Judges a study.

    Args:
        slices: Of one examination, in any order.
        rule: The bundle's; None where it isn't calibrated, and then nothing is said of the whole.
    """
    found = sorted(slices, key=_order)
    total = total_of(found, rule)
    return StudyPrediction(
        suspicious=total.suspicious,
        score=total.score,
        rule=rule,
        counts=total.counts,
        slices=tuple(found),
    )


def total_of(slices: Iterable[StudySlice], rule: StudyRule | None) -> StudyTotal:
    """Judges a study as ``study_of`` does, and holds none of its slices."""
    verdicts: Counter[str | None] = Counter()
    tumours = array("d")
    suspicious = 0
    for each in slices:
        verdicts[each.decision.verdict if each.decision else None] += 1
        if each.tumour is not None:
            tumours.append(each.tumour)
        suspicious += rule is not None and each.stands_out(rule)
    value = None if rule is None else score(tumours, rule)
    return StudyTotal(
        suspicious=None if rule is None or value is None else value >= rule.threshold,
        score=value,
        counts=StudyCounts(
            slices=verdicts.total(),
            answer=verdicts["answer"],
            unsure=verdicts["unsure"],
            refused=verdicts["refused"],
            unreadable=verdicts[None],
            suspicious=None if rule is None else suspicious,
        ),
    )


def score(tumours: Sequence[float], rule: StudyRule) -> float | None:
    """Returns what is compared with the rule's threshold: the tumour's probability of the rank's slice.

    That of the very highest where there are fewer than ``FEWEST`` slices, since a study must not pass as
    inconspicuous for lack of slices.

    Args:
        tumours: How likely each slice that is not refused shows a tumour.
        rule: The bundle's.

    Returns:
        0 to 1; None without slices.
    """
    if not tumours:
        return None
    rank = rule.rank if len(tumours) >= FEWEST else 1
    return sorted(tumours, reverse=True)[rank - 1]


def _order(each: StudySlice) -> tuple[bool, bool, float]:
    return each.decision is None, each.tumour is None, -(each.tumour or 0.0)
