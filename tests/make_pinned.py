"""Writes ``pinned/``: what the file that ships says of real slices, and the figures of committed predictions.

Run ``OTAK_DATA=DATA python -m tests.make_pinned`` when a new model ships, and never for anything else.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import results
from edge_app import Classifier
from edge_app.image import decode
from edge_app.preprocessing import preprocess
from tests.test_pinned import PINNED, RESULTS, SAMPLES, digest, figures_of
from train.data.dataset import read_dataset

SLICES = 200
FRAMES = 8


def main(data: Path) -> None:
    """Pins the answers to the slices of the lowest hashes, every row's input, and figures."""
    classifier = Classifier.load()
    rows = sorted(read_dataset(data), key=lambda each: each.path)
    whole = hashlib.sha256()
    for each in rows:
        whole.update(preprocess(decode(data / each.path), classifier.bundle.input)[0].tobytes())
    slices: dict[str, dict[str, Any]] = {}
    frames: dict[str, dict[str, Any]] = {}
    for sha256, path in sorted({each.sha256: each.path for each in rows}.items())[:SLICES]:
        pixels, _ = preprocess(decode(data / path), classifier.bundle.input)
        prediction = classifier.predict(data / path)
        slices[path] = {
            "sha256": sha256,
            "input": digest(pixels),
            "map": digest(prediction.map),
            "verdict": prediction.verdict,
            "label": prediction.label,
            "probabilities": list(prediction.probabilities.values()),
        }
        frame = prediction.heatmap
        if len(frames) < FRAMES and frame is not None:
            height, width = frame.shape
            places = [np.linspace(0, side - 1, SAMPLES).astype(int) for side in (height, width)]
            samples = np.round(frame[np.ix_(*places)].astype(float), 6).tolist()
            frames[path] = {"size": [width, height], "samples": samples}
    pinned = {
        "manifest": {"slices": len(rows), "input": whole.hexdigest()},
        "slices": slices,
        "frames": frames,
    }
    (PINNED / "answers.json").write_text(json.dumps(pinned, indent=0), encoding="utf-8")
    figures: dict[str, dict[str, Any]] = {}
    for folder in sorted(path.parent for path in RESULTS.glob("*/predictions.csv")):
        accuracy = results.assemble(folder).accuracy
        files = accuracy.files if accuracy else {}
        figures[folder.name] = {file: figures_of(file, metrics) for file, metrics in files.items()}
    (PINNED / "figures.json").write_text(json.dumps(figures, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main(Path(os.environ["OTAK_DATA"]))
