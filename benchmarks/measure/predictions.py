"""Every file asked once about every slice of the test part: the table that all figures come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure import evaluation_part, models
from benchmarks.measure.evaluation_part import EvaluationPart
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.resume import key_of
from benchmarks.robustness.pointing_game import Box, point
from edge_app.bundle import StudyRule
from edge_app.classifier import Classifier, Prediction
from edge_app.errors import RuntimeMissing
from evaluation import predictions
from evaluation.predictions import SlicePrediction, fingerprint, most_probable

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class EvaluationData:
    """The slices that all files were asked about.

    Attributes:
        folder: Name of the data folder.
        protocol: How the test part was set apart.
        slices: Number of slices of known type.
        groups: Number of groups among them.
        sha256: One hash over the sorted hashes of the slices.
        labels: In the order of tables.
        without: Why a file was not asked, by its name.
        rules: For studies, by the name of the file; without those whose bundle has none.
    """

    folder: str
    protocol: str
    slices: int
    groups: int
    sha256: str
    labels: tuple[str, ...]
    without: dict[str, str]
    rules: dict[str, StudyRule]


def predict_all(
    under_test: Sequence[ModelUnderTest],
    data: Path,
    boxes: Mapping[str, Box],
    parts: Path,
    stride: int,
    progress: Progress,
) -> tuple[EvaluationData, list[SlicePrediction]]:
    """Puts the test part to every file; what an earlier, interrupted call finished is taken from ``parts``.

    Args:
        under_test: All files; those of random weights are passed over.
        data: The folder that the slices lie in.
        boxes: Of tumours, by path.
        parts: Where each file's predictions are kept.
        stride: Asks about every slice, or one in so many.
        progress: Told the file's name, the slices done and all slices.

    Raises:
        OtakError: Bundles are not comparable, a slice is missing or changed, or gave no finite numbers.
    """
    trained = [model for model in under_test if model.trained]
    if not trained:
        raise BenchmarkError("No bundle has trained weights; there is no accuracy to measure.")
    read = {model.bundle.folder: evaluation_part.read(model.bundle) for model in trained}
    models.check_comparable([(model, read[model.bundle.folder]) for model in trained])
    thinned = {folder: part.thinned(stride) for folder, part in read.items()}
    first = thinned[trained[0].bundle.folder]
    evaluation_part.verify(first.slices, data)
    table: list[SlicePrediction] = []
    without = {model.name: "random weights" for model in under_test if not model.trained}
    for model in trained:
        part = thinned[model.bundle.folder]
        kept = parts / f"predictions-{key_of(model.name, model.file.sha256, fingerprint(part.slices))}.csv"
        try:
            if not kept.is_file():
                predictions.write(kept, _predict(model, part, data, boxes, progress))
            table += predictions.read(kept)
        except RuntimeMissing:
            without[model.name] = "not installed"
    described = EvaluationData(
        folder=data.resolve().name,
        protocol=models.protocol(trained[0]),
        slices=len(first.typed),
        groups=len({each.group for each in first.typed}),
        sha256=fingerprint(first.typed),
        labels=tuple(label.name for label in trained[0].bundle.labels),
        without=without,
        rules={model.name: model.bundle.study for model in trained if model.bundle.study},
    )
    return described, table


def row_of(
    prediction: Prediction, asked: SlicePrediction, file: str, box: Box | None = None
) -> SlicePrediction:
    """Returns a file's row of the table.

    Args:
        prediction: What the file says.
        asked: The Keras model's row of the same slice.
        file: The file's name.
        box: Of the tumour, where known.
    """
    predicted, confidence, tumour = most_probable(prediction.probabilities)
    # Laid out over the whole picture, which takes its time, only where there is a box.
    heatmap = None if box is None else prediction.heatmap
    return replace(
        asked,
        file=file,
        keras=asked.predicted,
        predicted=predicted,
        confidence=confidence,
        tumour=tumour,
        probabilities=prediction.probabilities,
        verdict=prediction.verdict,
        reasons=prediction.reasons,
        in_distribution=prediction.in_distribution,
        pointing=None if heatmap is None or box is None else point(heatmap, box),
    )


def _predict(
    model: ModelUnderTest, part: EvaluationPart, data: Path, boxes: Mapping[str, Box], progress: Progress
) -> list[SlicePrediction]:
    classifier: Classifier = model.open()
    rows: list[SlicePrediction] = []
    for asked in part.slices:
        prediction = classifier.predict(data / asked.path)
        rows.append(row_of(prediction, asked, model.name, boxes.get(asked.path)))
        progress(model.name, len(rows), len(part.slices))
    return rows
