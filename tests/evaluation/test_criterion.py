from __future__ import annotations

import math

import pytest

from evaluation.criterion import LEAST, criterion
from evaluation.labels import NAMES
from evaluation.predictions import SlicePrediction
from tests.evaluation.rows import row


def rows(label: str, predicted: str, sequence: str, count: int) -> list[SlicePrediction]:
    probabilities = {name: 0.7 if name == predicted else 0.1 for name in NAMES}
    return [row(label, predicted, i, sequence=sequence, probabilities=probabilities) for i in range(count)]


def test_neither_a_common_sequence_nor_a_common_label_decides() -> None:
    found = criterion(
        [
            *rows("glioma", "glioma", "T1", 900),
            *rows("no_tumor", "glioma", "T1", 30),
            *rows("no_tumor", "no_tumor", "T2", 30),
        ]
    )
    assert found is not None
    assert found.balanced_accuracy == pytest.approx((0.5 + 1) / 2)
    assert found.crossentropy == pytest.approx(-((math.log(0.7) + math.log(0.1)) / 2 + math.log(0.7)) / 2)
    assert (found.cells[0].sequence, found.cells[0].label) == ("T1", "no_tumor")


def test_a_tumour_of_unknown_type_may_be_any() -> None:
    found = criterion(rows("tumour", "pituitary", "", LEAST))
    assert found is not None and found.balanced_accuracy == 1
    assert found.cells[0].sequence == "unknown"
    assert found.crossentropy == pytest.approx(-math.log(0.9))


def test_too_few_slices_have_no_say() -> None:
    few = rows("no_tumor", "glioma", "T1", LEAST - 1)
    assert criterion(few) is None
    found = criterion([*few, *rows("glioma", "glioma", "T1", LEAST)])
    assert found is not None and found.balanced_accuracy == 1 and len(found.cells) == 1
