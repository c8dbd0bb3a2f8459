"""The one table that every figure is computed from: what each file says of each slice, a row each."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, get_args

from edge_app import records
from edge_app.errors import OtakError
from edge_app.verdict import NO_TUMOUR, Verdict

NAME = "predictions.csv"  # in a run, a bundle and a folder of results
KERAS = "keras"  # the file's name in a table of the trained model's own predictions
SLICE = ("path", "sha256", "label", "group", "source", "sequence", "plane", "copy")
ANSWER = ("keras", "predicted", "confidence", "tumour", "verdict", "reasons", "in_distribution")
POINTING = ("pointing_hit", "pointing_inside")
DECIMALS = 6
VERDICTS = ("", *get_args(Verdict))


class TableError(OtakError):
    """A table of predictions that is missing or broken; the text names the file."""


@dataclass(frozen=True, kw_only=True)
class LabelledSlice:
    """One slice of a test part, with its truth.

    Attributes:
        path: Relative to the data folder.
        sha256: Hash of the file.
        label: The true answer; ``evaluation.labels.UNTYPED`` where its type is unknown.
        group: What must not be torn apart, a patient.
        source: The collection; empty where unknown, like the next two.
        sequence: Of the scanner.
        plane: Of the slice.
        copy: Whether it is near-identical to a slice that was seen in training.
    """

    path: str
    sha256: str
    label: str
    group: str
    source: str = ""
    sequence: str = ""
    plane: str = ""
    copy: bool = False


@dataclass(frozen=True)
class Pointing:
    """Where a heatmap points, against the tumour's box (the pointing game, Zhang et al. 2016).

    Attributes:
        hit: Whether the hottest point lies in the box.
        inside: Share of the heat that lies in the box.
    """

    hit: bool
    inside: float


@dataclass(frozen=True, kw_only=True)
class SlicePrediction(LabelledSlice):
    """What one file says of one slice.

    Attributes:
        file: The file's name, ``KERAS`` in a run's own table.
        keras: What the Keras model that the file was converted from says, a label; empty where unknown.
        predicted: The most probable label, whatever the verdict.
        confidence: Its probability.
        tumour: How likely it is that the slice shows any tumour.
        probabilities: By label; empty where only the answer was kept.
        verdict: What a user is told; empty where nothing decides.
        reasons: Codes behind it.
        in_distribution: How likely the picture is a slice of a brain MRI; None where the file doesn't say.
        pointing: None without a heatmap or a box.
    """

    file: str
    predicted: str
    confidence: float
    tumour: float
    keras: str = ""
    probabilities: dict[str, float]
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    in_distribution: float | None = None
    pointing: Pointing | None = None

    @property
    def right(self) -> bool:
        """Whether the most probable label is the true one."""
        return self.predicted == self.label


def most_probable(probabilities: dict[str, float]) -> tuple[str, float, float]:
    """Returns the most probable label, its probability and that of any tumour."""
    predicted = max(probabilities, key=probabilities.__getitem__)
    return predicted, probabilities[predicted], 1 - probabilities.get(NO_TUMOUR, 0.0)


def by_file(predictions: Iterable[SlicePrediction]) -> dict[str, list[SlicePrediction]]:
    """Returns the rows of each file, in the table's order."""
    found: dict[str, list[SlicePrediction]] = defaultdict(list)
    for prediction in predictions:
        found[prediction.file].append(prediction)
    return found


class Hashed(Protocol):
    """Anything that knows the hash of its file."""

    @property
    def sha256(self) -> str:
        """64 hex digits."""


def fingerprint(slices: Iterable[Hashed]) -> str:
    """Returns one hash over the hashes of all slices, whatever their order."""
    return hashlib.sha256("".join(sorted(each.sha256 for each in slices)).encode()).hexdigest()


def write(path: Path, predictions: Sequence[SlicePrediction]) -> None:
    """Writes a table as CSV, whole or not at all.

    Raises:
        RecordError: The file can't be written.
    """
    labels = sorted({label for prediction in predictions for label in prediction.probabilities})
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", *SLICE, *ANSWER, *POINTING, *(f"p_{label}" for label in labels)])
    for each in predictions:
        pointing = (
            ("", "") if each.pointing is None else (int(each.pointing.hit), _number(each.pointing.inside))
        )
        writer.writerow(
            [
                each.file,
                *(getattr(each, name) for name in SLICE[:-1]),
                int(each.copy),
                each.keras,
                each.predicted,
                _number(each.confidence),
                _number(each.tumour),
                each.verdict,
                " ".join(each.reasons),
                _number(each.in_distribution),
                *pointing,
                *(_number(each.probabilities.get(label)) for label in labels),
            ]
        )
    records.write_text(path, text.getvalue())


def read(path: Path) -> list[SlicePrediction]:
    """Reads what ``write`` wrote.

    Raises:
        TableError: The file is missing, empty or broken; the text names the row.
    """
    predictions: list[SlicePrediction] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"file", *SLICE, *ANSWER, *POINTING} - set(rows.fieldnames or ())
            if missing:
                raise TableError(f"{path}: lacks the columns {', '.join(sorted(missing))}.")
            predictions.extend(map(_from_row, rows))
    except OSError as error:
        raise TableError(f"{path}: can't be read ({error.strerror}).") from None
    # A decoding error is a ValueError too; the reader stands at the row or just before it.
    except (ValueError, TypeError, AttributeError, csv.Error):
        raise TableError(f"{path}: row {len(predictions) + 1} can't be understood.") from None
    if not predictions:
        raise TableError(f"{path}: holds no slices.")
    return predictions


def read_all(folders: Iterable[Path]) -> list[SlicePrediction]:
    """Reads the tables of several runs, one after the other.

    Raises:
        TableError: As of ``read``.
    """
    return [row for folder in folders for row in read(folder / NAME)]


def _from_row(row: dict[str, str]) -> SlicePrediction:
    inside = _parsed(row["pointing_inside"])
    probabilities = {
        column.removeprefix("p_"): _share(value)
        for column, value in row.items()
        if column.startswith("p_") and value
    }
    if row["verdict"] not in VERDICTS or not (row["label"] and row["group"]):
        raise ValueError
    return SlicePrediction(
        file=row["file"],
        path=row["path"],
        sha256=row["sha256"],
        label=row["label"],
        group=row["group"],
        source=row["source"],
        sequence=row["sequence"],
        plane=row["plane"],
        copy=row["copy"] == "1",
        keras=row["keras"],
        predicted=row["predicted"],
        confidence=_share(row["confidence"]),
        tumour=_share(row["tumour"]),
        probabilities=probabilities,
        verdict=row["verdict"],
        reasons=tuple(row["reasons"].split()),
        in_distribution=_parsed(row["in_distribution"]),
        pointing=None if inside is None else Pointing(row["pointing_hit"] == "1", inside),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.{DECIMALS}f}"


def _parsed(text: str) -> float | None:
    return _share(text) if text else None


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:  # nor is NaN
        raise ValueError
    return value
