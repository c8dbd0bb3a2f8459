"""What stands on both sides of a split, and what a mere memory of pictures scores by it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import UNTYPED
from evaluation.statistics import bootstrap
from train.audit.copies import nearest
from train.audit.figures import Baseline
from train.audit.thumbnails import Pictures
from train.config import Protocol
from train.data.dataset import Slice
from train.data.protocols import split


def crossed(slices: Sequence[Slice], same: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tells which slices of Testing are near-identical to one of Training.

    Args:
        slices: The slices.
        same: int64 (Q, 2), near-identical pairs.

    Returns:
        bool (N,).
    """
    found = np.zeros(len(slices), bool)
    shares = [slice_.share for slice_ in slices]
    for first, second in np.concatenate([same, same[:, ::-1]]):
        found[first] |= (shares[first], shares[second]) == ("Testing", "Training")
    return found


def between_folds(slices: Sequence[Slice], same: NDArray[np.int64]) -> int:
    """Counts the near-identical pairs, int64 (Q, 2), that lie in two folds."""
    return sum(slices[first].fold != slices[second].fold for first, second in same)


def baseline(
    pictures: Pictures, slices: list[Slice], copied: NDArray[np.bool_], protocol: Protocol, seed: int
) -> list[Baseline]:
    """Answers each slice of a test part with the label of the most similar training slice.

    Args:
        pictures: Compared as whole pictures, as a net would be fed them.
        slices: The pictures' slices, with groups and folds.
        copied: bool (N,), which of them are copies across Training and Testing.
        protocol: See ``train.data.protocols``.
        seed: Of the split.

    Raises:
        DataError: The data set lacks what the protocol needs.
    """
    parts = split(slices, protocol, seed)
    index = {slice_.path: i for i, slice_ in enumerate(slices)}
    tested = np.array([index[slice_.path] for slice_ in parts.test])
    seen = {index[slice_.path] for slice_ in parts.train + parts.validation if slice_.label != UNTYPED}
    # Under ``paper`` the validation part is the test part.
    known = np.array(sorted(seen - set(tested.tolist())))
    labels = np.array([slice_.label for slice_ in slices])
    groups = np.array([slice_.group for slice_ in slices])[tested]
    right = labels[known[nearest(pictures.whole[tested], pictures.whole[known])]] == labels[tested]
    masks = {"all": np.ones(len(tested), bool)}
    copies = copied[tested]
    if protocol == "official" and 0 < copies.sum() < len(copies):
        masks |= {"copies": copies, "new": ~copies}
    return [
        Baseline(
            protocol,
            part,
            int(mask.sum()),
            bootstrap(right[mask].astype(float).tolist(), groups[mask].tolist()),
        )
        for part, mask in masks.items()
    ]
