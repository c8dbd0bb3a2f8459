"""Where an answer becomes *unsure* and a picture is *refused*, chosen for stated aims on slices never seen.

Every aim is held in each part of the data by itself (``evaluation.parts``), not in their mix alone: a
collection that is well known must not make up for one that isn't.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from edge_app.bundle import Thresholds
from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from evaluation.parts import part_of
from train.data.dataset import Slice

# At most this share of the answers given may be wrong: the first that leaves enough slices answered.
WRONG = (0.02, 0.03, 0.04, 0.05)
ELSEWHERE = 0.01  # more than that may be wrong of slices from other hospitals
ANSWERED = 1 / 3  # of the slices; a device that hardly answers is of no use
MISSED = 0.005  # at most this share of the tumours may be called "no tumour"
REFUSED, STRIPPED = 0.01, 0.03  # at most this share of real slices, and of those without a skull
LEAST = 100  # slices that a part needs for a bound of its own; smaller ones are pooled
PATIENT = 10  # slices that a patient counts for at most, so that none decides alone
DOUBT = 0.5  # a share is estimated by the bound that it exceeds with this probability
MOST_CERTAIN = 0.999
STRIPPED_NAME = "skull-stripped"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """Thresholds, and what they were chosen for.

    Attributes:
        thresholds: Of a bundle.
        wrong: The share of wrong answers that they keep on the slices they were chosen on.
        refused: The share of those that is refused, by part, each slice counted once.
    """

    thresholds: Thresholds
    wrong: float
    refused: dict[str, float]


def choose(
    probabilities: NDArray[np.float32], slices: Sequence[Slice], in_distribution: NDArray[np.float32] | None
) -> Choice:
    """Chooses the thresholds of a bundle.

    Each is the least strict that keeps its aim in every part of ``LEAST`` slices, by the share itself, and in
    all together by the bound on it. A patient's slices weigh together as much as ``PATIENT`` of them at most.
    Where no aim of ``WRONG`` leaves enough slices answered, the strictest is kept and hardly any is.

    Args:
        probabilities: float32 (N, labels), calibrated, of slices that the net did not see in training.
        slices: Those; tumours of unknown type are wrong where they are called *no tumour*.
        in_distribution: float32 (N,), how likely each is a slice of a brain MRI; None without a rejection.
    """
    top, answer = probabilities.max(axis=1), probabilities.argmax(axis=1)
    called_none = answer == NO_TUMOUR_INDEX
    typed = np.array([slice_.label != UNTYPED for slice_ in slices])
    truth = np.array([NAMES.index(slice_.label) if slice_.label != UNTYPED else -1 for slice_ in slices])
    tumours, mistaken = truth != NO_TUMOUR_INDEX, np.where(typed, answer != truth, called_none)
    parts, weights = np.array([part_of(slice_) for slice_ in slices]), _weights(slices)
    no_tumour = _lowest(
        lambda least: _keeps(tumours & called_none & (top >= least), tumours, parts, weights, MISSED)
    )
    given = ~called_none | (top >= no_tumour)
    elsewhere = np.array([ELSEWHERE * slice_.elsewhere for slice_ in slices])

    def unsure_for(wrong: float) -> float:
        def keeps(least: float) -> bool:
            answered = given & (top >= least)
            return _keeps(answered & mistaken, answered, parts, weights, wrong + elsewhere)

        return _lowest(keeps)

    kept = [(unsure_for(wrong), wrong) for wrong in WRONG]
    needed = ANSWERED * weights.sum()
    enough = ((least, wrong) for least, wrong in kept if weights[given & (top >= least)].sum() >= needed)
    unsure, wrong = next(enough, kept[0])
    refused, shares = _refuse(in_distribution, slices, weights)
    return Choice(Thresholds(unsure=unsure, no_tumour=max(no_tumour, unsure), refused=refused), wrong, shares)


def upper_bound(bad: float, of: float) -> float:
    """Returns a one-sided bound on a share (Clopper and Pearson 1934)."""
    return 1.0 if bad >= of else float(beta.ppf(1 - DOUBT, bad + 1, of - bad))


def _weights(slices: Sequence[Slice]) -> NDArray[np.float64]:
    counts = Counter(slice_.group for slice_ in slices)
    return np.array([min(1.0, PATIENT / counts[slice_.group]) for slice_ in slices])


def _lowest(keeps: Callable[[float], bool]) -> float:
    """Returns the lowest threshold that keeps an aim."""
    return next(
        (float(least) for least in np.linspace(0.25, MOST_CERTAIN, 750) if keeps(least)), MOST_CERTAIN
    )


def _keeps(
    bad: Mask,
    of: Mask,
    parts: NDArray[np.str_],
    weights: NDArray[np.float64],
    limit: float | NDArray[np.float64],
) -> bool:
    """Tells whether the share of what is bad keeps its limit, in all together and in every part."""
    limits = np.broadcast_to(limit, weights.shape)
    total, allowed = weights[of].sum(), (weights * limits)[of].sum()
    if not total or upper_bound(weights[bad].sum(), total) > allowed / total:
        return False
    within = (of & own for own in _large(parts, of))
    return all(weights[bad & own].sum() <= (weights * limits)[own].sum() for own in within)


def _large(parts: NDArray[np.str_], of: Mask) -> Iterator[Mask]:
    """Yields the slices of each part that has enough of them, and of all smaller ones together, likewise."""
    counts = Counter(parts[of].tolist())
    large = [name for name, count in counts.items() if count >= LEAST]
    yield from (parts == name for name in large)
    others = ~np.isin(parts, large)
    if (others & of).sum() >= LEAST:
        yield others


def _refuse(
    in_distribution: NDArray[np.float32] | None, slices: Sequence[Slice], weights: NDArray[np.float64]
) -> tuple[float, dict[str, float]]:
    """Returns the highest threshold that refuses few of every part, and the share that it refuses of each."""
    if in_distribution is None:
        return 0.0, {}
    stripped = np.array([slice_.skull == "no" for slice_ in slices])
    names = [part_of(slice_) + (f", {STRIPPED_NAME}" if slice_.skull == "no" else "") for slice_ in slices]
    parts, everything = np.array(names), np.ones(len(slices), bool)
    allowed = weights * np.where(stripped, STRIPPED, REFUSED)
    threshold = min(
        _first_kept(in_distribution[own], weights[own], allowed[own].sum())
        for own in (everything, *_large(parts, everything))
    )
    refused = in_distribution < threshold
    return threshold, {name: float(refused[parts == name].mean()) for name in sorted(set(names))}


def _first_kept(values: NDArray[np.float32], weights: NDArray[np.float64], allowed: float) -> float:
    """Returns the value below which no more weight lies than is allowed."""
    order = np.argsort(values)
    first = int(np.searchsorted(weights[order].cumsum(), allowed, side="right"))
    return float(values[order][min(first, len(values) - 1)])
