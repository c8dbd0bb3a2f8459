from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import sample_images
from edge_app.image import decode


def test_pictures_are_chosen_evenly(data: Path) -> None:
    found = sample_images.choose(data, [])
    assert len(found) == len(set(found)) == 16
    slices = [data / f"{i}.jpg" for i in range(100)]
    chosen = sample_images.choose(data, slices)
    assert len(chosen) == sample_images.COUNT and chosen[0] == slices[0] and set(chosen) < set(slices)


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="holds no JPEG or PNG"):
        sample_images.choose(tmp_path, [])


def test_pictures_are_drawn_alike(tmp_path: Path) -> None:
    first, second = sample_images.draw(tmp_path / "first"), sample_images.draw(tmp_path / "second")
    assert len(first) == sample_images.COUNT
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert decode(first[0]).size == (512, 512)
