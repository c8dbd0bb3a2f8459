"""The scores of a run, as ``metrics.json`` holds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_app import records
from edge_app.records import RecordError, Share
from evaluation.metrics import Metrics
from train.config import Protocol
from train.errors import DataError
from train.run import State

SCHEMA = 1
FILE = "metrics.json"


@dataclass(frozen=True, kw_only=True)
class TrainingShare:
    """How much a net remembers: its accuracy on the slices seen in training, as they are."""

    slices: int
    accuracy: Share


@dataclass(frozen=True, kw_only=True)
class RunMetrics:
    """The scores of a run or of a cross-validation.

    Attributes:
        protocol: Of the split.
        state: Of the run; a cross-validation is finished.
        training_seconds: Of all runs together, interruptions left out.
        training: None for a cross-validation, each of whose nets saw other slices.
        folds: Accuracy of each run of a cross-validation; empty for a single run.
        metrics: On the test part, computed from ``predictions.csv``.
    """

    protocol: Protocol
    state: State
    training_seconds: float
    training: TrainingShare | None
    folds: tuple[float, ...]
    metrics: Metrics

    def save(self, folder: Path) -> None:
        """Writes ``metrics.json``."""
        records.write(folder / FILE, self, SCHEMA)

    @classmethod
    def load(cls, folder: Path) -> RunMetrics:
        """Reads a run's metrics.

        Raises:
            DataError: They are missing or broken.
        """
        try:
            return records.read(folder / FILE, cls, SCHEMA)
        except RecordError as error:
            raise DataError(str(error)) from None
