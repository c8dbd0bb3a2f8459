"""What recipes are chosen by, on predictions of slices that the net never saw; named before any choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.parts import UNKNOWN
from evaluation.predictions import SlicePrediction

LEAST = 30  # slices of a label in a sequence, fewer of which say too little


@dataclass(frozen=True)
class Cell:
    """The slices of one label in one sequence.

    Attributes:
        sequence: Of the scanner.
        label: The true answer.
        slices: How many.
        right: Share whose most probable answer is the true one, for a tumour of unknown type any tumour.
        crossentropy: Mean of the negative logarithm of what the true answer is given.
    """

    sequence: str
    label: str
    slices: int
    right: float
    crossentropy: float


@dataclass(frozen=True)
class Criterion:
    """The first figure decides, the second between nets that are alike in it.

    Attributes:
        balanced_accuracy: The mean over the sequences of the mean over their labels, so that neither a
            common sequence nor a common label decides.
        crossentropy: Likewise.
        cells: Those that have a say, the weakest first.
    """

    balanced_accuracy: float
    crossentropy: float
    cells: tuple[Cell, ...]


def criterion(predictions: Sequence[SlicePrediction]) -> Criterion | None:
    """Computes the criterion; None where no cell has slices enough.

    Args:
        predictions: Of several folds, each by a net that never saw it.
    """
    slices: dict[tuple[str, str], list[SlicePrediction]] = defaultdict(list)
    for each in predictions:
        slices[each.sequence or UNKNOWN, each.label].append(each)
    cells = [_cell(*name, own) for name, own in slices.items() if len(own) >= LEAST]
    if not cells:
        return None
    sequences: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        sequences[cell.sequence].append(cell)
    return Criterion(
        balanced_accuracy=mean(mean(cell.right for cell in own) for own in sequences.values()),
        crossentropy=mean(mean(cell.crossentropy for cell in own) for own in sequences.values()),
        cells=tuple(sorted(cells, key=lambda cell: (cell.right, cell.sequence, cell.label))),
    )


def _cell(sequence: str, label: str, slices: list[SlicePrediction]) -> Cell:
    given = [
        1 - each.probabilities[NO_TUMOUR] if label == UNTYPED else each.probabilities[label]
        for each in slices
    ]
    return Cell(
        sequence=sequence,
        label=label,
        slices=len(slices),
        right=mean(each.predicted != NO_TUMOUR if label == UNTYPED else each.right for each in slices),
        crossentropy=float(-np.log(np.clip(given, 1e-7, 1)).mean()),
    )
