"""The slices that files are verified on, with what the Keras model says of each."""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from convert.calibrate import calibration_set
from convert.calibrate.temperature import logits_of
from convert.errors import ConversionError
from edge_app.bundle import Bundle
from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from train.data.arrays import load_arrays
from train.data.dataset import Slice, read_dataset, root_of
from train.model.networks import with_map
from train.run import Run

NAME = "held_out.npz"
SPLIT = "split.csv"
TENTH = 10


@dataclass(frozen=True)
class HeldOut:
    """Slices of the training side that no file was calibrated on.

    Attributes:
        slices: The slices.
        pixels: uint8 (N, size, size, channels).
        truth: int64 (N,), indices of the true labels.
        logits: float32 (N, labels), the Keras model's, up to a constant a slice.
        heatmaps: float32 (N, rows, columns), the Keras model's; None where it has none.
    """

    slices: list[Slice]
    pixels: NDArray[np.uint8]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]
    heatmaps: NDArray[np.float32] | None

    def save(self, folder: Path) -> None:
        """Writes ``held_out.npz``, without the pixels, so that the verification can be repeated."""
        heatmaps = np.zeros(0) if self.heatmaps is None else 255 * self.heatmaps
        np.savez_compressed(
            folder / NAME,
            path=[slice_.path for slice_ in self.slices],
            label=[slice_.label for slice_ in self.slices],
            sha256=[slice_.sha256 for slice_ in self.slices],
            logits=self.logits,
            heatmaps=np.rint(heatmaps).astype(np.uint8),
        )


@dataclass(frozen=True)
class Parts:
    """What a run's data give a conversion.

    Attributes:
        train: What the net was trained on and is not held out.
        calibration: The slices of it to calibrate on.
        calibration_pixels: uint8 (N, size, size, channels), theirs.
        calibration_logits: float32 (N, labels), the Keras model's of them, up to a constant a slice.
        held_out: What to verify on.
        seen: Whether what is held out was seen in training, so that no temperature can be fitted on it.
    """

    train: list[Slice]
    calibration: list[Slice]
    calibration_pixels: NDArray[np.uint8]
    calibration_logits: NDArray[np.float32]
    held_out: HeldOut
    seen: bool

    @property
    def sources(self) -> list[str]:
        """The collections that the net, its temperatures or its thresholds saw, as far as named."""
        return sorted({slice_.source for slice_ in (*self.train, *self.held_out.slices)} - {""})


def load_parts(
    run: Run,
    net: keras.Model,
    data: Path,
    choose: Callable[[list[Slice], int], list[Slice]] = calibration_set.choose,
) -> Parts:
    """Loads a run's slices: some of its training part to calibrate on, its validation part to verify on.

    Where a protocol has no validation part of its own (``paper``), a tenth of the training part is held
    out of the calibration. The test part is never looked at.

    Args:
        run: The run.
        net: Its net.
        data: The data set.
        choose: The calibration set from the training part and the run's seed.

    Raises:
        ConversionError: ``split.csv`` is missing or broken, or the data are not the run's, or lack what a
            calibration set needs.
        DataError: The data can't be read.
    """
    roles = read_roles(run, data)
    train = roles["train"]
    validation = [slice_ for slice_ in roles["validation"] if slice_.label != UNTYPED]
    seen = not validation
    if seen:
        order = np.random.default_rng(run.config.seed).permutation(len(train))
        tenth = max(1, len(train) // TENTH)
        validation = [train[i] for i in order[:tenth] if train[i].label != UNTYPED]
        train = [train[i] for i in order[tenth:]]
    chosen = choose(train, run.config.seed)
    cache = run.folder.parent / ".cache"
    pixels = _load_pixels(data, validation, run.input, cache)
    inputs = pixels.astype(np.float32)
    located = with_map(net)
    held_out = HeldOut(
        slices=validation,
        pixels=pixels,
        truth=_truth(validation),
        logits=logits_of(net.predict(inputs, verbose=0)),
        heatmaps=None
        if located is None
        else 1 - located.predict(inputs, verbose=0)["map"][..., NO_TUMOUR_INDEX],
    )
    chosen_pixels = _load_pixels(data, chosen, run.input, cache)
    chosen_logits = logits_of(net.predict(chosen_pixels.astype(np.float32), verbose=0))
    return Parts(train, chosen, chosen_pixels, chosen_logits, held_out, seen)


def reload(bundle: Bundle, data: Path, cache: Path) -> HeldOut:
    """Loads what a bundle's files were verified on.

    Args:
        bundle: The bundle.
        data: The data set that its net was trained from.
        cache: A folder for preprocessed slices.

    Raises:
        ConversionError: The bundle has no ``held_out.npz``, or a broken one.
        DataError: A slice is missing or was changed.
    """
    path = bundle.folder / NAME
    try:
        with path.open("rb") as file, np.load(file) as stored:
            columns = zip(stored["path"], stored["label"], stored["sha256"], strict=True)
            slices = [Slice(str(path), str(label), str(digest), group="") for path, label, digest in columns]
            logits, heatmaps = stored["logits"], stored["heatmaps"]
    except FileNotFoundError:
        raise ConversionError(f"{path}: is missing; convert the run again.") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ConversionError(f"{path}: is broken ({error}).") from None
    return HeldOut(
        slices=slices,
        pixels=_load_pixels(data, slices, bundle.input, cache),
        truth=_truth(slices),
        logits=logits,
        heatmaps=heatmaps.astype(np.float32) / 255 if heatmaps.size else None,
    )


@dataclass(frozen=True)
class _Row:
    """What a row of ``split.csv`` says of a slice."""

    path: str
    sha256: str
    role: str
    label: str


def read_roles(run: Run, data: Path) -> dict[str, list[Slice]]:
    """Reads the slices of a run by role, with their labels in it.

    Raises:
        ConversionError: ``split.csv`` is missing or broken, or the data are not the run's.
        DataError: The data can't be read.
    """
    by_path = {slice_.path: slice_ for slice_ in read_dataset(data)}
    roles: dict[str, list[Slice]] = defaultdict(list)
    for row in _read_split(run.folder / SPLIT):
        slice_ = by_path.get(row.path)
        if slice_ is None or slice_.sha256 != row.sha256:
            raise ConversionError(
                f"{data}: is not the data of {run.folder}; {row.path} is missing or changed."
            )
        roles[row.role].append(replace(slice_, label=row.label))
    return roles


def _read_split(path: Path) -> Iterator[_Row]:
    columns = [field.name for field in fields(_Row)]
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise ConversionError(f"{path}: lacks the columns {', '.join(missing)}; train the net again.")
            for line in table:
                row = _Row(*(line[column] for column in columns))
                # A row that was cut off has no label.
                if row.label not in (*NAMES, UNTYPED):
                    raise ConversionError(f"{path}: line {table.line_num} can't be understood.")
                yield row
    except OSError as error:
        raise ConversionError(f"{path}: can't be read ({error.strerror}).") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConversionError(f"{path}: is no table ({error}).") from None


def _load_pixels(data: Path, slices: list[Slice], spec: InputSpec, cache: Path) -> NDArray[np.uint8]:
    arrays = load_arrays(root_of(data), slices, spec, cache)
    return np.repeat(arrays.pixels, spec.channels, axis=3)


def _truth(slices: list[Slice]) -> NDArray[np.int64]:
    return np.array([NAMES.index(slice_.label) for slice_ in slices], np.int64)
