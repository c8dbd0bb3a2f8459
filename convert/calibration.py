"""The calibration set: the slices that the activations' ranges are measured on."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

import numpy as np

from convert.errors import ConversionError
from train.dataset import Slice

SLICES = 128


def choose(slices: list[Slice], seed: int, count: int = SLICES) -> list[Slice]:
    """Chooses slices in turns from every class of every source, as long as each has some left.

    A source is the first folder of a slice's path.

    Args:
        slices: The training part.
        seed: For the order within a class of a source.
        count: How many, where there are so many.

    Raises:
        ConversionError: There are no slices, or all are of one class.
    """
    if len({one.label for one in slices}) < 2:
        raise ConversionError(
            f"The training part has {len(slices)} slices, of fewer than two classes; "
            "a calibration set needs two classes."
        )
    strata: dict[tuple[str, str], list[Slice]] = defaultdict(list)
    for i in np.random.default_rng(seed).permutation(len(slices)):
        one = slices[i]
        strata[one.label, PurePosixPath(one.path).parts[0]].append(one)
    turns = sorted((turn, key) for key, members in strata.items() for turn in range(len(members)))
    return [strata[key][turn] for turn, key in turns[:count]]
