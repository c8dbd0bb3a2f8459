from __future__ import annotations

import numpy as np
import pytest

from convert.errors import ConversionError
from convert.proof import check_size, prove

PIXELS = np.zeros((100, 8, 8, 1), np.uint8)
TRUTH = np.arange(100) % 4
EXPECTED = np.eye(4, dtype=np.float32)[TRUTH]


class Replay:
    """Stands for a file that gives known probabilities, one slice after the other."""

    name = "replay"

    def __init__(self, probabilities: np.ndarray) -> None:
        self._rows = iter(probabilities)

    def run(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        return {"probabilities": next(self._rows)[None]}


def test_a_faithful_file() -> None:
    proof = prove("a", Replay(EXPECTED), PIXELS, EXPECTED, TRUTH)
    assert (proof.slices, proof.flipped, proof.largest_difference, proof.accuracy) == (100, 0, 0, 1)


def test_flips_up_to_the_limit_are_counted() -> None:
    found = EXPECTED.copy()
    found[:2] = found[:2, ::-1]
    proof = prove("a", Replay(found), PIXELS, EXPECTED, TRUTH)
    assert (proof.flipped, proof.accuracy, proof.keras_accuracy) == (2, 0.98, 1)


def test_one_flip_too_many() -> None:
    found = EXPECTED.copy()
    found[:3] = found[:3, ::-1]
    with pytest.raises(ConversionError, match="a: disagrees with the Keras model on 3 of 100"):
        prove("a", Replay(found), PIXELS, EXPECTED, TRUTH)


def test_numbers_that_are_not_finite() -> None:
    found = EXPECTED.copy()
    found[99, 0] = np.nan
    with pytest.raises(ConversionError, match="not finite"):
        prove("a", Replay(found), PIXELS, EXPECTED, TRUTH)


@pytest.mark.parametrize(("precision", "size"), [("float32", 2000), ("int8", 500)])
def test_a_file_must_be_able_to_hold_the_weights(precision: str, size: int) -> None:
    check_size("a", size, 1000, precision)
    with pytest.raises(ConversionError, match=r"has only \d+ bytes"):
        check_size("a", size - 1, 1000, precision)
