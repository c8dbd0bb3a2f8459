"""Verifying a converted file against the Keras model that it came from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from convert.calibrate.temperature import soften
from convert.errors import ConversionError
from convert.held_out import HeldOut
from convert.provenance import ClassComparison, Comparison, Verification
from edge_app.bundle import ModelFile
from edge_app.preprocessing import InputSpec
from edge_app.runtime import Outputs, Runtime, load_runtime
from evaluation.labels import NAMES
from evaluation.reliability import calibration_error

ROOT = Path(__file__).parents[1]
# The shares of answers that a precision may flip.
MAX_FLIPPED = {"float32": 0.0, "float16": 0.001, "dynamic_range": 0.005, "int8": 0.005}
MAX_LOST = 0.002  # of the accuracy
MIN_CORRELATION = 0.98  # of the heatmaps
TFLITE_RUNTIME = "tflite-runtime"


def run(runtime: Runtime, pixels: NDArray[np.uint8]) -> Outputs:
    """Runs a file on slices, one after the other.

    Args:
        runtime: The opened file.
        pixels: uint8 (N, size, size, channels).

    Returns:
        float32 arrays with N rows, by output name.
    """
    # Copies, since an interpreter may hand out the same memory again.
    answers = [
        {name: values.copy() for name, values in runtime.run(picture[None]).items()} for picture in pixels
    ]
    return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}


def run_elsewhere(python: Path, file: ModelFile, path: Path, pixels: NDArray[np.uint8]) -> Outputs:
    """Runs a TFLite file by tflite-runtime, which needs an environment of its own.

    Args:
        python: The interpreter of that environment.
        file: The file.
        path: Where it lies.
        pixels: uint8 (N, size, size, channels).

    Raises:
        ConversionError: tflite-runtime is not there or does not run the file.
    """
    with TemporaryDirectory() as folder:
        inputs, outputs = Path(folder) / "pixels.npy", Path(folder) / "outputs.npz"
        np.save(inputs, pixels)
        command = [
            str(python),
            "-m",
            "convert.tflite_runtime_runner",
            str(path.resolve()),
            str(inputs),
            str(outputs),
        ]
        try:
            subprocess.run(  # noqa: S603, the command is the user's own interpreter
                command,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                check=True,
                capture_output=True,
                text=True,
            )
        except OSError as error:
            raise ConversionError(f"{python}: can't be run ({error.strerror}).") from None
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ConversionError(f"{path.name}: tflite-runtime does not run it ({reason}).") from None
        with np.load(outputs) as stored:
            return dict(stored)


def compare(name: str, runtime: str, found: Outputs, expected: HeldOut, temperature: float) -> Comparison:
    """Compares a file's outputs with the Keras model's.

    Args:
        name: Of the file, for errors.
        runtime: What ran it.
        found: From ``run``.
        expected: The same slices.
        temperature: The file's.

    Raises:
        ConversionError: The file gives numbers that are not finite.
    """
    if not all(np.isfinite(values).all() for values in found.values()):
        raise ConversionError(f"{name}: gives numbers that are not finite.")
    probabilities, wanted = found["probabilities"], soften(expected.logits, temperature)
    differences = np.abs(probabilities - wanted)
    truth = expected.truth
    flipped = probabilities.argmax(axis=1) != wanted.argmax(axis=1)
    right, keras_right = probabilities.argmax(axis=1) == truth, wanted.argmax(axis=1) == truth
    return Comparison(
        runtime=runtime,
        slices=len(truth),
        flipped=int(flipped.sum()),
        largest_difference=float(differences.max()),
        mean_difference=float(differences.mean()),
        heatmap_correlation=_correlation(found.get("heatmap"), expected.heatmaps),
        accuracy=float(right.mean()),
        keras_accuracy=float(keras_right.mean()),
        ece=calibration_error(truth, probabilities),
        keras_ece=calibration_error(truth, soften(expected.logits, 1.0)),
        classes={
            label: ClassComparison(
                slices=int(own.sum()),
                flipped=int(flipped[own].sum()),
                accuracy=float(right[own].mean()),
                keras_accuracy=float(keras_right[own].mean()),
            )
            for label, own in ((label, truth == i) for i, label in enumerate(NAMES))
            if own.any()
        },
    )


def faults(comparison: Comparison, precision: str) -> list[str]:
    """Returns what of a comparison lies outside the tolerances, a phrase each.

    One slice is no evidence of a share that is smaller than one slice, except for float32.
    """
    found = []
    least = 0 if precision == "float32" else 1
    slices, flipped = comparison.slices, comparison.flipped
    if flipped > max(least, MAX_FLIPPED[precision] * slices):
        found.append(f"disagrees with the Keras model on {flipped} of {slices} held-out slices")
    lost = comparison.keras_accuracy - comparison.accuracy
    if round(lost * slices) > max(least, MAX_LOST * slices):
        found.append(f"loses {100 * lost:.1f} points of accuracy")
    correlation = comparison.heatmap_correlation
    if correlation is not None and correlation < MIN_CORRELATION:
        found.append(f"has a heatmap that correlates by {correlation:.3f} alone")
    return found


def verify(
    file: ModelFile, path: Path, spec: InputSpec, held_out: HeldOut, tflite_runtime: Path | None
) -> Verification:
    """Verifies a file by the runtimes that will run it.

    Args:
        file: The file.
        path: Where it lies.
        spec: What the bundle says that it takes.
        held_out: What to verify it on.
        tflite_runtime: The Python interpreter of an environment with tflite-runtime; None to do without.

    Raises:
        ConversionError: The file does not fit the bundle, or gives numbers that are not finite.
    """
    runtime = load_runtime(file, path)
    check_input(path.name, runtime, spec, file.precision)
    outputs = {runtime.name: run(runtime, held_out.pixels)}
    if tflite_runtime and file.format == "tflite":
        outputs[TFLITE_RUNTIME] = run_elsewhere(tflite_runtime, file, path, held_out.pixels)
    compared = {
        name: compare(path.name, name, found, held_out, file.temperature) for name, found in outputs.items()
    }
    return Verification(
        comparison=compared[runtime.name],
        tflite_runtime=compared.get(TFLITE_RUNTIME),
        faults=tuple(
            f"run by {name} it {fault}"
            for name, comparison in compared.items()
            for fault in faults(comparison, file.precision)
        ),
    )


def check_input(name: str, runtime: Runtime, spec: InputSpec, precision: str) -> None:
    """Checks what a file takes; LiteRT silently resizes the input of one that takes another size.

    Raises:
        ConversionError: It does not take what the bundle says.
    """
    shape = (1, spec.size, spec.size, spec.channels)
    if tuple(runtime.shape) != shape:
        raise ConversionError(f"{name}: takes {tuple(runtime.shape)}; the bundle says {shape}.")
    dtype = "uint8" if precision == "int8" and name.endswith(".tflite") else "float32"
    if np.dtype(runtime.dtype) != dtype:
        raise ConversionError(f"{name}: takes {np.dtype(runtime.dtype)}; expected {dtype}.")


def check_size(name: str, size: int, parameters: int, precision: str) -> None:
    """Checks that a file can hold the net's weights.

    Raises:
        ConversionError: It is too small: the converter lost the weights.
    """
    # Folded normalizations need no place; lost weights leave a few kilobytes.
    least = parameters * {"float32": 4, "float16": 2}.get(precision, 1) // 2
    if size < least:
        raise ConversionError(f"{name}: has only {size} bytes for {parameters} parameters.")


def _correlation(found: NDArray[np.float32] | None, expected: NDArray[np.float32] | None) -> float | None:
    if found is None or expected is None:
        return None
    if not found.std() or not expected.std():
        return float(np.allclose(found, expected, atol=0.01))
    return float(np.corrcoef(found.ravel(), expected.ravel())[0, 1])
