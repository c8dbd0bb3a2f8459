"""Where a bundle comes from, for reviewers: ``provenance.json``, which no device reads.

Imported on a Pi too, by ``benchmarks``: nothing here needs Keras.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from edge_app import records
from edge_app.records import Range, Sha256, Share
from evaluation.metrics import Metrics
from evaluation.studies import StudyScore
from train.config import TrainingConfig
from train.run import DataDescription, Environment

SCHEMA = 2
NAME = "provenance.json"

Count = Annotated[int, Range(0, 10**9)]


@dataclass(frozen=True)
class ClassComparison:
    """How a file compares with its Keras model on the slices of one class."""

    slices: Count
    flipped: Count
    accuracy: Share
    keras_accuracy: Share


@dataclass(frozen=True)
class Comparison:
    """How a file compares with its Keras model on held-out slices.

    Attributes:
        runtime: What ran it.
        slices: How many were compared.
        flipped: How many are answered otherwise.
        largest_difference: Between two probabilities, the Keras model's at the file's temperature.
        mean_difference: Likewise.
        heatmap_correlation: Over all places of all slices; None where there is no heatmap.
        accuracy: The file's.
        keras_accuracy: The Keras model's.
        ece: The file's expected calibration error.
        keras_ece: The Keras model's, without a temperature.
        classes: By label, where there are slices of it.
    """

    runtime: str
    slices: Count
    flipped: Count
    largest_difference: float
    mean_difference: float
    heatmap_correlation: float | None
    accuracy: Share
    keras_accuracy: Share
    ece: float
    keras_ece: float
    classes: dict[str, ClassComparison]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How a file was verified.

    Attributes:
        comparison: By the runtime that will run it.
        tflite_runtime: By tflite-runtime too, where that was asked for.
        faults: What is outside the tolerances, in words.
    """

    comparison: Comparison
    tflite_runtime: Comparison | None
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KerasModel:
    """The model that all files were converted from."""

    sha256: Sha256
    parameters: Count


@dataclass(frozen=True, kw_only=True)
class RejectionData:
    """What the rejection of out-of-distribution inputs was fitted on; it can't be evaluated on those.

    Attributes:
        photographs: Hashes of the data set's photographs.
        others: How many other pictures.
        others_sha256: One hash over theirs; None where there were none.
    """

    photographs: tuple[Sha256, ...]
    others: Count
    others_sha256: Sha256 | None


@dataclass(frozen=True, kw_only=True)
class OutOfFoldData:
    """What temperature and thresholds were chosen on: predictions by nets that never saw the patient.

    Attributes:
        slices: How many.
        sha256: One hash over their hashes.
    """

    slices: Count
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What ``provenance.json`` holds.

    Attributes:
        training: What the training was asked for; None for random weights, whose answers mean nothing.
        data: What it was trained and tested on; None for random weights.
        environment: Where it was trained; random weights, where they were made.
        started: When, local time, ISO 8601.
        seconds: Of training.
        model: The Keras model; None for random weights, which are not kept.
        sources: The collections that the net, its temperatures or its thresholds saw, as far as named.
        calibration_set: Hashes of the slices that int8's ranges were measured on.
        rejection: None where the bundle rejects nothing.
        out_of_fold: None where temperature and thresholds come from held-out slices of the run itself.
        wrong_aim: The share of wrong answers that the thresholds keep on the slices they were chosen on; None
            without thresholds.
        studies: How the rule for studies does on the patients that it was chosen on; empty without one.
        metrics: The Keras model's on the test part; None for random weights.
        verification: Of each file, by its path; empty for random weights.
    """

    training: TrainingConfig | None
    data: DataDescription | None
    environment: Environment
    started: str
    seconds: Annotated[float, Range(0, 1e9)]
    model: KerasModel | None
    sources: tuple[str, ...]
    calibration_set: tuple[Sha256, ...]
    rejection: RejectionData | None
    out_of_fold: OutOfFoldData | None
    wrong_aim: Share | None
    studies: tuple[StudyScore, ...]
    metrics: Metrics | None
    verification: dict[str, Verification]

    @classmethod
    def load(cls, folder: Path) -> Provenance:
        """Reads the provenance of the bundle in a folder.

        Raises:
            RecordError: It is missing, broken or of another schema.
        """
        return records.read(folder / NAME, cls, SCHEMA)

    @classmethod
    def of_random_weights(cls, environment: Environment, started: str) -> Provenance:
        """Returns the provenance of a net that was never trained."""
        return cls(
            training=None,
            data=None,
            environment=environment,
            started=started,
            seconds=0.0,
            model=None,
            sources=(),
            calibration_set=(),
            rejection=None,
            out_of_fold=None,
            wrong_aim=None,
            studies=(),
            metrics=None,
            verification={},
        )

    def save(self, folder: Path) -> None:
        """Writes ``provenance.json`` into a folder.

        Raises:
            RecordError: It can't be written.
        """
        records.write(folder / NAME, self, SCHEMA)
