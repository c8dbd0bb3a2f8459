"""From a run to a bundle: convert, prove, describe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import keras
import numpy as np
from rich.progress import track

from convert import licence
from convert.calibrate.rejection import Gate, photographs
from convert.calibrate.rejection import fit as fit_gate
from convert.calibrate.temperature import fit, logits_of
from convert.calibrate.thresholds import Choice, choose
from convert.errors import ConversionError
from convert.export import graph, metadata
from convert.export.graph import Tail
from convert.export.metadata import Description
from convert.export.onnx import to_onnx
from convert.export.tflite import to_tflite
from convert.held_out import HeldBack, Parts, load_parts
from convert.model_card import card
from convert.verify import Proof, check_input, check_size, compare, faults, run_elsewhere
from convert.verify import run as run_file
from edge_app.bundle import Bundle, ModelFile, Thresholds, sha256
from edge_app.preprocessing import InputSpec
from edge_app.runtime import Outputs, Runtime, load_runtime
from evaluation.labels import LABELS, NAMES
from train.data.arrays import load_arrays
from train.data.dataset import root_of
from train.run import Run

Format = Literal["tflite", "onnx"]

FORMATS: dict[Format, tuple[str, ...]] = {
    "tflite": ("float32", "float16", "dynamic_range", "int8"),
    "onnx": ("float32", "float16", "int8"),
}
PRECISIONS = FORMATS["tflite"]


@dataclass(frozen=True)
class Wishes:
    """How a bundle is to be made.

    Attributes:
        precisions: Of the files to make.
        allow_loss: Whether a file outside the tolerances is kept, and the card says so.
        tflite_runtime: The Python interpreter of an environment with tflite-runtime; None to do without.
    """

    precisions: Sequence[str] = PRECISIONS
    allow_loss: bool = False
    tflite_runtime: Path | None = None


def make_bundle(
    run_folder: Path, folder: Path, data: Path | None = None, wishes: Wishes | None = None
) -> Bundle:
    """Converts a run into a bundle.

    Args:
        run_folder: What ``python -m train`` left.
        folder: For the bundle; made here.
        data: The data set; where the run says when not given.
        wishes: How.

    Raises:
        ConversionError: The run has no model of four classes, or a file failed its proof.
        DataError: The run or the data set can't be read.
    """
    wishes = wishes or Wishes()
    run = Run.load(run_folder)
    net = load_net(run)
    root = data or Path(run.data_folder)
    parts = load_parts(run, net, root)
    gate = _fit_gate(run, net, root, parts)
    folder.mkdir(parents=True)
    wanted = [(format, one) for format, all_ in FORMATS.items() for one in all_ if one in wishes.precisions]
    files = [
        make_file(net, run, format, precision, folder, parts, wishes, gate)
        for format, precision in track(wanted, "Converting", transient=True)
    ]
    parts.held_back.save(folder)
    shutil.copy(run.folder / "predictions.csv", folder / "reference.csv")
    # int8 is what small devices run; else the smallest.
    default = min(
        (file for file in files if file.format == "tflite"),
        key=lambda file: (file.precision != "int8", file.bytes),
    )
    choice = _choose_thresholds(default, folder / default.path, parts)
    bundle = Bundle(
        folder=folder,
        name=run.config.arch,
        version=run.started[:10],
        source=_source(run, net, parts, gate) | ({"wrong_aimed_at": choice.wrong} if choice else {}),
        labels=LABELS,
        input=run.input,
        outputs=graph.outputs_of(net, gate),
        files=tuple(files),
        thresholds=choice.thresholds if choice else Thresholds(),
        default={"pi": default.path, "browser": default.path},
    )
    bundle.save()
    (folder / "card.md").write_text(card(bundle), encoding="utf-8")
    return Bundle.load(folder)


def _fit_gate(run: Run, net: keras.Model, data: Path, parts: Parts) -> Gate | None:
    root = root_of(data)
    pictures = photographs(root)
    if not pictures:
        return None
    arrays = load_arrays(root, parts.train, run.input, run.folder.parent / ".cache")
    return fit_gate(net, run.input, arrays, pictures, run.config.seed)


def _choose_thresholds(file: ModelFile, path: Path, parts: Parts) -> Choice | None:
    """Chooses them for the file that devices use; none where the net learnt from what is held back."""
    if parts.learnt:
        return None
    outputs = run_file(load_runtime(file, path), parts.held_back.pixels)
    brain = outputs.get("brain")
    return choose(
        outputs["probabilities"], parts.held_back.truth, None if brain is None else brain.reshape(-1)
    )


def load_net(run: Run) -> keras.Model:
    """Loads a run's net.

    Raises:
        ConversionError: It is missing or broken, or gives another count of answers.
    """
    try:
        net = keras.models.load_model(run.model, compile=False)
    except (OSError, ValueError):
        raise ConversionError(f"{run.model}: can't be read; finish the training first.") from None
    if net.output_shape[-1] != len(NAMES):
        raise ConversionError(f"{run.model}: gives {net.output_shape[-1]} answers; expected {len(NAMES)}.")
    return net


def make_file(
    net: keras.Model,
    run: Run,
    format: Format,
    precision: str,
    folder: Path,
    parts: Parts,
    wishes: Wishes,
    gate: Gate | None = None,
) -> ModelFile:
    """Converts one file, writes it and proves it.

    It is converted twice: first to see the file's own logits, to which its tail is then fitted.
    """
    path = folder / f"{run.config.arch}-{precision}.{format}"
    file = _write(net, run, format, precision, path, parts, Tail(), gate)
    check_size(path.name, file.bytes, net.count_params(), precision)
    tail = _fit_tail(load_runtime(file, path), precision, parts)
    file = _write(net, run, format, precision, path, parts, tail, gate)
    return replace(file, metrics=prove(file, path, run.input, parts.held_back, wishes))


def _fit_tail(runtime: Runtime, precision: str, parts: Parts) -> Tail:
    """Fits what a file's answer needs: int8's own bias taken out, and the temperature."""
    shift = np.zeros(len(NAMES), np.float32)
    if precision == "int8":
        # Rounding leaves a mean error in the logits, which their bias can take up (Nagel et al. 2019).
        found = logits_of(run_file(runtime, parts.calibration_pixels)["probabilities"])
        shift = (parts.calibration_logits - found).mean(axis=0)
        shift -= shift.mean()
    temperature = 1.0
    if not parts.learnt:
        logits = logits_of(run_file(runtime, parts.held_back.pixels)["probabilities"])
        temperature = fit(logits + shift, parts.held_back.truth)
    return Tail(temperature, tuple(map(float, shift)))


def _write(
    net: keras.Model,
    run: Run,
    format: Format,
    precision: str,
    path: Path,
    parts: Parts,
    tail: Tail,
    gate: Gate | None,
) -> ModelFile:
    description = Description(
        name=run.config.arch,
        version=run.started[:10],
        precision=precision,
        temperature=tail.temperature,
        labels=LABELS,
        input=run.input,
        protocol=run.config.protocol,
        model_sha256=sha256(run.model),
        licence=licence.of_weights(parts.sources),
    )
    if format == "onnx":
        serve = graph.serving(net, run.input, tail, gate)
        data = metadata.into_onnx(to_onnx(serve, precision, parts.calibration_pixels), description)
    else:
        with TemporaryDirectory() as saved_model:
            graph.save(net, run.input, tail, gate, Path(saved_model))
            data = to_tflite(Path(saved_model), precision, parts.calibration_pixels)
        data = metadata.into_tflite(data, description)
    path.write_bytes(data)
    return ModelFile(path.name, sha256(path), len(data), format, precision, tail.temperature)


def prove(
    file: ModelFile, path: Path, spec: InputSpec, held_back: HeldBack, wishes: Wishes
) -> dict[str, Any]:
    """Proves a file by the runtimes that will run it.

    Args:
        file: The file.
        path: Where it lies.
        spec: What the bundle says that it takes.
        held_back: What to prove it on.
        wishes: ``allow_loss`` and ``tflite_runtime``.

    Returns:
        The figures of the proof; ``tflite_runtime`` holds that runtime's own, ``faults`` what is outside the
        tolerances.

    Raises:
        ConversionError: The file is outside them, and no loss is allowed; or it does not fit the bundle.
    """
    runtime = load_runtime(file, path)
    check_input(path.name, runtime, spec, file.precision)
    proofs: dict[str, Proof] = {}

    def add(name: str, outputs: Outputs) -> None:
        proofs[name] = compare(path.name, name, outputs, held_back, file.temperature)

    add(runtime.name, run_file(runtime, held_back.pixels))
    if wishes.tflite_runtime and file.format == "tflite":
        add("tflite-runtime", run_elsewhere(wishes.tflite_runtime, file, path, held_back.pixels))
    found = [
        f"run by {name} it {fault}"
        for name, proof in proofs.items()
        for fault in faults(proof, file.precision)
    ]
    if found and not wishes.allow_loss:
        raise ConversionError(
            f"{path.name}: {'; '.join(found)}. --allow-loss keeps it and says so in the card."
        )
    first, *others = (asdict(proof) for proof in proofs.values())
    return {**first, **({"tflite_runtime": others[0]} if others else {}), "faults": found}


def _source(run: Run, net: keras.Model, parts: Parts, gate: Gate | None) -> dict[str, Any]:
    """Returns what the bundle tells of its origin: everything but names of folders."""
    return {
        "arch": run.config.arch,
        "fine_tuned": run.config.fine_tune,
        "protocol": run.config.protocol,
        "fold": run.config.fold,
        "seed": run.config.seed,
        "data": asdict(run.data),
        "learnt_from": parts.sources,
        "model_sha256": sha256(run.model),
        "parameters": net.count_params(),
        "layers": len(net.layers),
        "recipe": asdict(run.recipe),
        "started": run.started,
        "seconds": run.seconds,
        **asdict(run.environment),
        "calibration": sorted(one.sha256 for one in parts.calibration),
        "gate": {"learnt": list(gate.learnt)} if gate else None,
        "test": json.loads((run.folder / "metrics.json").read_text(encoding="utf-8")),
    }
