"""What the choice of calibration slices does to int8."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend that exports

import numpy as np

from benchmarks.measure.machine import this_machine
from convert.calibrate import calibration_set
from convert.held_out import load_parts
from convert.pipeline import ConversionOptions, Source, make_file
from convert.provenance import Comparison
from edge_app.bundle import sha256
from evaluation.tables import NONE, Table
from train.data.dataset import Slice
from train.model import networks
from train.run import Run

SIZES = (16, 64, 128, 256, 1024)
COLUMNS = ("Chosen", "Slices", "Flipped", "Largest difference", "Mean difference", "Heatmap", "Accuracy %")


def in_turns(slices: list[Slice], seed: int, count: int) -> list[Slice]:
    """Chooses slices in turns from every class of every source, while each has some left."""
    strata: dict[tuple[str, str], list[Slice]] = defaultdict(list)
    for i in np.random.default_rng(seed).permutation(len(slices)):
        slice_ = slices[i]
        strata[slice_.label, PurePosixPath(slice_.path).parts[0]].append(slice_)
    turns = sorted((turn, key) for key, members in strata.items() for turn in range(len(members)))
    return [strata[key][turn] for turn, key in turns[:count]]


WAYS: dict[str, Callable[..., list[Slice]]] = {
    "at random": calibration_set.choose,
    "in turns by class and source": in_turns,
}


def measure(run_folder: Path, data: Path) -> Table:
    """Converts a run to int8 once for every way and size, and compares each with the Keras model.

    Args:
        run_folder: What ``python -m train fit`` left.
        data: The data set that the net was trained from.

    Raises:
        OtakError: The run or the data can't be read.
    """
    run = Run.load(run_folder)
    net = networks.load(run.model)
    rows = []
    for way, choose in WAYS.items():
        for count in SIZES:
            parts = load_parts(run, net, data, partial(choose, count=count))
            with TemporaryDirectory() as folder:
                source = Source(run, net, parts, rejection=None)
                options = ConversionOptions(allow_loss=True)
                _, verification = make_file(source, "tflite", "int8", Path(folder), options)
            found = verification.comparison
            rows.append((way, str(len(parts.calibration)), *_figures(found)))
    note = (
        f"{run.config.arch}, int8 TFLite against the Keras model (accuracy "
        f"{100 * found.keras_accuracy:.1f}%) on the {found.slices} slices of the validation part "
        f"of `{run.config.protocol}`; model {sha256(run.model)[:16]}; {this_machine().cpu}, "
        f"{datetime.now(UTC).date()}."
    )
    return Table("Calibration set", COLUMNS, tuple(rows), note)


def _figures(found: Comparison) -> tuple[str, ...]:
    heatmap = found.heatmap_correlation
    return (
        str(found.flipped),
        f"{found.largest_difference:.4f}",
        f"{found.mean_difference:.5f}",
        NONE if heatmap is None else f"{heatmap:.4f}",
        f"{100 * found.accuracy:.1f}",
    )
