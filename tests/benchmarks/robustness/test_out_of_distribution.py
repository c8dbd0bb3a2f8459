from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.measure.robustness import SAMPLES
from benchmarks.robustness.out_of_distribution import generated, inputs
from edge_app.bundle import sha256
from edge_app.errors import NotAnImage


def photograph(path: Path, seed: int) -> Path:
    levels = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(levels).save(path)
    return path


def test_what_a_rejection_was_fitted_on_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "not_mri"
    folder.mkdir()
    seen, new = (photograph(folder / f"{seed}.png", seed) for seed in range(2))
    kinds = inputs(tmp_path, {sha256(seen)})
    assert [name for name, _ in kinds["photographs"]] == [new.name]
    ((_, grey),) = kinds["photographs in grey"]
    assert grey.mode == "RGB" and np.ptp(np.asarray(grey), axis=2).max() == 0


def test_generated_pictures_are_always_the_same_and_named_apart() -> None:
    first, second = dict(generated()), dict(generated())
    assert len(first) == len(list(generated())) >= 15
    assert all(np.array_equal(np.asarray(first[name]), np.asarray(second[name])) for name in first)


def test_the_kinds_that_come_without_a_folder_are_listed(tmp_path: Path) -> None:
    (tmp_path / "not_mri").mkdir()
    assert tuple(inputs(tmp_path, set(), slices=[tmp_path / "slice.png"])) == SAMPLES


def test_a_folder_without_photographs_leaves_the_other_kinds(tmp_path: Path) -> None:
    assert set(inputs(tmp_path, set())) == {"generated", "scikit-learn", "scikit-image"}


def test_of_other_pictures_those_are_shown_that_nothing_was_fitted_on(tmp_path: Path) -> None:
    for seed, name in enumerate(("knee", "hand", "chest")):
        photograph(tmp_path / f"{name}.png", seed)
    text = "path,kind,half\nknee.png,mr_body,judge\nhand.png,mr_body,train\nchest.png,xray,judge\n"
    (tmp_path / "sources.csv").write_text(text, encoding="utf-8")
    kinds = inputs(tmp_path / "data", set(), tmp_path)
    assert [name for name, _ in kinds["mr_body"]] == ["knee.png"]
    assert [name for name, _ in kinds["xray"]] == ["chest.png"]


def test_a_photograph_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "not_mri").mkdir()
    (tmp_path / "not_mri" / "notes.txt").write_text("no picture", encoding="utf-8")
    with pytest.raises(NotAnImage, match=r"notes\.txt"):
        list(inputs(tmp_path, set())["photographs"])
