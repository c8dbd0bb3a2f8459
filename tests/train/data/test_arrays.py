from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from tests.imports import graph, sources
from tests.phantoms import phantom
from train.data.arrays import decoding, load_arrays
from train.data.dataset import Slice, read_dataset
from train.errors import DataError


@pytest.fixture
def slices(paper_layout: Path) -> list[Slice]:
    return read_dataset(paper_layout)[::9]


def test_slices_are_what_the_classifier_sees(paper_layout: Path, slices: list[Slice], tmp_path: Path) -> None:
    spec = InputSpec(64)
    arrays = load_arrays(paper_layout, slices, spec, tmp_path)
    for slice_, pixels, target in zip(slices, arrays.pixels, arrays.targets, strict=True):
        assert np.array_equal(pixels, preprocess(decode(paper_layout / slice_.path), spec)[0][0])
        assert target.sum() == 1


def test_the_cache_gives_the_same_arrays(paper_layout: Path, slices: list[Slice], tmp_path: Path) -> None:
    first = load_arrays(paper_layout, slices, InputSpec(64), tmp_path)
    again = load_arrays(tmp_path / "moved", slices, InputSpec(64), tmp_path)
    assert np.array_equal(first.pixels, again.pixels)
    assert load_arrays(paper_layout, slices, InputSpec(32), tmp_path).pixels.shape[1] == 32


def test_the_cache_knows_all_code_that_makes_pixels() -> None:
    """But for what says errors, and how a configuration is checked."""
    edges, found, waiting = graph(), set(), ["edge_app.image", "edge_app.preprocessing"]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += edges[module]
    makes_none = {"edge_app.errors", "edge_app.languages", "edge_app.records"}
    assert {sources()[module] for module in found - makes_none} <= set(decoding())


def test_boxes_follow_the_crop(tmp_path: Path) -> None:
    """A box around the whole head fills the cropped input."""
    phantom("glioma", seed=1).save(tmp_path / "a.png")
    _, (left, top, right, bottom) = preprocess(decode(tmp_path / "a.png"), InputSpec(64))
    box = ((left + right) / 512, (top + bottom) / 512, (right - left) / 256, (bottom - top) / 256)
    (tmp_path / "glioma").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "glioma" / "a.png")
    (slice_,) = read_dataset(tmp_path)
    arrays = load_arrays(tmp_path, [replace(slice_, box=box)], InputSpec(64), tmp_path)
    assert arrays.boxes[0] == pytest.approx([0.5, 0.5, 1, 1], abs=1e-6)
    assert np.isnan(load_arrays(tmp_path, [slice_], InputSpec(64), tmp_path).boxes).all()


def test_an_untyped_tumour_may_be_any_tumour(paper_layout: Path, slices: list[Slice], tmp_path: Path) -> None:
    arrays = load_arrays(paper_layout, [replace(slices[0], label="tumour")], InputSpec(32), tmp_path)
    assert arrays.targets.tolist() == [[1, 1, 0, 1]]


def test_every_unreadable_slice_is_named_before_training(tmp_path: Path) -> None:
    for label in ("glioma", "no_tumor"):
        (tmp_path / label).mkdir()
        phantom(label, seed=1).save(tmp_path / label / "good.jpg")
    data = (tmp_path / "glioma" / "good.jpg").read_bytes()
    (tmp_path / "glioma" / "cut.jpg").write_bytes(data[: len(data) // 2])
    (tmp_path / "no_tumor" / "text.jpg").write_text("no picture")
    with pytest.raises(DataError, match=r"cut\.jpg.*text\.jpg"):
        load_arrays(tmp_path, read_dataset(tmp_path), InputSpec(32), tmp_path / "cache")


def test_a_changed_file(paper_layout: Path, slices: list[Slice], tmp_path: Path) -> None:
    changed = [replace(slices[0], sha256="0" * 64)]
    with pytest.raises(DataError, match="is not the file that the manifest describes"):
        load_arrays(paper_layout, changed, InputSpec(32), tmp_path)


def test_a_file_that_vanished(paper_layout: Path, slices: list[Slice], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.jpg: can't be read"):
        load_arrays(paper_layout, [replace(slices[0], path="absent.jpg")], InputSpec(32), tmp_path)
