"""Scores by part, sequence and plane: where does a net fail?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction
from evaluation.statistics import Estimate, Resampled, mean_of, resample

CLASSIC, MIXED, WIDE = "classic", "mixed", "wide"
UNKNOWN = "unknown"


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


class Collected(Protocol):
    """Anything that knows its label and its collection."""

    @property
    def label(self) -> str:
        """The true answer, or ``UNTYPED``."""

    @property
    def source(self) -> str:
        """The collection."""


def part_of(each: Collected) -> str:
    """Returns the part that a slice belongs to: ``classic``, ``mixed``, or its source under ``wide/``."""
    if each.source.startswith(f"{WIDE}/"):
        return each.source
    return MIXED if each.label == UNTYPED else CLASSIC


def by_part(predictions: Sequence[SlicePrediction]) -> tuple[PartScore, ...]:
    """Scores the parts apart, and ``wide`` as the mean over its sources; the weakest first.

    Mixed tumours are held against the threshold of ``classic``, as they have no slices without one.
    """
    parts = split_by(predictions, part_of)
    classic = parts.get(CLASSIC, [])
    shares = {
        name: _shares(own, threshold_at_95(classic if name == MIXED else own)) for name, own in parts.items()
    }
    scores = [_score(name, own, shares[name]) for name, own in parts.items()]
    wide = [name for name in parts if name.startswith(f"{WIDE}/")]
    if len(wide) > 1:
        own = [each for name in wide for each in parts[name]]
        scores.append(_mean(own, [shares[name] for name in wide]))
    return tuple(sorted(scores, key=_weakness))


def by_cell(
    predictions: Sequence[SlicePrediction], key: Callable[[SlicePrediction], str]
) -> tuple[PartScore, ...]:
    """Scores slices of one kind apart from others, the weakest first.

    Args:
        predictions: Of all parts.
        key: Names the kind of a slice, such as its sequence; empty where unknown.
    """
    cells = split_by(predictions, lambda each: key(each) or UNKNOWN)
    return tuple(
        sorted((_score(name, own, _shares(own, None)) for name, own in cells.items()), key=_weakness)
    )


def share_of(
    predictions: Sequence[SlicePrediction], meets: Callable[[SlicePrediction], bool]
) -> Share | None:
    """Returns the share of slices that meet something, with its interval; None without slices."""
    if not predictions:
        return None
    counted = _count(predictions, meets)
    return Share(counted.resampled.estimate, counted.count, counted.of)


def split_by(
    predictions: Sequence[SlicePrediction], key: Callable[[SlicePrediction], str]
) -> dict[str, list[SlicePrediction]]:
    """Returns slices by what a key names them."""
    split: dict[str, list[SlicePrediction]] = defaultdict(list)
    for each in predictions:
        split[key(each)].append(each)
    return split


def threshold_at_95(predictions: Sequence[SlicePrediction]) -> float | None:
    """Returns what 95% of the slices without a tumour stay below; None without such slices."""
    scores = [each.tumour for each in predictions if each.label == NO_TUMOUR]
    return float(np.quantile(scores, 0.95)) if scores else None


@dataclass(frozen=True)
class _Counted:
    resampled: Resampled
    count: int
    of: int


def _shares(predictions: Sequence[SlicePrediction], threshold: float | None) -> dict[str, _Counted]:
    """Returns every share that these slices allow."""
    typed = [each for each in predictions if each.label != UNTYPED]
    tumours = [each for each in predictions if each.label != NO_TUMOUR]
    healthy = [each for each in predictions if each.label == NO_TUMOUR]
    decided = all(each.verdict for each in predictions)
    given = [each for each in predictions if each.verdict == "answer"]
    kinds: dict[str, tuple[list[SlicePrediction], Callable[[SlicePrediction], bool]]] = {
        "right": (typed, lambda each: each.predicted == each.label),
        "found": (tumours, lambda each: each.predicted != NO_TUMOUR),
        "cleared": (healthy, lambda each: each.predicted == NO_TUMOUR),
    }
    if threshold is not None:
        kinds["found_at_95"] = (tumours, lambda each: each.tumour > threshold)
    if decided:
        kinds["answered"] = (list(predictions), lambda each: each.verdict == "answer")
        kinds["wrong"] = (given, _wrong)
        kinds["missed"] = (
            tumours,
            lambda each: each.verdict == "answer" and each.predicted == NO_TUMOUR,
        )
    return {name: _count(own, meets) for name, (own, meets) in kinds.items() if own}


def _wrong(each: SlicePrediction) -> bool:
    if each.label == UNTYPED:
        return each.predicted == NO_TUMOUR
    return each.predicted != each.label


def _count(predictions: Sequence[SlicePrediction], meets: Callable[[SlicePrediction], bool]) -> _Counted:
    flags = [float(meets(each)) for each in predictions]
    return _Counted(resample(flags, [each.group for each in predictions]), int(sum(flags)), len(predictions))


def _score(name: str, predictions: Sequence[SlicePrediction], shares: dict[str, _Counted]) -> PartScore:
    known = {
        key: Share(counted.resampled.estimate, counted.count, counted.of) for key, counted in shares.items()
    }
    return _part(name, predictions, known)


def _mean(predictions: Sequence[SlicePrediction], sources: list[dict[str, _Counted]]) -> PartScore:
    known = {}
    for key in SHARES:
        own = [shares[key] for shares in sources if key in shares]
        if own:
            estimate = mean_of([counted.resampled for counted in own])
            known[key] = Share(
                estimate, sum(counted.count for counted in own), sum(counted.of for counted in own)
            )
    return _part(WIDE, predictions, known)


def _part(name: str, predictions: Sequence[SlicePrediction], known: dict[str, Share]) -> PartScore:
    groups = {each.group for each in predictions}
    return PartScore(
        name=name,
        slices=len(predictions),
        groups=len(groups),
        **{key: known.get(key) for key in SHARES},
    )


def _weakness(score: PartScore) -> tuple[float, str]:
    shares = [share.estimate.value for share in (score.right, score.found, score.cleared) if share]
    return min(shares), score.name
