from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from convert.calibrate.temperature import logits_of
from convert.errors import ConversionError
from convert.held_out import HeldOut
from convert.provenance import Comparison
from convert.verify import check_input, check_size, compare, faults, run, run_elsewhere
from edge_app.bundle import Bundle
from edge_app.preprocessing import InputSpec
from edge_app.runtime import Outputs
from evaluation.labels import NAMES
from train.data.dataset import Slice

TRUTH = np.arange(1000) % 4
EXPECTED = np.full((1000, 4), 0.1, np.float32) + 0.6 * np.eye(4, dtype=np.float32)[TRUTH]
HEATMAPS = np.random.default_rng(1).random((1000, 4, 4)).astype(np.float32)


def held_out() -> HeldOut:
    slices = [Slice(f"{i}.jpg", NAMES[label], str(i), str(i)) for i, label in enumerate(TRUTH)]
    return HeldOut(slices, np.zeros((1000, 8, 8, 1), np.uint8), TRUTH, logits_of(EXPECTED), HEATMAPS)


def outputs(flips: int = 0, noise: float = 0.0) -> Outputs:
    """What a file gives that answers some slices otherwise, with a heatmap that is more or less alike."""
    probabilities = EXPECTED.copy()
    probabilities[:flips] = probabilities[:flips, ::-1]
    other = np.random.default_rng(2).random(HEATMAPS.shape).astype(np.float32)
    return {"probabilities": probabilities, "heatmap": (1 - noise) * HEATMAPS + noise * other}


def compared(flips: int = 0, noise: float = 0.0) -> Comparison:
    return compare("a", "replay", outputs(flips, noise), held_out(), 1.0)


def test_a_faithful_file() -> None:
    found = compared()
    assert (found.slices, found.flipped, found.accuracy, found.keras_accuracy) == (1000, 0, 1, 1)
    assert found.largest_difference == pytest.approx(0, abs=1e-6)
    assert found.heatmap_correlation == pytest.approx(1)
    assert found.ece == pytest.approx(0.3, abs=1e-6)
    assert not any(faults(found, precision) for precision in ("float32", "float16", "dynamic_range", "int8"))


def test_figures_by_class() -> None:
    found = compared(flips=4)
    assert {name: own.flipped for name, own in found.classes.items()} == dict.fromkeys(NAMES, 1)
    assert found.classes["glioma"].slices == 250
    assert found.classes["glioma"].accuracy == 249 / 250


@pytest.mark.parametrize(("precision", "most"), [("float32", 0), ("float16", 1), ("int8", 2)])
def test_the_tolerances(precision: str, most: int) -> None:
    assert not faults(compared(most), precision)
    assert faults(compared(most + 1), precision)


def test_flips_that_lose_nothing_have_their_own_limit() -> None:
    """Answers that flip between two wrong ones."""
    even = replace(compared(5), accuracy=1.0)
    assert not faults(even, "int8")
    (fault,) = faults(replace(even, flipped=6), "int8")
    assert "disagrees with the Keras model on 6 of 1000" in fault


def test_a_heatmap_that_shows_other_places() -> None:
    assert not faults(compared(noise=0.1), "int8")
    (fault,) = faults(compared(noise=0.5), "int8")
    assert "heatmap" in fault


def test_the_keras_model_is_softened_by_the_file_s_temperature() -> None:
    softer = EXPECTED**0.5 / (EXPECTED**0.5).sum(axis=1, keepdims=True)
    found = compare("a", "replay", {"probabilities": softer}, held_out(), 2.0)
    assert found.largest_difference == pytest.approx(0, abs=1e-6)
    assert found.heatmap_correlation is None


@pytest.mark.parametrize("name", ["probabilities", "heatmap"])
def test_numbers_that_are_not_finite(name: str) -> None:
    found = outputs()
    found[name].flat[-1] = np.nan
    with pytest.raises(ConversionError, match="not finite"):
        compare("a", "replay", found, held_out(), 1.0)


class Replay:
    """Stands for a file that gives each slice's first pixel, always in the same memory."""

    name = "replay"
    shape: tuple[int, ...] = (1, 8, 8, 1)
    dtype: type[np.generic] = np.uint8
    memory = np.zeros((1, 1), np.float32)

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        self.memory[:] = pixels.flat[0]
        return {"probabilities": self.memory}


def test_an_interpreter_that_reuses_its_memory() -> None:
    pixels = np.zeros((3, 8, 8, 1), np.uint8)
    pixels[:, 0, 0, 0] = [1, 2, 3]
    assert run(Replay(), pixels)["probabilities"].tolist() == [[1], [2], [3]]


def test_the_input_must_be_the_bundle_s() -> None:
    check_input("a.tflite", Replay(), InputSpec(8), "int8")
    with pytest.raises(ConversionError, match=r"takes \(1, 8, 8, 1\); the bundle says \(1, 16, 16, 1\)"):
        check_input("a.tflite", Replay(), InputSpec(16), "int8")
    with pytest.raises(ConversionError, match="takes uint8; expected float32"):
        check_input("a.tflite", Replay(), InputSpec(8), "float32")


@pytest.mark.parametrize(
    ("precision", "size"), [("float32", 2000), ("float16", 1000), ("dynamic_range", 500), ("int8", 500)]
)
def test_a_file_must_be_able_to_hold_the_weights(precision: str, size: int) -> None:
    check_size("a", size, 1000, precision)
    with pytest.raises(ConversionError, match=r"has only \d+ bytes"):
        check_size("a", size - 1, 1000, precision)


def test_an_environment_without_tflite_runtime(toy_bundle: Path, tmp_path: Path) -> None:
    file = Bundle.load(toy_bundle).file()
    pixels = np.zeros((1, 128, 128, 1), np.uint8)
    with pytest.raises(ConversionError, match="tflite-runtime does not run it"):
        run_elsewhere(Path(sys.executable), file, toy_bundle / file.path, pixels)
    with pytest.raises(ConversionError, match="can't be run"):
        run_elsewhere(tmp_path / "python", file, toy_bundle / file.path, pixels)
