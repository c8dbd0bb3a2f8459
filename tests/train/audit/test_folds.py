from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.train.audit.planted import path_of
from tests.train.conftest import write_table
from train.audit.folds import group
from train.audit.thumbnails import read_pictures
from train.data import folds
from train.data.dataset import Slice, read_dataset
from train.data.protocols import split
from train.errors import DataError

NO_PAIRS = np.zeros((0, 2), np.int64)


def test_the_groups_file_is_one_for_training(audited: Path, planted: Path) -> None:
    readable = read_pictures(planted, read_dataset(planted)).slices
    slices = {slice_.path: slice_ for slice_ in folds.assign(readable, audited / "groups.csv")}
    assert {slice_.fold for slice_ in slices.values()} == set(range(5))
    copies = [
        path_of("Training", "glioma", "001"),
        path_of("Testing", "glioma", "saved_again"),
        path_of("Testing", "glioma", "resized"),
    ]
    assert len({(slices[path].group, slices[path].fold) for path in copies}) == 1
    parts = split(list(slices.values()), "grouped")
    seen = {slice_.group for slice_ in parts.train + parts.validation}
    assert not seen & {slice_.group for slice_ in parts.test}


def test_patients_stay_together(table: list[dict[str, str]], tmp_path: Path) -> None:
    for row in table:
        row["patient"] = row.pop("group")
        del row["fold"]
    slices = read_dataset(write_table(table, tmp_path / "mine.csv"))
    grouped = group(slices, NO_PAIRS, seed=1)
    for patient in {slice_.group for slice_ in slices}:
        own = {new.group for old, new in zip(slices, grouped, strict=True) if old.group == patient}
        assert len(own) == 1


def test_too_few_slices_or_groups_for_folds() -> None:
    few = [Slice(str(i), "glioma", "", str(i)) for i in range(4)]
    with pytest.raises(DataError, match="The class glioma has only 4 slices for 5 folds"):
        group(few, NO_PAIRS, seed=1)
    alike = [Slice(str(i), "glioma", "", "one patient") for i in range(9)]
    with pytest.raises(DataError, match="There are only 1 groups for 5 folds"):
        group(alike, NO_PAIRS, seed=1)
