"""Labels that contradict each other: near-identical pictures of which one at least is labelled wrongly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from train.data.dataset import Slice


def contradicted(slices: Sequence[Slice], same: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tells which slices are near-identical to one whose label excludes theirs.

    Args:
        slices: The slices.
        same: int64 (Q, 2), near-identical pairs.

    Returns:
        bool (N,).
    """
    found = np.zeros(len(slices), bool)
    for first, second in same:
        found[[first, second]] |= excludes(slices[first].label, slices[second].label)
    return found


def excludes(first: str, second: str) -> bool:
    """Tells whether two labels contradict each other; a tumour of unknown type may be of any type."""
    return first != second and not (UNTYPED in (first, second) and NO_TUMOUR not in (first, second))
