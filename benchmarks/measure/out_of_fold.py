"""The training folds as nets of the shipped recipe answer them that never saw the patients."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.measure import evaluation_part, models
from benchmarks.measure.models import File, ModelUnderTest
from benchmarks.measure.predictions import EvaluationData, Progress
from convert.calibrate.temperature import logits_of, soften
from edge_app import image, quality
from edge_app.bundle import sha256
from edge_app.preprocessing import preprocess
from edge_app.verdict import decide
from evaluation import predictions
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction, fingerprint, most_probable
from train.run import Run


def pool(
    model: ModelUnderTest, folders: Sequence[Path], data: Path, progress: Progress
) -> tuple[EvaluationData, list[SlicePrediction]]:
    """Puts the predictions of several folds' runs together, at a bundle's temperature and thresholds.

    The nets are in float, and have no rejection: a picture is refused for what ``edge_app.quality`` measures
    of it alone.

    Args:
        model: The bundle's file for devices.
        folders: The runs whose predictions its temperature and thresholds were chosen on.
        data: The folder that the slices lie in, for the quality of each picture.
        progress: Told what is pooled, how many slices are done and all of them.

    Raises:
        OtakError: The bundle was calibrated on other predictions, or a slice is missing or changed.
    """
    rows = predictions.read_all(folders)
    typed = [row for row in rows if row.label != UNTYPED]
    chosen_on = model.provenance.out_of_fold
    if chosen_on is None or fingerprint(typed) != chosen_on.sha256:
        raise BenchmarkError(
            f"{model.bundle.folder}: its thresholds were chosen on other predictions than those of "
            f"{', '.join(map(str, folders))}."
        )
    evaluation_part.verify(rows, data)
    pooled = []
    for row in rows:
        pooled.append(_decided(model, row, data))
        progress("out of fold", len(pooled), len(rows))
    described = EvaluationData(
        folder=data.resolve().name,
        protocol=models.protocol(model),
        slices=len(typed),
        groups=len({row.group for row in typed}),
        sha256=fingerprint(typed),
        labels=tuple(label.name for label in model.bundle.labels),
        without={},
        rules={name_of(model): model.bundle.study} if model.bundle.study else {},
    )
    return described, pooled


def name_of(model: ModelUnderTest) -> str:
    """What reports call the nets of the folds together."""
    return f"{model.net} out of fold"


def describe(model: ModelUnderTest, folders: Sequence[Path]) -> File:
    """Describes the nets of the folds as one file; sizes are of one, the hash is over those of all.

    Raises:
        DataError: A run is missing.
    """
    nets = [Run.load(folder).model for folder in folders]
    return File(
        name=name_of(model),
        net=name_of(model),
        version=model.bundle.version,
        sha256=hashlib.sha256("".join(sorted(map(sha256, nets))).encode()).hexdigest(),
        format="keras",
        precision="float32",
        bytes=nets[0].stat().st_size,
        gzipped=len(gzip.compress(nets[0].read_bytes())),
        trained=True,
    )


def _decided(model: ModelUnderTest, row: SlicePrediction, data: Path) -> SlicePrediction:
    """Returns a row as the bundle would have it: softened, and with a verdict."""
    labels = list(row.probabilities)
    logits = logits_of(np.array([list(row.probabilities.values())], np.float32))
    softened = soften(logits, model.file.temperature)[0].tolist()
    probabilities = dict(zip(labels, softened, strict=True))
    predicted, confidence, tumour = most_probable(probabilities)
    picture = image.decode(data / row.path)
    pixels, box = preprocess(picture, model.bundle.input)
    measured = quality.measure(picture, pixels, box)
    verdict, reasons = decide(probabilities, None, measured, model.bundle.thresholds)
    return replace(
        row,
        file=name_of(model),
        predicted=predicted,
        confidence=confidence,
        tumour=tumour,
        probabilities=probabilities,
        verdict=verdict,
        reasons=reasons,
    )
