"""Scores by part, sequence and plane: where does a net fail?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.statistics import Estimate, Resampled, mean_of, resample

CLASSIC, MIXED, WIDE = "classic", "mixed", "wide"
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a net says of one slice.

    Attributes:
        label: The true answer; ``UNTYPED`` where its type is unknown.
        group: What must not be torn apart, a patient.
        source: The collection; empty where unknown, like the next two.
        sequence: Of the scanner.
        plane: Of the slice.
        predicted: The most probable label, whatever the verdict.
        tumour: How likely it is that the slice shows any tumour.
        verdict: What a user would be told; empty where nothing decides.
    """

    label: str
    group: str
    predicted: str
    tumour: float
    verdict: str = ""
    source: str = ""
    sequence: str = ""
    plane: str = ""


@dataclass(frozen=True)
class Share:
    """A share of some slices, with its interval over groups.

    Attributes:
        estimate: The share; of a part that is a mean over its sources, that mean.
        count: Slices that it counts.
        of: Slices that it counts them among.
    """

    estimate: Estimate
    count: int
    of: int


@dataclass(frozen=True)
class PartScore:
    """How a net does on some of the slices; a share that nothing can be said of is None.

    Attributes:
        name: Of the part, sequence or plane.
        slices: How many.
        groups: Of how many patients, or what stands for them.
        right: The most probable answer is the true one, of the slices whose type is known.
        found: Tumours whose most probable answer is a tumour (sensitivity).
        cleared: Slices without one whose most probable answer is *no tumour* (specificity).
        found_at_95: Tumours above the threshold of the tumour's probability that 95% of the part's own slices
            without one stay below.
        answered: Slices that get an answer as the verdict.
        wrong: Answers that are wrong; of a tumour of unknown type, those of *no tumour*.
        missed: Tumours that get the answer *no tumour*.
    """

    name: str
    slices: int
    groups: int
    right: Share | None
    found: Share | None
    cleared: Share | None
    found_at_95: Share | None
    answered: Share | None
    wrong: Share | None
    missed: Share | None


SHARES = ("right", "found", "cleared", "found_at_95", "answered", "wrong", "missed")


@dataclass(frozen=True)
class Apart:
    """How a net does on slices of different kinds, the weakest first.

    Attributes:
        parts: By where they come from.
        sequences: Of the scanner, over all parts: a sequence must not stand for an answer.
        planes: Over all parts.
    """

    parts: tuple[PartScore, ...]
    sequences: tuple[PartScore, ...]
    planes: tuple[PartScore, ...]

    def part(self, name: str) -> PartScore | None:
        """Returns one of the parts; None where no slice belongs to it."""
        return next((part for part in self.parts if part.name == name), None)


def apart(answers: Sequence[Answered]) -> Apart:
    """Scores slices of different kinds apart."""
    return Apart(
        parts=by_part(answers),
        sequences=_cells(answers, lambda answer: answer.sequence),
        planes=_cells(answers, lambda answer: answer.plane),
    )


def part_of(answer: Answered) -> str:
    """Returns the part that a slice belongs to: ``classic``, ``mixed``, or its source under ``wide/``."""
    if answer.source.startswith(f"{WIDE}/"):
        return answer.source
    return MIXED if answer.label == UNTYPED else CLASSIC


def by_part(answers: Sequence[Answered]) -> tuple[PartScore, ...]:
    """Scores the parts apart, and ``wide`` as the mean over its sources; the weakest first.

    Mixed tumours are held against the threshold of ``classic``, as they have no slices without one.
    """
    parts = _split(answers, part_of)
    threshold = _threshold(parts.get(CLASSIC, []))
    shares = {
        name: _shares(own, threshold if name == MIXED else _threshold(own)) for name, own in parts.items()
    }
    scores = [_score(name, own, shares[name]) for name, own in parts.items()]
    wide = [name for name in parts if name.startswith(f"{WIDE}/")]
    if len(wide) > 1:
        own = [answer for name in wide for answer in parts[name]]
        scores.append(_mean(own, [shares[name] for name in wide]))
    return tuple(sorted(scores, key=_weakness))


