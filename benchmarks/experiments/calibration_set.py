"""What the choice of calibration slices does to int8.

``python -m benchmarks.experiments.calibration_set RUN --data DATA``.

Writes the table that docs/conversion.md shows; every file is compared with the Keras model on the validation
part.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np

from benchmarks.measure.machine import this_machine
from convert.calibrate import calibration_set
from convert.held_out import load_parts
from convert.pipeline import ConversionOptions, Source, load_net, make_file
from edge_app.bundle import sha256
from train.data.dataset import Slice
from train.outcome import exit_code
from train.run import Run

SIZES = (16, 64, 128, 256, 1024)
COLUMNS = ("Chosen", "Slices", "Flipped", "Largest difference", "Mean difference", "Heatmap", "Accuracy %")


def in_turns(slices: list[Slice], seed: int, count: int) -> list[Slice]:
    """Chooses slices in turns from every class of every source, while each has some left."""
    strata: dict[tuple[str, str], list[Slice]] = defaultdict(list)
    for i in np.random.default_rng(seed).permutation(len(slices)):
        one = slices[i]
        strata[one.label, PurePosixPath(one.path).parts[0]].append(one)
    turns = sorted((turn, key) for key, members in strata.items() for turn in range(len(members)))
    return [strata[key][turn] for turn, key in turns[:count]]


WAYS: dict[str, Callable[..., list[Slice]]] = {
    "at random": calibration_set.choose,
    "in turns by class and source": in_turns,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.experiments.calibration_set",
        description="Compares ways and sizes of the calibration set of the int8 TFLite file.",
    )
    parser.add_argument("run", type=Path, help="the folder that a training left")
    parser.add_argument("--data", type=Path, required=True, help="the data set that the net was trained from")
    parser.add_argument(
        "--out", type=Path, default=Path("benchmarks/results/calibration-set"), help="folder for the table"
    )
    args = parser.parse_args(arguments)

    def work() -> None:
        table = measure(args.run, args.data)
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "table.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")

    return exit_code(work, "no table was written.", args.out)


def measure(run_folder: Path, data: Path) -> dict[str, Any]:
    """Converts a run to int8 once for every way and size.

    Returns:
        The table: columns, rows and note.

    Raises:
        OtakError: The run or the data can't be read.
    """
    run = Run.load(run_folder)
    net = load_net(run)
    rows = []
    options = ConversionOptions(allow_loss=True)
    for way, choose in WAYS.items():
        for count in SIZES:
            parts = load_parts(run, net, data, partial(choose, count=count))
            with TemporaryDirectory() as folder:
                source = Source(run, net, parts, rejection=None)
                _, verification = make_file(source, "tflite", "int8", Path(folder), options)
            found = verification.comparison
            heatmap = found.heatmap_correlation
            rows.append(
                [
                    way,
                    len(parts.calibration),
                    found.flipped,
                    f"{found.largest_difference:.4f}",
                    f"{found.mean_difference:.5f}",
                    "none" if heatmap is None else f"{heatmap:.4f}",
                    f"{100 * found.accuracy:.1f}",
                ]
            )
    machine, date = this_machine(), datetime.now(UTC).date()
    note = (
        f"{run.config.arch}, int8 TFLite against the Keras model (accuracy "
        f"{100 * found.keras_accuracy:.1f}%) on the {found.slices} slices of the validation part "
        f"of `{run.config.protocol}`; model {sha256(run.model)[:16]}; {machine.cpu}, {date}."
    )
    return {"columns": COLUMNS, "rows": rows, "note": note}


if __name__ == "__main__":
    sys.exit(main())
