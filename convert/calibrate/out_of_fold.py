"""Predictions of the training folds by nets that never saw the patient, for temperature and thresholds.

They are of the same recipe as the net that is converted, and many times as many as the slices held out of its
own training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.calibrate.temperature import logits_of, soften
from convert.errors import ConversionError
from evaluation import predictions
from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from evaluation.predictions import SlicePrediction, fingerprint
from evaluation.studies import Study, studies_of
from train.config import but_for_fold
from train.data.dataset import Slice
from train.run import Run


@dataclass(frozen=True, kw_only=True)
class OutOfFold:
    """What the runs of the other folds say of their test parts.

    Attributes:
        tables: Each run with all that it says, tumours of unknown type among it.
    """

    tables: tuple[tuple[Run, tuple[SlicePrediction, ...]], ...]

    @property
    def rows(self) -> tuple[SlicePrediction, ...]:
        """What all of them say, one run after the other."""
        return tuple(row for _, rows in self.tables for row in rows)

    @property
    def typed(self) -> tuple[SlicePrediction, ...]:
        """Those of them whose true answer is known."""
        return tuple(row for row in self.rows if row.label != UNTYPED)

    @property
    def truth(self) -> NDArray[np.int64]:
        """Indices of the true labels, int64 (typed,)."""
        return np.array([NAMES.index(row.label) for row in self.typed], np.int64)

    @property
    def sha256(self) -> str:
        """One hash over the hashes of the slices whose true answer is known."""
        return fingerprint(self.typed)

    def studies(self, temperature: float) -> list[Study]:
        """Gathers the slices by patient, with their probabilities at a temperature."""
        probabilities = soften(logits(self.rows), temperature)
        tumours = 1 - probabilities[:, NO_TUMOUR_INDEX].astype(np.float64)
        return studies_of(
            [replace(row, tumour=float(tumour)) for row, tumour in zip(self.rows, tumours, strict=True)]
        )


def load(folders: Sequence[Path], run: Run) -> OutOfFold:
    """Reads the predictions of the runs of the other folds.

    Args:
        folders: Runs of the same configuration but for their fold.
        run: The run that is converted, whose own test fold none of them may have seen.

    Raises:
        ConversionError: A run is not finished, of another recipe or data, tests the fold of ``run`` or one
            that another tests, or may have seen it.
        OtakError: A run or its predictions can't be read.
    """
    tables = []
    folds = {run.config.fold}
    for folder in folders:
        other = Run.load(folder)
        if but_for_fold(other.config) != but_for_fold(run.config) or other.data.sha256 != run.data.sha256:
            raise ConversionError(f"{folder}: is of another recipe or other data than {run.folder}.")
        if other.state != "finished":
            raise ConversionError(f"{folder}: is not finished; go on with it by --resume.")
        if (
            other.config.protocol != "grouped"
            or other.config.withheld_fold != run.config.fold
            or any(teacher.fold != other.config.fold for teacher in other.config.teachers)
        ):
            raise ConversionError(f"{folder}: may have seen the test fold of {run.folder}.")
        if other.config.fold in folds:
            raise ConversionError(f"{folder}: tests the fold {other.config.fold}, which another run tests.")
        folds.add(other.config.fold)
        tables.append((other, tuple(predictions.read(folder / predictions.NAME))))
    return OutOfFold(tables=tuple(tables))


def logits(rows: Sequence[SlicePrediction]) -> NDArray[np.float32]:
    """Returns logits, float32 (rows, labels), up to a constant a row."""
    return logits_of(np.array([[row.probabilities[name] for name in NAMES] for row in rows], np.float32))


def slices_of(rows: Sequence[SlicePrediction], known: Mapping[str, Slice]) -> list[Slice]:
    """Returns the slices that predictions are of, with what a run's groups and labels are of them.

    Args:
        rows: The predictions.
        known: The data set, by path; what it doesn't hold has no more than its row says.
    """
    made = (Slice(row.path, row.label, row.sha256, row.group, source=row.source) for row in rows)
    return [
        replace(slice_, skull=known[slice_.path].skull) if slice_.path in known else slice_ for slice_ in made
    ]
