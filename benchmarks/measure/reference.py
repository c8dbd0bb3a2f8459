"""A bundle's ``reference.csv``: the slices that it is judged on and what its Keras model said of each."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.errors import BenchmarkError
from edge_app.bundle import Bundle, sha256
from evaluation.labels import UNTYPED

COLUMNS = ("path", "sha256", "label", "group")
KNOWN = ("source", "sequence", "plane")  # of a slice, in bundles that say so


@dataclass(frozen=True)
class Slice:
    """One picture of the protocol's test part, with its truth.

    Attributes:
        path: Relative to the data folder.
        sha256: Hash of the file.
        label: The true answer.
        group: What must not be torn apart, a patient.
        copy: Whether it is near-identical to a slice that the net learnt from.
        source: The collection; empty where the bundle doesn't say, like the next two.
        sequence: Of the scanner.
        plane: Of the slice.
    """

    path: str
    sha256: str
    label: str
    group: str
    copy: bool = field(default=False, compare=False)
    source: str = field(default="", compare=False)
    sequence: str = field(default="", compare=False)
    plane: str = field(default="", compare=False)


@dataclass(frozen=True)
class Reference:
    """The test part of a bundle's protocol.

    Attributes:
        slices: In the file's order.
        keras: The Keras model's answer to each slice, a label.
        mixed: Tumours of unknown type and of all sequences, judged apart.
    """

    slices: tuple[Slice, ...]
    keras: tuple[str, ...]
    mixed: tuple[Slice, ...] = ()


def read(bundle: Bundle) -> Reference:
    """Reads a bundle's ``reference.csv``.

    Raises:
        BenchmarkError: It is missing, empty, or does not fit the bundle's labels.
    """
    path = bundle.folder / "reference.csv"
    labels = [label.name for label in bundle.labels]
    needed = {*COLUMNS, *(f"p_{label}" for label in labels)}
    slices: list[Slice] = []
    keras: list[str] = []
    mixed: list[Slice] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if missing := needed - set(rows.fieldnames or ()):
                raise BenchmarkError(f"{path}: lacks the columns {', '.join(sorted(missing))}.")
            for row in rows:
                probabilities = [float(row[f"p_{label}"] or "nan") for label in labels]
                known = row["label"] in (*labels, UNTYPED) and row["group"]
                if not known or not all(map(math.isfinite, probabilities)):
                    raise ValueError
                slice_ = Slice(
                    **{column: row[column] for column in COLUMNS},
                    copy=row.get("copy") == "1",
                    **{column: row.get(column) or "" for column in KNOWN},
                )
                if slice_.label == UNTYPED:
                    mixed.append(slice_)
                    continue
                slices.append(slice_)
                keras.append(labels[probabilities.index(max(probabilities))])
    except FileNotFoundError:
        raise BenchmarkError(f"{path}: is missing; convert the run again.") from None
    except OSError:
        raise BenchmarkError(f"{path}: can't be read.") from None
    # A decoding error is a ValueError too; the reader stands at the row or just before it.
    except (ValueError, csv.Error):
        raise BenchmarkError(
            f"{path}: row {len(slices) + len(mixed) + 1} can't be understood; convert the run again."
        ) from None
    if not slices:
        raise BenchmarkError(f"{path}: holds no slices, so there is nothing to judge the bundle on.")
    return Reference(tuple(slices), tuple(keras), tuple(mixed))


def all_slices(reference: Reference) -> tuple[Slice, ...]:
    """Returns all slices that a bundle is asked about, the mixed tumours last."""
    return reference.slices + reference.mixed


def verify(slices: Iterable[Slice], data: Path) -> None:
    """Checks that every slice lies in the data folder as it was when the model was judged.

    Raises:
        BenchmarkError: A picture is missing or was changed.
    """
    if not data.is_dir():
        raise BenchmarkError(f"{data}: is no folder; name the one that the model was trained from.")
    for slice_ in slices:
        path = data / slice_.path
        try:
            digest = sha256(path)
        except OSError:
            raise BenchmarkError(f"{path}: is missing or can't be read, but is in the test part.") from None
        if digest != slice_.sha256:
            raise BenchmarkError(f"{path}: was changed since the model was judged on it.")


def fingerprint(slices: Iterable[Slice]) -> str:
    """Returns one hash over the hashes of all slices, whatever their order."""
    digests = sorted(slice_.sha256 for slice_ in slices)
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
