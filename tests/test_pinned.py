"""What no change of the code may shift: inputs, answers and published figures.

``pinned/`` holds what the file that ships gave when it was measured; a new model renews it
(``tests.make_pinned``), never a restructuring.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.report import results
from edge_app import Classifier
from edge_app.image import decode
from edge_app.preprocessing import preprocess
from evaluation.metrics import Metrics
from evaluation.parts import PartScore
from evaluation.statistics import Estimate
from train.data.dataset import read_dataset

SAMPLES = 12  # rows and columns of a frame
PINNED = Path(__file__).parent / "pinned"
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
ANSWERS = json.loads((PINNED / "answers.json").read_text(encoding="utf-8"))
FIGURES = json.loads((PINNED / "figures.json").read_text(encoding="utf-8"))


def digest(values: NDArray[Any] | None) -> str:
    assert values is not None
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def test_every_row_of_the_manifest_gives_the_same_input(otak_data: Path) -> None:
    spec = Classifier.load().bundle.input
    whole = hashlib.sha256()
    slices = sorted(read_dataset(otak_data), key=lambda each: each.path)
    if len(slices) != ANSWERS["manifest"]["slices"]:
        pytest.skip("other data than the pins were taken from")
    for each in slices:
        whole.update(preprocess(decode(otak_data / each.path), spec)[0].tobytes())
    assert whole.hexdigest() == ANSWERS["manifest"]["input"]


def test_the_shipped_file_gives_the_same_answers(otak_data: Path) -> None:
    classifier = Classifier.load()
    for path, pinned in ANSWERS["slices"].items():
        pixels, _ = preprocess(decode(otak_data / path), classifier.bundle.input)
        prediction = classifier.predict(otak_data / path)
        assert {
            "sha256": hashlib.sha256((otak_data / path).read_bytes()).hexdigest(),
            "input": digest(pixels),
            "map": digest(prediction.map),
            "verdict": prediction.verdict,
            "label": prediction.label,
            "probabilities": list(prediction.probabilities.values()),
        } == pinned, path


def test_heatmaps_are_laid_out_alike(otak_data: Path) -> None:
    classifier = Classifier.load()
    for path, pinned in ANSWERS["frames"].items():
        frame = classifier.predict(otak_data / path).heatmap
        assert frame is not None
        height, width = frame.shape
        assert [width, height] == pinned["size"]
        rows, columns = (np.linspace(0, side - 1, SAMPLES).astype(int) for side in (height, width))
        assert frame[np.ix_(rows, columns)] == pytest.approx(np.array(pinned["samples"]), abs=1e-4)


@pytest.mark.parametrize("name", FIGURES)
def test_committed_predictions_give_the_published_figures(name: str) -> None:
    report = results.assemble(RESULTS / name)
    assert report.accuracy
    assert set(report.accuracy.files) == set(FIGURES[name])
    for file, metrics in report.accuracy.files.items():
        assert figures_of(file, metrics) == FIGURES[name][file], file


def figures_of(file: str, metrics: Metrics) -> dict[str, Any]:
    """Returns what is pinned of a file: parts of the int8 TFLite files alone."""
    found: dict[str, Any] = {key: of(value) for key, value in metrics.overall.items()}
    found |= {"copies": of(metrics.copies), "new": of(metrics.new)}
    assert metrics.against_keras
    found |= {
        "keras": metrics.against_keras.accuracy,
        "lost": of(metrics.against_keras.lost),
        "flipped": metrics.against_keras.flipped,
    }
    if file.endswith("int8.tflite"):
        found |= {
            kind: {part.name: shares(part) for part in getattr(metrics, kind)}
            for kind in ("parts", "sequences", "planes")
        }
    pinned: dict[str, Any] = rounded(found)
    return pinned


def of(estimate: Estimate | None) -> list[float | None] | None:
    return None if estimate is None else [estimate.value, estimate.low, estimate.high]


def shares(part: PartScore) -> dict[str, list[float | None]]:
    names = ("right", "found", "cleared", "found_at_95", "answered", "wrong", "missed")
    known = {name: getattr(part, name) for name in names}
    return {
        name: [one.estimate.value, one.estimate.low, one.estimate.high, one.count, one.of]
        for name, one in known.items()
        if one
    }


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value
