from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app.bundle import sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from train.data.arrays import decoded
from train.data.dataset import Slice, read_dataset
from train.data.protocols import split
from train.data.siblings import load_siblings
from train.errors import DataError

SPEC = InputSpec(32)


def draw(folder: Path, name: str, margin: int, level: int) -> Slice:
    """Draws a bright square with a spot in its middle, whose margin no other sequence need share."""
    pixels = np.zeros((96, 96), np.uint8)
    pixels[margin:-margin, margin:-margin] = 120
    pixels[44:52, 44:52] = level
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return Slice(
        path.name,
        "glioma",
        sha256(path),
        group="p",
        source="wide/lgg_tcga",
        sequence=name.rsplit("_", 1)[1],
    )


@pytest.fixture
def place(tmp_path: Path) -> list[Slice]:
    """One place in three sequences, another in one."""
    drawn = [("p_7_T1", 8, 250), ("p_7_T1C", 16, 10), ("p_7_FLAIR", 8, 60), ("p_9_FLAIR", 8, 60)]
    return [draw(tmp_path, *each) for each in drawn]


def test_siblings_are_cut_as_the_slice_itself_is(place: list[Slice], tmp_path: Path) -> None:
    siblings = load_siblings(tmp_path, place, SPEC)
    assert np.diff(siblings.starts).tolist() == [2, 2, 2, 0]
    assert siblings.pixels.shape == (6, 32, 32, 1)
    own, contrast = (decode(tmp_path / slice_.path) for slice_ in place[:2])
    box = preprocess(own, SPEC)[1]
    assert box != preprocess(contrast, SPEC)[1]
    # The tissue of the second fills less of the first's cut than of its own.
    assert (siblings.pixels[0] > 60).sum() < (preprocess(contrast, SPEC)[0] > 60).sum()
    assert siblings.pixels[0, 16, 16] < 60 < siblings.pixels[2, 16, 16]


def test_only_registered_slices_of_the_same_answer_and_of_the_same_part_are_siblings(
    place: list[Slice], tmp_path: Path
) -> None:
    for others in (
        [replace(slice_, source="wide/open_ms") for slice_ in place],
        [place[0], replace(place[1], label="no_tumor")],
        [place[0], replace(place[1], sequence="")],
        place[:1],
    ):
        siblings = load_siblings(tmp_path, others, SPEC)
        assert not len(siblings.pixels) and siblings.starts.tolist() == [0] * (len(others) + 1)


def test_a_mixture_lies_between_its_slices_and_is_stretched_as_any_slice(
    place: list[Slice], tmp_path: Path
) -> None:
    siblings = load_siblings(tmp_path, place, InputSpec(32, contrast="none"))
    own = preprocess(decode(tmp_path / place[0].path), siblings.spec)[0][0]
    random = np.random.default_rng(1)
    among = np.concatenate([own[None], siblings.pixels[:2]])
    for _ in range(5):
        mixture = siblings.mix(own, 0, 1.0, random)
        assert mixture.shape == own.shape and mixture.dtype == np.uint8
        assert (mixture >= among.min(axis=0).astype(int) - 1).all() and (mixture <= among.max(axis=0)).all()
    stretched = replace(siblings, spec=SPEC).mix(own, 0, 1.0, random)
    assert stretched.max() == 255


def test_slices_without_siblings_and_those_not_chosen_stay(place: list[Slice], tmp_path: Path) -> None:
    siblings = load_siblings(tmp_path, place, SPEC)
    own = siblings.pixels[0]
    random = np.random.default_rng(1)
    assert siblings.mix(own, 3, 1.0, random) is own
    assert siblings.mix(own, 0, 0.0, random) is own
    chosen = sum(siblings.mix(own, 0, 0.5, random) is not own for _ in range(200))
    assert 70 < chosen < 130


def test_a_slice_that_vanished_is_named(place: list[Slice], tmp_path: Path) -> None:
    (tmp_path / place[1].path).unlink()
    with pytest.raises(DataError, match=r"p_7_T1C\.png: can't be read"):
        load_siblings(tmp_path, place, SPEC)


def test_the_real_places_lie_on_one_another(otak_data: Path) -> None:
    """The heads of one place cover the same pixels, in whatever sequence."""
    train = [
        slice_
        for slice_ in split(read_dataset(otak_data), "grouped").train
        if slice_.source == "wide/lgg_tcga"
    ][:60]
    siblings = load_siblings(otak_data, train, InputSpec(64))
    counts = np.diff(siblings.starts)
    assert (counts == 2).mean() > 0.5 and counts.max() == 2
    shared = []
    for row, slice_ in enumerate(train):
        own = preprocess(decoded(otak_data, slice_), siblings.spec)[0][0] > 40
        others = siblings.pixels[siblings.starts[row] : siblings.starts[row + 1]] > 40
        shared += [(own & other).sum() / (own | other).sum() for other in others]
    assert np.median(shared) > 0.7
