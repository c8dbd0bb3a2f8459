"""From a run to a bundle: convert, prove, describe."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from convert import graph
from convert.card import card
from convert.errors import ConversionError
from convert.onnx import to_onnx
from convert.proof import check_size, prove
from convert.tflite import to_tflite
from edge_app.bundle import Bundle, ModelFile, Thresholds, sha256
from edge_app.preprocessing import InputSpec
from edge_app.runtime import load_runtime
from train.dataset import LABELS, NAMES, UNTYPED, Slice, read_dataset, root_of
from train.run import Run
from train.slices import Arrays, load_arrays

Format = Literal["tflite", "onnx"]

FORMATS: tuple[Format, ...] = ("tflite", "onnx")
PRECISIONS = ("float32", "int8")
CALIBRATION_SLICES = 256


@dataclass(frozen=True)
class HeldBack:
    """Slices that no file was calibrated on, with the Keras model's answers.

    Attributes:
        pixels: uint8 (N, size, size, channels).
        expected: float32 (N, labels).
        truth: int64 (N,), indices of the true labels.
    """

    pixels: NDArray[np.uint8]
    expected: NDArray[np.float32]
    truth: NDArray[np.int64]


def make_bundle(
    run_folder: Path, folder: Path, data: Path | None = None, precisions: Sequence[str] = PRECISIONS
) -> Bundle:
    """Converts a run into a bundle.

    Args:
        run_folder: What ``python -m train`` left.
        folder: For the bundle; made here.
        data: The data set; where the run says when not given.
        precisions: Of the files to make; each in both formats.

    Raises:
        ConversionError: The run has no model of four classes, or a file failed its proof.
        DataError: The run or the data set can't be read.
    """
    run = Run.load(run_folder)
    net = _load_net(run)
    calibration, held_back = _load_data(run, net, data or Path(run.arguments["data"]))
    folder.mkdir(parents=True)
    files = [
        _make_file(net, run, format, precision, folder, calibration, held_back)
        for format, precision in track(list(product(FORMATS, precisions)), "Converting", transient=True)
    ]
    shutil.copy(run.folder / "predictions.csv", folder / "reference.csv")
    default = min((file for file in files if file.format == "tflite"), key=lambda file: file.bytes).path
    bundle = Bundle(
        folder=folder,
        name=run.arguments["arch"],
        version=run.started[:10],
        source=_source(run, net, len(calibration)),
        labels=LABELS,
        input=run.input,
        outputs=graph.outputs_of(net),
        files=tuple(files),
        thresholds=Thresholds(),
        default={"pi": default, "browser": default},
    )
    bundle.save()
    (folder / "card.md").write_text(card(bundle), encoding="utf-8")
    return Bundle.load(folder)


def _load_net(run: Run) -> keras.Model:
    try:
        net = keras.models.load_model(run.model, compile=False)
    except (OSError, ValueError):
        raise ConversionError(f"{run.model}: can't be read; finish the training first.") from None
    if net.output_shape[-1] != len(NAMES):
        raise ConversionError(f"{run.model}: gives {net.output_shape[-1]} answers; expected {len(NAMES)}.")
    return net


def _load_data(run: Run, net: keras.Model, data: Path) -> tuple[NDArray[np.uint8], HeldBack]:
    by_path = {one.path: one for one in read_dataset(data)}
    roles: dict[str, list[Slice]] = defaultdict(list)
    with (run.folder / "split.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one = by_path.get(row["path"])
            if one is None or one.sha256 != row["sha256"]:
                raise ConversionError(
                    f"{data}: is not the data of {run.folder}; {row['path']} is missing or changed."
                )
            if one.label != UNTYPED:
                roles[row["role"]].append(one)
    generator = np.random.default_rng(run.arguments["seed"])
    chosen = generator.permutation(len(roles["train"]))[:CALIBRATION_SLICES]
    # The paper's protocol has no validation part of its own.
    held_back = roles["validation"] or roles["test"]
    cache = run.folder.parent / ".cache"
    calibrating = load_arrays(root_of(data), [roles["train"][i] for i in chosen], run.input, cache)
    proving = load_arrays(root_of(data), held_back, run.input, cache)
    pixels = _pixels(proving, run.input)
    expected = net.predict(pixels.astype(np.float32), verbose=0)
    return _pixels(calibrating, run.input), HeldBack(pixels, expected, proving.targets.argmax(axis=1))


def _pixels(arrays: Arrays, spec: InputSpec) -> NDArray[np.uint8]:
    return np.repeat(arrays.pixels, spec.channels, axis=3)


def _make_file(
    net: keras.Model,
    run: Run,
    format: Format,
    precision: str,
    folder: Path,
    calibration: NDArray[np.uint8],
    held_back: HeldBack,
) -> ModelFile:
    """Converts one file, writes it and proves it."""
    path = folder / f"{run.arguments['arch']}-{precision}.{format}"
    if format == "onnx":
        data = to_onnx(graph.serving(net, run.input), precision, calibration)
    else:
        with TemporaryDirectory() as saved_model:
            graph.save(net, run.input, Path(saved_model))
            data = to_tflite(Path(saved_model), precision, calibration)
    path.write_bytes(data)
    check_size(path.name, len(data), net.count_params(), precision)
    file = ModelFile(path.name, sha256(path), len(data), format, precision)
    runtime = load_runtime(file, path)
    proof = prove(path.name, runtime, held_back.pixels, held_back.expected, held_back.truth)
    return ModelFile(path.name, file.sha256, file.bytes, format, precision, metrics=asdict(proof))


def _source(run: Run, net: keras.Model, calibration: int) -> dict[str, Any]:
    """Returns what the bundle tells of its origin: everything but names of folders."""
    arguments = run.arguments
    return {
        "arch": arguments["arch"],
        "fine_tuned": arguments["fine_tune"],
        "protocol": arguments["protocol"],
        "fold": arguments["fold"],
        "seed": arguments["seed"],
        "data": run.data,
        "model_sha256": sha256(run.model),
        "parameters": net.count_params(),
        "layers": len(net.layers),
        "recipe": asdict(run.recipe),
        "started": run.started,
        "seconds": run.seconds,
        **run.environment,
        "calibration": calibration,
        "test": json.loads((run.folder / "metrics.json").read_text(encoding="utf-8")),
    }
