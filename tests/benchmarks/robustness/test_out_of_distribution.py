from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.robustness.out_of_distribution import generated, strangers
from edge_app.bundle import sha256


def photograph(path: Path, seed: int) -> Path:
    levels = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(levels).save(path)
    return path


def test_what_a_gate_learnt_from_does_not_judge_it(tmp_path: Path) -> None:
    folder = tmp_path / "not_mri"
    folder.mkdir()
    one, other = (photograph(folder / f"{seed}.png", seed) for seed in range(2))
    kinds = strangers(tmp_path, {sha256(one)})
    assert [name for name, _ in kinds["photographs"]] == [other.name]
    ((_, grey),) = kinds["photographs in grey"]
    assert grey.mode == "RGB" and np.ptp(np.asarray(grey), axis=2).max() == 0


def test_generated_pictures_are_always_the_same_and_named_apart() -> None:
    first, second = dict(generated()), dict(generated())
    assert len(first) >= 15
    assert all(np.array_equal(np.asarray(first[name]), np.asarray(second[name])) for name in first)


def test_a_folder_without_photographs_leaves_the_other_kinds(tmp_path: Path) -> None:
    assert set(strangers(tmp_path, set())) == {"generated", "scikit-learn", "scikit-image"}
