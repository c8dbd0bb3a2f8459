"""A bundle's test part: the slices that its files are asked about, and what its Keras model said of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.errors import BenchmarkError
from edge_app.bundle import Bundle, sha256
from evaluation import predictions
from evaluation.labels import UNTYPED
from evaluation.predictions import LabelledSlice, SlicePrediction, TableError


@dataclass(frozen=True)
class EvaluationPart:
    """The Keras model's predictions of a bundle's test part.

    Attributes:
        typed: Of slices whose true answer is known.
        untyped: Of tumours of unknown type.
    """

    typed: tuple[SlicePrediction, ...]
    untyped: tuple[SlicePrediction, ...]

    @property
    def slices(self) -> tuple[SlicePrediction, ...]:
        """All of them, tumours of unknown type last."""
        return self.typed + self.untyped

    @property
    def identities(self) -> set[tuple[str, str, str]]:
        """What the slices of known type are, whatever is said of them: path, hash and label."""
        return {(each.path, each.sha256, each.label) for each in self.typed}

    def without_keras(self) -> EvaluationPart:
        """Returns the same slices for a model of which no Keras model is known."""
        unknown = ([replace(each, predicted="") for each in part] for part in (self.typed, self.untyped))
        return EvaluationPart(*map(tuple, unknown))

    def thinned(self, stride: int) -> EvaluationPart:
        """Returns one slice in so many."""
        return EvaluationPart(self.typed[::stride], self.untyped[::stride])


def read(bundle: Bundle) -> EvaluationPart:
    """Reads the test part of a bundle.

    Raises:
        BenchmarkError: ``predictions.csv`` is missing, broken, or does not fit the bundle's labels.
    """
    path = bundle.folder / predictions.NAME
    labels = {label.name for label in bundle.labels}
    if not path.exists():
        raise BenchmarkError(f"{path}: is missing; convert the run again, or name the full bundle.")
    try:
        rows = predictions.read(path)
    except TableError as error:
        raise BenchmarkError(f"{str(error).removesuffix('.')}; convert the run again.") from None
    for number, row in enumerate(rows, start=1):
        if row.label not in {*labels, UNTYPED} or set(row.probabilities) != labels:
            raise BenchmarkError(f"{path}: row {number} has other labels than the bundle.")
    typed = tuple(row for row in rows if row.label != UNTYPED)
    if not typed:
        raise BenchmarkError(f"{path}: holds no slices of known type, so there is nothing to measure.")
    return EvaluationPart(typed, tuple(row for row in rows if row.label == UNTYPED))


def verify(slices: Iterable[LabelledSlice], data: Path) -> None:
    """Checks that every slice lies in the data folder as it was when the model was evaluated.

    Raises:
        BenchmarkError: A picture is missing or was changed.
    """
    if not data.is_dir():
        raise BenchmarkError(f"{data}: is no folder; name the one that the model was trained from.")
    for each in slices:
        path = data / each.path
        try:
            digest = sha256(path)
        except OSError:
            raise BenchmarkError(f"{path}: is missing or can't be read, but is in the test part.") from None
        if digest != each.sha256:
            raise BenchmarkError(f"{path}: was changed since the model was evaluated on it.")
