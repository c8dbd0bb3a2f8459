"""Where an answer becomes *unsure* and a picture is *refused*, chosen for stated aims on held-back slices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from edge_app.bundle import Thresholds
from train.dataset import NO_TUMOR

WRONG = 0.02  # at most this share of the answers given may be wrong
MISSED = 0.005  # at most this share of the tumours may be called "no tumour"
REFUSED = 0.004  # of real slices, half of what is allowed
DOUBT = 0.5  # a share is estimated by the bound that it exceeds with this probability
MOST_CERTAIN = 0.999


def choose(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], brain: NDArray[np.float32] | None
) -> Thresholds:
    """Chooses the thresholds of a bundle.

    Args:
        probabilities: float32 (N, labels), calibrated, of slices that the net did not learn from.
        truth: int64 (N,), indices of the true labels.
        brain: float32 (N,), the gate's output; None where there is no gate.
    """
    top, answer = probabilities.max(axis=1), probabilities.argmax(axis=1)
    called_none = np.where(answer == NO_TUMOR, top, 0.0)
    tumours = truth != NO_TUMOR
    no_tumour = _lowest(
        lambda least: (int((called_none[tumours] >= least).sum()), int(tumours.sum())), MISSED
    )
    given = (answer != NO_TUMOR) | (top >= no_tumour)
    unsure = _lowest(
        lambda least: (
            int((given & (top >= least) & (answer != truth)).sum()),
            int((given & (top >= least)).sum()),
        ),
        WRONG,
    )
    refused = None if brain is None else float(np.quantile(brain, REFUSED))
    return Thresholds(unsure=unsure, no_tumour=max(no_tumour, unsure), refused=refused)


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
