"""What a run's ``split.csv`` and a bundle's ``held_out.npz`` say of the slices to verify on."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from convert import held_out
from convert.calibrate.temperature import soften
from convert.errors import ConversionError
from convert.held_out import NAME, SPLIT, load_parts
from edge_app.bundle import Bundle
from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES, UNTYPED
from tests.phantoms import write_dataset
from tests.train.runs import make_run
from train.data.dataset import Slice, read_dataset
from train.errors import DataError
from train.model import networks
from train.run import Run

SPEC = InputSpec(size=32, channels=1)
COLUMNS = ("path", "sha256", "role", "label")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve phantoms to train on, four to test on."""
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder, per_class=3, seed=3)
    return folder


@pytest.fixture(scope="module")
def net() -> keras.Model:
    keras.utils.set_random_seed(1)
    return networks.build("edge", SPEC)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = make_run(tmp_path / "run")
    made.folder.mkdir()
    return replace(made, config=replace(made.config, input=SPEC))


def training(data: Path) -> list[Slice]:
    return [slice_ for slice_ in read_dataset(data) if slice_.share == "Training"]


def write_split(run: Run, **roles: list[Slice]) -> None:
    with (run.folder / SPLIT).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for role, slices in roles.items():
            writer.writerows([each.path, each.sha256, role, each.label] for each in slices)


def test_each_part_has_its_own_slices(run: Run, net: keras.Model, data: Path) -> None:
    slices = training(data)
    untyped = replace(slices[0], label=UNTYPED)
    tested = [slice_ for slice_ in read_dataset(data) if slice_.share == "Testing"]
    write_split(run, train=slices[4:], validation=[untyped, *slices[1:4]], test=tested)
    parts = load_parts(run, net, data)
    assert parts.train == slices[4:] and not parts.seen
    assert set(parts.calibration) == set(slices[4:])
    # A tumour of unknown type has no true answer to verify.
    assert parts.held_out.slices == slices[1:4]
    assert parts.held_out.truth.tolist() == [NAMES.index(slice_.label) for slice_ in slices[1:4]]
    assert parts.held_out.pixels.shape == (3, 32, 32, 1) and parts.held_out.pixels.dtype == np.uint8
    said = net.predict(parts.held_out.pixels.astype(np.float32), verbose=0)
    assert soften(parts.held_out.logits, 1) == pytest.approx(said, abs=1e-5)
    assert parts.held_out.heatmaps is not None and parts.held_out.heatmaps.shape[0] == 3


def test_without_a_validation_part_some_of_the_training_part_is_held_out(
    run: Run, net: keras.Model, data: Path
) -> None:
    slices = training(data)
    write_split(run, train=slices)
    parts = load_parts(run, net, data)
    assert parts.seen and len(parts.held_out.slices) == 1
    assert sorted([*parts.train, *parts.held_out.slices], key=lambda each: each.path) == slices
    assert not set(parts.calibration) & set(parts.held_out.slices)


def test_sources_are_those_of_what_was_seen(run: Run, net: keras.Model, data: Path) -> None:
    slices = training(data)
    write_split(run, train=slices[3:], validation=slices[:3])
    parts = load_parts(run, net, data)
    named = [replace(slice_, source=source) for slice_, source in zip(slices, ("b", "a", "b"), strict=False)]
    assert parts.sources == []
    assert replace(parts, train=named).sources == ["a", "b"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_split_without_a_column(run: Run, net: keras.Model, data: Path, column: str) -> None:
    write_split(run, train=training(data))
    path = run.folder / SPLIT
    path.write_text(path.read_text(encoding="utf-8").replace(column, "other", 1), encoding="utf-8")
    with pytest.raises(ConversionError, match=rf"split\.csv: lacks the columns {column}; train the net"):
        load_parts(run, net, data)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, r"can't be read \(No such file"),
        (b"", "lacks the columns path, sha256, role, label"),
        (b"\xff\xfe\n", "is no table"),
        (b"path,sha256,role,label\na.jpg,ab,train\n", "line 2 can't be understood"),
        (b"path,sha256,role,label\na.jpg,ab,train,glial\n", "line 2 can't be understood"),
        (b"path,sha256,role,label\na.jpg,ab,train,glioma\n", r"a\.jpg is missing or changed"),
    ],
)
def test_a_broken_split(run: Run, net: keras.Model, data: Path, content: bytes | None, fault: str) -> None:
    if content is not None:
        (run.folder / SPLIT).write_bytes(content)
    with pytest.raises(ConversionError, match=fault):
        load_parts(run, net, data)


@pytest.fixture
def stored(run: Run, net: keras.Model, data: Path, toy_bundle: Path, tmp_path: Path) -> Bundle:
    """A bundle's description with the slices that it was verified on beside it."""
    slices = training(data)
    write_split(run, train=slices[3:], validation=slices[:3])
    load_parts(run, net, data).held_out.save(tmp_path)
    return replace(Bundle.load(toy_bundle), folder=tmp_path, input=SPEC)


def test_what_is_saved_is_loaded_again(
    run: Run, net: keras.Model, data: Path, stored: Bundle, tmp_path: Path
) -> None:
    before, found = load_parts(run, net, data).held_out, held_out.reload(stored, data, tmp_path)
    assert [slice_.path for slice_ in found.slices] == [slice_.path for slice_ in before.slices]
    for name in ("pixels", "truth", "logits"):
        assert np.array_equal(getattr(found, name), getattr(before, name))
    assert found.heatmaps is not None and before.heatmaps is not None
    assert np.abs(found.heatmaps - before.heatmaps).max() <= 0.5 / 255 + 1e-6
    replace(before, heatmaps=None).save(tmp_path)
    assert held_out.reload(stored, data, tmp_path).heatmaps is None


@pytest.mark.parametrize("damage", ["cut off", "emptied", "no archive", "another archive"])
def test_broken_held_out_slices(stored: Bundle, data: Path, tmp_path: Path, damage: str) -> None:
    path = tmp_path / NAME
    whole = path.read_bytes()
    if damage == "another archive":
        np.savez(path, other=np.zeros(1))
    else:
        path.write_bytes({"cut off": whole[: len(whole) // 2], "emptied": b"", "no archive": b"text"}[damage])
    with pytest.raises(ConversionError, match=r"held_out\.npz: is broken"):
        held_out.reload(stored, data, tmp_path)


def test_held_out_slices_that_are_not_in_the_data(stored: Bundle, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        held_out.reload(stored, tmp_path / "elsewhere", tmp_path / "cache")
