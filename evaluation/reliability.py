"""How far percentages can be believed, and what keeping quiet costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
MASS_BINS = 10
DRAWS = 1000  # of labels
SEED = 0


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram: answers of similar confidence.

    Attributes:
        confidence: Their mean.
        accuracy: Share of them that is right.
        share: Of all answers.
    """

    confidence: float
    accuracy: float
    share: float


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Returns the bins of equal width that hold an answer (Guo et al. 2017).

    Args:
        confidence: float64 (N,), the top probability of each answer.
        right: bool (N,).
    """
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(float(confidence[index == i].mean()), float(right[index == i].mean()), float((index == i).mean()))
        for i in np.unique(index)
    ]


def reliability_by_mass(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Returns bins of as many answers each, the least sure first (Nguyen and O'Connor 2015).

    Args:
        confidence: float64 (N,), the top probability of each answer, at least one.
        right: bool (N,).
    """
    return [
        Bin(float(confidence[own].mean()), float(right[own].mean()), len(own) / len(right))
        for own in _masses(confidence)
    ]


def noise_floor(confidence: NDArray[np.float64]) -> float:
    """Returns the calibration error by mass that a net has by chance that is right as often as it says.

    Labels are drawn from the net's own probabilities, so that an answer is right with its confidence; the
    mean over ``DRAWS`` draws of a fixed seed.

    Args:
        confidence: float64 (N,), the top probability of each answer, at least one.
    """
    drawn = np.random.default_rng(SEED).random((DRAWS, len(confidence))) < confidence
    errors = np.zeros(DRAWS)
    for own in _masses(confidence):
        distance = np.abs(drawn[:, own].mean(axis=1) - confidence[own].mean())
        errors += len(own) / len(confidence) * distance
    return float(errors.mean())


def _masses(confidence: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    order = np.argsort(confidence, kind="stable")
    return [own for own in np.array_split(order, MASS_BINS) if len(own)]


def ece(bins: list[Bin]) -> float:
    """Returns the expected calibration error of a reliability diagram."""
    return sum(each.share * abs(each.confidence - each.accuracy) for each in bins)


def calibration_error(truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> float:
    """Returns the expected calibration error of the most probable answers.

    Args:
        truth: int64 (N,), indices of the true labels.
        probabilities: float32 (N, labels).
    """
    right = probabilities.argmax(axis=1) == truth
    return ece(reliability(probabilities.max(axis=1).astype(np.float64), right))


def risk_coverage(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[list[float], list[float]]:
    """Returns the coverage and the share of wrong answers when only the surest answers are given.

    Args:
        confidence: float64 (N,).
        right: bool (N,).
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    given = np.arange(1, len(right) + 1)
    return (given / len(right)).tolist(), (wrong / given).tolist()
