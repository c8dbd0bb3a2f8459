"""The figures of a table: means with intervals that respect groups, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

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


def bootstrap(values: Sequence[float], groups: Sequence[str]) -> Estimate:
    """Estimates a mean over slices with a percentile bootstrap over groups.

    Slices of one group (a patient) resemble each other, so whole groups are drawn. The seed is fixed: two
    series over the same groups see the same draws.

    Args:
        values: One number a slice.
        groups: The group of each slice.

    Raises:
        ValueError: There are no values, or not as many groups as values.
    """
    if not values or len(values) != len(groups):
        raise ValueError(f"{len(values)} values and {len(groups)} groups can't be estimated from.")
    _, members = np.unique(groups, return_inverse=True)
    sums = np.bincount(members, weights=values)
    sizes = np.bincount(members)
    mean = float(sums.sum() / sizes.sum())
    if len(sizes) == 1:
        return Estimate(mean, None, None)
    generator = np.random.default_rng(SEED)
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        drawn = generator.integers(len(sizes), size=len(sizes))
        means[i] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(mean, float(low), float(high))


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


def mcnemar(one: int, other: int) -> float:
    """Returns the exact two-sided p of McNemar's test.

    Args:
        one: Slices that only the first file answers rightly.
        other: Slices that only the second does.
    """
    n = one + other
    tail = sum(comb(n, i) for i in range(min(one, other) + 1))
    return float(min(1.0, 2 * tail / 2**n))
