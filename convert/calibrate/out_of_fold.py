"""Predictions of the training folds by nets that never saw the patient, for temperature and thresholds.

They are of the same recipe as the net that is converted, and many times as many as the slices held out of its
own training.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from train.evaluate import PREDICTIONS
from train.run import Run


@dataclass(frozen=True, kw_only=True)
class OutOfFold:
    """What the runs of the other folds say of their test parts.

    Attributes:
        logits: float32 (N, labels), up to a constant a row.
        truth: int64 (N,), indices of the true labels.
        sha256: One hash over the hashes of the slices.
        rows: The whole tables, tumours of unknown type among them.
    """

    logits: NDArray[np.float32]
    truth: NDArray[np.int64]
    sha256: str
    rows: tuple[SlicePrediction, ...]

    def studies(self, temperature: float) -> list[Study]:
        """Gathers the slices by patient, with their probabilities at a temperature."""
        probabilities = soften(_logits(self.rows), temperature)
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
    rows = []
    folds = {run.config.fold}
    for folder in folders:
        other = Run.load(folder)
        if replace(other.config, fold=run.config.fold) != run.config or other.data.sha256 != run.data.sha256:
            raise ConversionError(f"{folder}: is of another recipe or other data than {run.folder}.")
        if other.state != "finished":
            raise ConversionError(f"{folder}: is not finished; go on with it by --resume.")
        if other.config.protocol != "grouped" or other.config.withheld_fold != run.config.fold:
            raise ConversionError(f"{folder}: may have seen the test fold of {run.folder}.")
        if other.config.fold in folds:
            raise ConversionError(f"{folder}: tests the fold {other.config.fold}, which another run tests.")
        folds.add(other.config.fold)
        rows += predictions.read(folder / PREDICTIONS)
    typed = [row for row in rows if row.label != UNTYPED]
    return OutOfFold(
        logits=_logits(typed),
        truth=np.array([NAMES.index(row.label) for row in typed], np.int64),
        sha256=fingerprint(typed),
        rows=tuple(rows),
    )


def _logits(rows: Sequence[SlicePrediction]) -> NDArray[np.float32]:
    return logits_of(np.array([[row.probabilities[name] for name in NAMES] for row in rows], np.float32))
