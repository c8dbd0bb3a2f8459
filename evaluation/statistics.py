"""The figures of a table: means with intervals that respect groups, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 0


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95% interval; the bounds are None where one group alone leaves the interval unknown."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Percentiles:
    """Of a series of latencies, in milliseconds."""

    p50: float
    p90: float
    p99: float


@dataclass(frozen=True)
class Resampled:
    """A ratio of sums over slices, and what it would be over other groups.

    Attributes:
        value: Of the groups that there are.
        draws: float64 (``RESAMPLES``,), of groups drawn with replacement, NaN where a draw allows no value;
            empty for one group.
    """

    value: float
    draws: NDArray[np.float64]

    @property
    def estimate(self) -> Estimate:
        """The value with its 95% interval."""
        if not len(self.draws):
            return Estimate(self.value, None, None)
        # A draw may hold no slice that the figure is about.
        low, high = np.percentile(self.draws[np.isfinite(self.draws)], (2.5, 97.5))
        return Estimate(self.value, float(low), float(high))


def resample(values: Sequence[float], groups: Sequence[str]) -> Resampled:
    """Takes a mean over slices, and again over whole groups drawn with replacement (a cluster bootstrap).

    Slices of one group (a patient) resemble each other, so whole groups are drawn. The seed is fixed: two
    series over the same groups see the same draws.

    Args:
        values: One number a slice.
        groups: The group of each slice.

    Raises:
        ValueError: There are no values, or not as many groups as values.
    """
    if not len(values) or len(values) != len(groups):
        raise ValueError(f"{len(values)} values and {len(groups)} groups can't be estimated from.")
    _, members = np.unique(groups, return_inverse=True)
    sums = np.bincount(members, weights=values)
    sizes = np.bincount(members)
    mean = float(sums.sum() / sizes.sum())
    if len(sizes) == 1:
        return Resampled(mean, np.empty(0))
    weights = group_weights(len(sizes))
    return Resampled(mean, (weights @ sums) / (weights @ sizes))


@lru_cache(maxsize=16)
def group_weights(groups: int) -> NDArray[np.float64]:
    """Returns how often each group is drawn, float64 (``RESAMPLES``, groups); each draw takes as many."""
    drawn = np.random.default_rng(SEED).integers(groups, size=(RESAMPLES, groups))
    weights = np.zeros((RESAMPLES, groups))
    np.add.at(weights, (np.arange(RESAMPLES)[:, None], drawn), 1)
    return weights


def bootstrap(values: Sequence[float], groups: Sequence[str]) -> Estimate:
    """Estimates a mean over slices with a percentile bootstrap over groups (see ``resample``)."""
    return resample(values, groups).estimate


def mean_of(parts: Sequence[Resampled]) -> Estimate:
    """Estimates the mean of several means, each over groups of its own: every one weighs alike.

    Args:
        parts: At least one; one of a single group is taken as it is.
    """
    value = float(np.mean([part.value for part in parts]))
    if not any(len(part.draws) for part in parts):
        return Estimate(value, None, None)
    # Their groups differ, so that their draws must not go hand in hand.
    generator = np.random.default_rng(SEED)
    draws = [
        generator.permutation(part.draws) if len(part.draws) else np.full(RESAMPLES, part.value)
        for part in parts
    ]
    return Resampled(value, np.mean(draws, axis=0)).estimate


def wilson(count: int, of: int) -> Estimate:
    """Estimates a share of few, independent things (Wilson 1927).

    Args:
        count: Those that count.
        of: All, at least one.
    """
    share, z = count / of, 1.959964
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def percentiles(milliseconds: Sequence[float]) -> Percentiles:
    """Returns the percentiles of a series of durations in milliseconds."""
    return Percentiles(*map(float, np.percentile(milliseconds, (50, 90, 99))))


def median_of_rounds(values: Sequence[float]) -> Estimate:
    """Estimates the median of what rounds gave, with a percentile bootstrap over the rounds."""
    middle = float(np.median(values))
    if len(values) == 1:
        return Estimate(middle, None, None)
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(np.median(np.asarray(values)[drawn], axis=1), (2.5, 97.5))
    return Estimate(middle, float(low), float(high))


def mcnemar(first: int, second: int) -> float:
    """Returns the exact two-sided p of McNemar's test.

    Args:
        first: Slices that only the first file answers rightly.
        second: Slices that only the second does.
    """
    n = first + second
    tail = sum(comb(n, i) for i in range(min(first, second) + 1))
    return float(min(1.0, 2 * tail / 2**n))
