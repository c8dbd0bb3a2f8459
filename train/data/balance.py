"""How often an epoch sees a slice: so that no sequence, scanner or kind stands for an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import NAMES, NO_TUMOUR_INDEX
from train.data.dataset import Slice

MOST = 4.0  # times an epoch that one slice may be seen

# From the outside in: what is told apart, and the power of its size that its share grows with. Square roots
# (Mikolov et al. 2013, section 2.3, draw by a power too) keep rare kinds from being drowned and common ones
# from being wasted; the sequences of one label weigh alike, since a sequence must not stand for an answer.
LEVELS: tuple[tuple[Callable[[Slice], str], float], ...] = (
    (lambda slice_: str(slice_.label == NAMES[NO_TUMOUR_INDEX]), 0.5),
    (lambda slice_: slice_.label, 0.5),
    (lambda slice_: slice_.sequence, 0.0),
    (lambda slice_: slice_.source, 0.5),
)


def draws(slices: list[Slice]) -> NDArray[np.float64]:
    """Returns how often an epoch of as many slices is to see each on average: (N,), at most ``MOST``.

    Args:
        slices: A training part.
    """
    shares = np.zeros(len(slices))
    _spread(slices, np.arange(len(slices)), 1.0, 0, shares)
    found = len(slices) * shares
    # What the cap takes away goes to the others, as far as they may have it.
    for _ in range(len(LEVELS) * 10):
        free = found < MOST
        rest = len(slices) - MOST * (~free).sum()
        if not free.any() or (np.isclose(found.sum(), len(slices)) and (found <= MOST).all()):
            break
        found = np.where(free, found * rest / found[free].sum(), MOST)
        found = np.minimum(found, MOST)
    return found


def _spread(
    slices: list[Slice], rows: NDArray[np.int64], share: float, level: int, shares: NDArray[np.float64]
) -> None:
    if level == len(LEVELS):
        shares[rows] = share / len(rows)
        return
    kind, power = LEVELS[level]
    kinds: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        kinds[kind(slices[row])].append(row)
    sizes = {name: len(own) ** power for name, own in kinds.items()}
    for name, own in kinds.items():
        _spread(slices, np.array(own), share * sizes[name] / sum(sizes.values()), level + 1, shares)
