"""Where an answer becomes *unsure* and a picture is *refused*, chosen for stated aims on held-out slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from edge_app.bundle import Thresholds
from evaluation.labels import NO_TUMOUR_INDEX

# At most this share of the answers given may be wrong: the first that leaves enough slices answered.
WRONG = (0.02, 0.03, 0.04, 0.05)
ANSWERED = 1 / 3  # of the slices; a device that hardly answers is of no use
MISSED = 0.005  # at most this share of the tumours may be called "no tumour"
REFUSED = 0.004  # of real slices, half of what is allowed
DOUBT = 0.5  # a share is estimated by the bound that it exceeds with this probability
MOST_CERTAIN = 0.999


@dataclass(frozen=True)
class Choice:
    """Thresholds, and what they were chosen for.

    Attributes:
        thresholds: Of a bundle.
        wrong: The share of wrong answers that they keep on the slices they were chosen on.
    """

    thresholds: Thresholds
    wrong: float


def choose(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    in_distribution: NDArray[np.float32] | None,
) -> Choice:
    """Chooses the thresholds of a bundle.

    Where no aim of ``WRONG`` leaves enough slices answered, the strictest is kept and hardly any is.

    Args:
        probabilities: float32 (N, labels), calibrated, of slices that the net did not see in training.
        truth: int64 (N,), indices of the true labels.
        in_distribution: float32 (N,), how likely each is a slice of a brain MRI; None without a rejection.
    """
    top, answer = probabilities.max(axis=1), probabilities.argmax(axis=1)
    called_none = np.where(answer == NO_TUMOUR_INDEX, top, 0.0)
    tumours = truth != NO_TUMOUR_INDEX
    no_tumour = _lowest(
        lambda least: (int((called_none[tumours] >= least).sum()), int(tumours.sum())), MISSED
    )
    given = (answer != NO_TUMOUR_INDEX) | (top >= no_tumour)

    def count(least: float) -> tuple[int, int]:
        answered = given & (top >= least)
        return int((answered & (answer != truth)).sum()), int(answered.sum())

    kept = [(_lowest(count, wrong), wrong) for wrong in WRONG]
    enough = ((least, wrong) for least, wrong in kept if count(least)[1] >= ANSWERED * len(truth))
    unsure, wrong = next(enough, kept[0])
    refused = 0.0 if in_distribution is None else float(np.quantile(in_distribution, REFUSED))
    return Choice(Thresholds(unsure=unsure, no_tumour=max(no_tumour, unsure), refused=refused), wrong)


def _lowest(count: Callable[[float], tuple[int, int]], limit: float) -> float:
    """Returns the lowest threshold from which on the bound on a share keeps a limit."""
    for least in np.linspace(0.25, MOST_CERTAIN, 750):
        bad, of = count(least)
        if upper_bound(bad, of) <= limit:
            return float(least)
    return MOST_CERTAIN


def upper_bound(bad: int, of: int) -> float:
    """Returns a one-sided bound on a share (Clopper and Pearson 1934)."""
    return 1.0 if bad >= of else float(beta.ppf(1 - DOUBT, bad + 1, of - bad))
