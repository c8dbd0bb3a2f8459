"""How often an epoch sees a slice: so that no sequence, scanner or kind stands for an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from train.config import Recipe
from train.data.dataset import Slice

Levels = Sequence[tuple[Callable[[Slice], str], float]]

MOST = 4.0  # times an epoch that one slice may be seen


def draws(slices: list[Slice], recipe: Recipe) -> NDArray[np.float64]:
    """Returns how often an epoch of as many slices is to see each on average: (N,), at most ``MOST``.

    Args:
        slices: A training part.
        recipe: Says how strongly types of tumours and paired collections are balanced.
    """

    def sequence(slice_: Slice) -> str:
        typed = slice_.label not in (NAMES[NO_TUMOUR_INDEX], UNTYPED)
        return slice_.sequence or ("T1C" if recipe.unknown_as_contrast and typed else "")

    # From the outside in: what is told apart, and the power of its size that its share grows with. Square
    # roots (Mikolov et al. 2013, section 2.3, draw by a power too) keep rare kinds from being drowned and
    # common ones from being wasted; the sequences of one label weigh alike, since a sequence must not stand
    # for an answer.
    levels: Levels = (
        (lambda slice_: str(slice_.label == NAMES[NO_TUMOUR_INDEX]), 0.5),
        (lambda slice_: slice_.label, recipe.type_power),
        (sequence, 0.0),
        (lambda slice_: slice_.source, 0.5),
    )
    shares = np.zeros(len(slices))
    _spread(slices, np.arange(len(slices)), 1.0, levels, shares)
    shares *= np.where(_paired(slices), recipe.paired_factor, 1.0)
    return _capped(len(slices) * shares / shares.sum())


def _paired(slices: list[Slice]) -> list[bool]:
    """Tells which slices are of a collection that shows tumours and none in their very sequence."""
    answers: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for slice_ in slices:
        answers[slice_.source, slice_.sequence].add(slice_.label == NAMES[NO_TUMOUR_INDEX])
    return [bool(slice_.sequence) and len(answers[slice_.source, slice_.sequence]) == 2 for slice_ in slices]


def _capped(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gives what the cap takes away to the others, as far as they may have it."""
    for _ in range(40):
        free = found < MOST
        rest = len(found) - MOST * (~free).sum()
        if not free.any() or (np.isclose(found.sum(), len(found)) and (found <= MOST).all()):
            break
        found = np.where(free, found * rest / found[free].sum(), MOST)
        found = np.minimum(found, MOST)
    return found


def _spread(
    slices: list[Slice], rows: NDArray[np.int64], share: float, levels: Levels, shares: NDArray[np.float64]
) -> None:
    if not levels:
        shares[rows] = share / len(rows)
        return
    (kind, power), *deeper = levels
    kinds: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        kinds[kind(slices[row])].append(row)
    sizes = {name: len(own) ** power for name, own in kinds.items()}
    for name, own in kinds.items():
        _spread(slices, np.array(own), share * sizes[name] / sum(sizes.values()), deeper, shares)
