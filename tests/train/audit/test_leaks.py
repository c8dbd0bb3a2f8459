from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from tests.train.audit.planted import figures_of
from tests.train.conftest import write_table
from train.audit.figures import Figures
from train.audit.leaks import crossed
from train.data.dataset import Slice


def test_only_the_picture_of_testing_is_a_leak() -> None:
    slices = [
        Slice(f"{share}/glioma/a.jpg", "glioma", "", "") for share in ("Testing", "Training", "Testing")
    ]
    assert crossed(slices, np.array([[0, 1]])).tolist() == [True, False, False]
    assert crossed(slices, np.array([[0, 2]])).tolist() == [False, False, False]
    assert crossed(slices, np.zeros((0, 2), np.int64)).tolist() == [False, False, False]


def test_the_nearest_neighbour_knows_the_copies(figures: Figures) -> None:
    scores = {(baseline.protocol, baseline.part): baseline for baseline in figures.baselines}
    assert set(scores) == {
        ("paper", "all"),
        ("official", "all"),
        ("official", "copies"),
        ("official", "new"),
        ("grouped", "all"),
    }
    assert (scores["official", "copies"].slices, scores["official", "new"].slices) == (4, 16)
    for baseline in scores.values():
        accuracy = baseline.accuracy
        assert accuracy.low is not None and accuracy.high is not None
        assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1


def test_copies_in_two_given_folds_are_counted(table: list[dict[str, str]], tmp_path: Path) -> None:
    twin = tmp_path / "twin.jpg"
    shutil.copy(table[0]["path"], twin)
    table.append(table[0] | {"path": str(twin), "group": "another", "fold": "3"})
    groups = figures_of(write_table(table, tmp_path / "manifest.csv")).groups
    assert (groups.own, groups.leaks) == (True, 1)
