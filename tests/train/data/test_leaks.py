"""What a run's ``split.csv`` may hold: nothing that its net, or any later step, must not have seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.conftest import write_table
from train.data.dataset import Slice, read_dataset
from train.data.protocols import FOLDS, SEEN, TEST_FOLD, read_split, split, write_split


def assert_no_leak(path: Path, slices: list[Slice], fold: int) -> None:
    """Compares hashes, since a file may lie in a data set under several names."""
    rows = read_split(path)
    seen = {digest for digest, role in rows if role in SEEN}
    known = {digest for digest, _ in rows}
    judged = {slice_.sha256 for slice_ in slices if slice_.fold in (fold, TEST_FOLD)}
    assert seen and not seen & judged
    guessed = {slice_.sha256 for slice_ in slices if slice_.use == "train"}
    assert not guessed & {digest for digest, role in rows if role != "train"}
    assert not known & {slice_.sha256 for slice_ in slices if slice_.use in ("ood", "none")}


@pytest.mark.parametrize("fold", range(FOLDS))
def test_no_hash_of_a_fold_that_is_judged_is_learnt_from(
    table: list[dict[str, str]], tmp_path: Path, fold: int
) -> None:
    read = read_dataset(write_table(table, tmp_path / "manifest.csv"))
    slices = [
        replace(slice_, path=f"{copy}/{slice_.path}", group=f"{slice_.group}-{copy}", sha256=f"{i}-{copy}")
        for i, slice_ in enumerate(read)
        for copy in range(5)
    ]
    uses = ("all", "all", "all", "train", "ood", "none", "all")
    slices = [replace(slice_, use=uses[i % len(uses)]) for i, slice_ in enumerate(slices)]
    write_split(tmp_path / "split.csv", split(slices, "grouped", fold=fold))
    assert_no_leak(tmp_path / "split.csv", slices, fold)


@pytest.mark.parametrize("fold", range(FOLDS))
def test_nor_is_any_of_the_real_data(otak_data: Path, tmp_path: Path, fold: int) -> None:
    slices = read_dataset(otak_data)
    write_split(tmp_path / "split.csv", split(slices, "grouped", fold=fold))
    assert_no_leak(tmp_path / "split.csv", slices, fold)
