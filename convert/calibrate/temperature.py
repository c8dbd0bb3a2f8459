"""The temperature: one number that makes a file's probabilities mean what they say (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

# Patients of another clinic are harder than held-out ones: a temperature may temper, never sharpen.
LOWEST, HIGHEST = 1.0, 20.0


def fit(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Returns the temperature, at least 1, under which the true labels are most likely.

    Args:
        logits: float32 (N, labels).
        truth: int64 (N,), indices of the true labels.
    """

    def loss(log_temperature: float) -> float:
        probabilities = soften(logits, np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean())

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))


def soften(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Returns the probabilities, float32 (N, labels), of logits divided by a temperature."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    softened: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return softened


def logits_of(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns logits, up to a constant a row, that have these probabilities."""
    return np.log(np.maximum(probabilities, np.float32(1e-37)))
