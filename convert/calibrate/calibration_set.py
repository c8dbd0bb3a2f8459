"""The calibration set: the slices that the activations' ranges are measured on."""

from __future__ import annotations

import numpy as np

from convert.errors import ConversionError
from evaluation.labels import UNTYPED
from train.data.dataset import Slice

SLICES = 256


def choose(slices: list[Slice], seed: int, count: int = SLICES) -> list[Slice]:
    """Chooses slices of known type at random, so that classes and sources weigh as in the training part.

    Args:
        slices: The training part.
        seed: For the choice.
        count: How many, where there are so many.

    Raises:
        ConversionError: There are no slices, or all are of one class.
    """
    typed = [slice_ for slice_ in slices if slice_.label != UNTYPED]
    if len({slice_.label for slice_ in typed}) < 2:
        raise ConversionError(
            f"The training part has {len(typed)} slices, of fewer than two classes; "
            "a calibration set needs two classes."
        )
    return [typed[i] for i in np.random.default_rng(seed).permutation(len(typed))[:count]]