def _cells(answers: Sequence[Answered], key: Callable[[Answered], str]) -> tuple[PartScore, ...]:
    cells = _split(answers, lambda answer: key(answer) or UNKNOWN)
    return tuple(
        sorted((_score(name, own, _shares(own, None)) for name, own in cells.items()), key=_weakness)
    )


def _split(answers: Sequence[Answered], key: Callable[[Answered], str]) -> dict[str, list[Answered]]:
    split: dict[str, list[Answered]] = defaultdict(list)
    for answer in answers:
        split[key(answer)].append(answer)
    return split


def _threshold(answers: Sequence[Answered]) -> float | None:
    """Returns what 95% of the slices without a tumour stay below; None without such slices."""
    scores = [answer.tumour for answer in answers if answer.label == NO_TUMOUR]
    return float(np.quantile(scores, 0.95)) if scores else None


@dataclass(frozen=True)
class _Counted:
    resampled: Resampled
    count: int
    of: int


def _shares(answers: Sequence[Answered], threshold: float | None) -> dict[str, _Counted]:
    """Returns every share that these slices allow."""
    typed = [answer for answer in answers if answer.label != UNTYPED]
    tumours = [answer for answer in answers if answer.label != NO_TUMOUR]
    healthy = [answer for answer in answers if answer.label == NO_TUMOUR]
    decided = all(answer.verdict for answer in answers)
    given = [answer for answer in answers if answer.verdict == "answer"]
    kinds: dict[str, tuple[list[Answered], Callable[[Answered], bool]]] = {
        "right": (typed, lambda answer: answer.predicted == answer.label),
        "found": (tumours, lambda answer: answer.predicted != NO_TUMOUR),
        "cleared": (healthy, lambda answer: answer.predicted == NO_TUMOUR),
    }
    if threshold is not None:
        kinds["found_at_95"] = (tumours, lambda answer: answer.tumour > threshold)
    if decided:
        kinds["answered"] = (list(answers), lambda answer: answer.verdict == "answer")
        kinds["wrong"] = (given, _wrong)
        kinds["missed"] = (
            tumours,
            lambda answer: answer.verdict == "answer" and answer.predicted == NO_TUMOUR,
        )
    return {name: _count(own, meets) for name, (own, meets) in kinds.items() if own}


def _wrong(answer: Answered) -> bool:
    if answer.label == UNTYPED:
        return answer.predicted == NO_TUMOUR
    return answer.predicted != answer.label


def _count(answers: list[Answered], meets: Callable[[Answered], bool]) -> _Counted:
    flags = [float(meets(answer)) for answer in answers]
    return _Counted(resample(flags, [answer.group for answer in answers]), int(sum(flags)), len(answers))


def _score(name: str, answers: Sequence[Answered], shares: dict[str, _Counted]) -> PartScore:
    known = {key: Share(one.resampled.estimate, one.count, one.of) for key, one in shares.items()}
    return _part(name, answers, known)


def _mean(answers: Sequence[Answered], sources: list[dict[str, _Counted]]) -> PartScore:
    known = {}
    for key in SHARES:
        own = [shares[key] for shares in sources if key in shares]
        if own:
            estimate = mean_of([one.resampled for one in own])
            known[key] = Share(estimate, sum(one.count for one in own), sum(one.of for one in own))
    return _part(WIDE, answers, known)


def _part(name: str, answers: Sequence[Answered], known: dict[str, Share]) -> PartScore:
    groups = {answer.group for answer in answers}
    return PartScore(
        name=name,
        slices=len(answers),
        groups=len(groups),
        **{key: known.get(key) for key in SHARES},
    )


def _weakness(score: PartScore) -> tuple[float, str]:
    shares = [share.estimate.value for share in (score.right, score.found, score.cleared) if share]
    return min(shares), score.name
