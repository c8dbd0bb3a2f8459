"""Groups and folds for a data set that has none, by near-identity."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from train.audit.copies import components
from train.data.dataset import Slice
from train.data.protocols import FOLDS
from train.errors import DataError


def group(slices: list[Slice], same: NDArray[np.int64], seed: int) -> list[Slice]:
    """Gives slices groups and folds.

    Args:
        slices: The slices; groups that they already have (patients) stay together.
        same: int64 (Q, 2), near-identical pairs.
        seed: Of the folds.

    Raises:
        DataError: A class has fewer slices, or the data set fewer groups, than there are folds.
    """
    first_of: dict[str, int] = {}
    given = [(first_of.setdefault(slice_.group, i), i) for i, slice_ in enumerate(slices)]
    names = components(len(slices), np.concatenate([same, np.array(given, np.int64)]))
    labels = np.array([slice_.label for slice_ in slices])
    for label, count in sorted(Counter(labels.tolist()).items()):
        if count < FOLDS:
            raise DataError(f"The class {label} has only {count} slices for {FOLDS} folds.")
    if names.max() + 1 < FOLDS:
        raise DataError(f"There are only {names.max() + 1} groups for {FOLDS} folds.")
    folds = np.zeros(len(slices), int)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fold, (_, members) in enumerate(splitter.split(labels, labels, names)):
        folds[members] = fold
    return [
        replace(slice_, group=str(name), fold=int(fold))
        for slice_, name, fold in zip(slices, names, folds, strict=True)
    ]
