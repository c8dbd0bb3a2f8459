from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.train.audit.planted import path_of
from train.audit.conflicts import contradicted, excludes
from train.data.dataset import Slice


def test_the_planted_contradiction_is_found(audited: Path) -> None:
    with (audited / "copies.csv").open() as file:
        found = {row["path"] for row in csv.DictReader(file) if row["contradicted"] == "1"}
    assert found == {path_of("Training", "pituitary", "000"), path_of("Training", "no_tumor", "contradicts")}


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        ("glioma", "glioma", False),
        ("glioma", "pituitary", True),
        ("glioma", "no_tumor", True),
        ("tumour", "glioma", False),
        ("no_tumor", "tumour", True),
    ],
)
def test_what_contradicts(first: str, second: str, contradict: bool) -> None:
    assert excludes(first, second) == excludes(second, first) == contradict


def test_both_sides_of_a_contradiction_are_marked() -> None:
    slices = [Slice(str(i), label, "", "") for i, label in enumerate(("glioma", "glioma", "pituitary"))]
    assert contradicted(slices, np.array([[0, 1]])).tolist() == [False, False, False]
    assert contradicted(slices, np.array([[0, 1], [1, 2]])).tolist() == [False, True, True]
