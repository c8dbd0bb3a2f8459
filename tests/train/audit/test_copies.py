from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from edge_app.bundle import sha256
from tests.train.audit.planted import path_of
from train.audit.copies import components, match, nearest
from train.audit.thumbnails import read_pictures
from train.data.dataset import Slice


def test_the_planted_copies_and_no_others_are_found(audited: Path) -> None:
    clusters: dict[str, set[str]] = {}
    with (audited / "copies.csv").open() as file:
        for row in csv.DictReader(file):
            clusters.setdefault(row["cluster"], set()).add(row["path"])
    expected = (
        {path_of("Training", "glioma", "000"), path_of("Testing", "glioma", "identical")},
        {
            path_of("Training", "glioma", "001"),
            path_of("Testing", "glioma", "saved_again"),
            path_of("Testing", "glioma", "resized"),
        },
        {path_of("Training", "meningioma", "000"), path_of("Testing", "meningioma", "margin")},
        {path_of("Training", "pituitary", "000"), path_of("Training", "no_tumor", "contradicts")},
    )
    assert sorted(map(sorted, clusters.values())) == sorted(map(sorted, expected))


def test_even_pictures_are_alike_only_as_files(tmp_path: Path) -> None:
    slices = []
    for name, level in (("a", 0), ("b", 90), ("c", 90)):
        path = tmp_path / f"{name}.png"
        Image.fromarray(np.full((64, 64), level, np.uint8)).save(path)
        slices.append(Slice(path.name, "no_tumor", sha256(path), "g"))
    matches = match(read_pictures(tmp_path, slices))
    assert matches.same.tolist() == [[1, 2]]


def test_the_nearest_is_the_most_correlated_whatever_its_brightness() -> None:
    generator = np.random.default_rng(0)
    known = generator.integers(0, 100, (5, 8, 8), np.uint8)
    assert nearest(known[[3, 1]] * 2 + 20, known).tolist() == [3, 1]


def test_components_are_numbered_by_first_appearance() -> None:
    assert components(5, [[1, 3], [3, 4]]).tolist() == [0, 1, 2, 1, 1]
    assert components(2, []).tolist() == [0, 1]
