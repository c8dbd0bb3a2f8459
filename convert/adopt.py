"""A classifier made elsewhere, wrapped in a bundle so that the benchmarks ask it what they ask ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.foreign import onnx, tflite
from convert.foreign.contract import PROBABILITIES, Scale
from convert.inspect import Op, read_ops
from convert.provenance import AdoptedModel, Provenance
from convert.verify import run
from edge_app.bundle import Bundle, Format, Label, ModelFile, Outputs, Precision, sha256
from edge_app.classifier import Classifier
from edge_app.preprocessing import InputSpec
from edge_app.runtime import load_runtime
from train.environment import environment, now

FORMATS: dict[str, Format] = {".tflite": "tflite", ".onnx": "onnx"}
KERAS = (".h5", ".keras")
ROUNDING = 0.02  # int8 counts a probability in 256ths


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What a user says of a file.

    Attributes:
        labels: In the order of its outputs.
        size: Height and width that it takes.
        scale: What it wants to see of grey levels.
        logits: Whether it gives logits.
    """

    labels: tuple[Label, ...]
    size: int
    scale: Scale
    logits: bool = False


def adopt(path: Path, folder: Path, adoption: Adoption) -> Bundle:
    """Wraps a TFLite or ONNX file in a bundle without thresholds, so that no device answers by it.

    Args:
        path: The file.
        folder: For the bundle; made here.
        adoption: What is said of it.

    Raises:
        ConversionError: It is no such file, or not what is said of it.
        OtakError: It can't be run.
    """
    ops = _read(path)
    wrap = {"tflite": tflite.wrap, "onnx": onnx.wrap}[FORMATS[path.suffix]]
    labels, size, scale = len(adoption.labels), adoption.size, adoption.scale
    data, channels = wrap(path.name, path.read_bytes(), size, labels, scale, False)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", path.stem)
    folder.mkdir(parents=True)
    target = folder / f"{name}{path.suffix}"
    target.write_bytes(data)
    spec = InputSpec(size, 1 if channels == 1 else 3, crop="none", contrast="none")
    _check_answers(path.name, _answers(_describe(target, ops), target, spec), adoption)
    if adoption.logits:
        data, _ = wrap(path.name, path.read_bytes(), size, labels, scale, True)
        target.write_bytes(data)
    file = _describe(target, ops)
    Bundle(
        folder=folder,
        name=name,
        version=now()[:10],
        labels=adoption.labels,
        input=spec,
        outputs=Outputs(probabilities=PROBABILITIES, heatmap=None, in_distribution=None),
        files=(file,),
        thresholds=None,
        study=None,
        default=file.path,
    ).save()
    adopted = AdoptedModel(sha256=sha256(path), black=scale.black, white=scale.white, logits=adoption.logits)
    Provenance.of_adopted(adopted, environment(), now()).save(folder)
    Classifier.load(folder, format=file.format)
    return Bundle.load(folder)


def _read(path: Path) -> list[Op]:
    if path.suffix in KERAS:
        raise ConversionError(
            f"{path}: is a Keras model; write it as TFLite first, by "
            "tf.lite.TFLiteConverter.from_keras_model, and adopt that."
        )
    return read_ops(path)


def _describe(path: Path, ops: Iterable[Op]) -> ModelFile:
    return ModelFile(
        path=path.name,
        sha256=sha256(path),
        bytes=path.stat().st_size,
        format=FORMATS[path.suffix],
        precision=_precision(ops),
        temperature=1.0,
    )


def _precision(ops: Iterable[Op]) -> Precision:
    """Tells what a file computes in by the types of its ops' outputs, and what it stores by those of all."""
    known = [op.dtypes for op in ops if op.dtypes]
    computed, all_types = {dtypes[-1] for dtypes in known}, {each for dtypes in known for each in dtypes}
    if {"int8", "uint8"} & computed:
        return "int8"
    if "float16" in all_types:
        return "float16"
    return "dynamic_range" if "int8" in all_types else "float32"


def _answers(file: ModelFile, path: Path, spec: InputSpec) -> NDArray[np.float32]:
    """Runs a file on black, white, a ramp and noise."""
    side, noise = spec.size, np.random.default_rng(0)
    ramp = np.tile(np.linspace(0, 255, side).astype(np.uint8), (side, 1))
    shown = [np.zeros_like(ramp), np.full_like(ramp, 255), ramp, noise.integers(0, 256, ramp.shape, np.uint8)]
    pixels = np.repeat(np.stack(shown)[..., None], spec.channels, axis=3)
    runtime = load_runtime(file, path)
    # Each interpreter raises kinds of its own where a net can't take such a picture.
    try:
        return run(runtime, pixels)[PROBABILITIES]
    except Exception as error:
        raise ConversionError(f"{path.name}: can't be run on {side} x {side} pixels ({error}).") from error


def _check_answers(name: str, answers: NDArray[np.float32], adoption: Adoption) -> None:
    if answers.shape[1:] != (len(adoption.labels),):
        raise ConversionError(f"{name}: gives {answers.shape[1:]}; --labels names {len(adoption.labels)}.")
    if not np.isfinite(answers).all():
        raise ConversionError(f"{name}: gives numbers that are not finite; is the scale right?")
    sums = answers.sum(axis=1)
    probable = bool(answers.min() >= 0 and np.abs(sums - 1).max() <= ROUNDING)
    if probable and adoption.logits:
        raise ConversionError(f"{name}: gives probabilities already; leave --logits out.")
    if not probable and not adoption.logits:
        raise ConversionError(
            f"{name}: gives {answers.min():.3g} to {answers.max():.3g}, which are no probabilities; if they "
            "are logits, say --logits."
        )
