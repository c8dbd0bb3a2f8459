"""Proving a converted file against the Keras model that it came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError
from edge_app.runtime import Runtime

MAX_FLIPPED = 0.02


@dataclass(frozen=True)
class Proof:
    """How a file compares with its Keras model on held-back slices.

    Attributes:
        slices: How many were compared.
        flipped: How many are answered otherwise.
        largest_difference: Between two probabilities.
        mean_difference: Likewise.
        accuracy: The file's.
        keras_accuracy: The Keras model's.
    """

    slices: int
    flipped: int
    largest_difference: float
    mean_difference: float
    accuracy: float
    keras_accuracy: float


def prove(
    name: str,
    runtime: Runtime,
    pixels: NDArray[np.uint8],
    expected: NDArray[np.float32],
    truth: NDArray[np.int64],
) -> Proof:
    """Runs a file on held-back slices and compares.

    Args:
        name: Of the file, for errors.
        runtime: The opened file.
        pixels: uint8 (N, size, size, channels).
        expected: float32 (N, labels), the Keras model's probabilities.
        truth: int64 (N,), indices of the true labels.

    Raises:
        ConversionError: The file gives numbers that are not finite, or flips more than 2% of the answers.
    """
    found = np.concatenate([runtime.run(one[None])["probabilities"] for one in pixels])
    if not np.isfinite(found).all():
        raise ConversionError(f"{name}: gives numbers that are not finite.")
    flipped = int((found.argmax(axis=1) != expected.argmax(axis=1)).sum())
    # Of fewer than 50 slices, one is no evidence of a share above 2%.
    if flipped > max(1, MAX_FLIPPED * len(pixels)):
        raise ConversionError(
            f"{name}: disagrees with the Keras model on {flipped} of {len(pixels)} held-back slices."
        )
    differences = np.abs(found - expected)
    return Proof(
        slices=len(pixels),
        flipped=flipped,
        largest_difference=float(differences.max()),
        mean_difference=float(differences.mean()),
        accuracy=float((found.argmax(axis=1) == truth).mean()),
        keras_accuracy=float((expected.argmax(axis=1) == truth).mean()),
    )


def check_size(name: str, size: int, parameters: int, precision: str) -> None:
    """Checks that a file can hold the net's weights.

    Raises:
        ConversionError: It is too small: the converter lost the weights.
    """
    # Folded normalizations need no place; lost weights leave a few kilobytes.
    least = parameters * (1 if precision == "int8" else 4) // 2
    if size < least:
        raise ConversionError(f"{name}: has only {size} bytes for {parameters} parameters.")
