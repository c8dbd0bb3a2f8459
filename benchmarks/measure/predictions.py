"""What every file says of every slice of the test part, kept as CSV: one row an answer."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.measure import reference
from benchmarks.measure.models import Candidate, check_comparable, protocol
from benchmarks.measure.reference import Reference
from benchmarks.report import records
from edge_app.errors import BundleError
from edge_app.verdict import NO_TUMOUR
from evaluation.parts import Answered

NUMBERS = ("tumour", "confidence")


@dataclass(frozen=True, kw_only=True)
class Answer(Answered):
    """One file's answer to one slice.

    Attributes:
        file: The file's name in the report.
        path: The slice, relative to the data folder.
        copy: Whether the slice is near-identical to one that the net learnt from.
        keras: What the file's own Keras model says; empty where it was not asked.
        confidence: The probability of ``predicted``.
    """

    file: str
    path: str
    copy: bool
    keras: str
    confidence: float


@dataclass(frozen=True)
class HeldOut:
    """The slices that all files were asked about.

    Attributes:
        folder: Name of the data folder.
        protocol: How the test part was set apart.
        images: Number of slices.
        groups: Number of groups among them.
        sha256: One hash over the sorted hashes of the slices.
        labels: In the order of tables.
        without: Why a file was not asked, by its name.
    """

    folder: str
    protocol: str
    images: int
    groups: int
    sha256: str
    labels: tuple[str, ...]
    without: dict[str, str]


def ask_all(
    candidates: list[Candidate],
    data: Path,
    parts: Path,
    stride: int,
    progress: Callable[[str, int, int], None],
) -> tuple[HeldOut, list[Answer]]:
    """Puts the test part to every file; what an earlier, interrupted call finished is taken from ``parts``.

    Args:
        candidates: All files; those of random weights are passed over.
        data: The folder that the slices lie in.
        parts: Where each file's answers are kept.
        stride: Asks about every slice, or one in so many.
        progress: Told the file's name, the slices done and all slices.

    Raises:
        OtakError: Bundles were judged differently, a slice is missing or changed, or gave no finite numbers.
    """
    trained = [candidate for candidate in candidates if candidate.trained]
    if not trained:
        raise BenchmarkError("No bundle has trained weights; there is no accuracy to measure.")
    references = {each.bundle.folder: reference.read(each.bundle) for each in trained}
    check_comparable([(each.bundle, references[each.bundle.folder]) for each in trained])
    references = {folder: _thin(each, stride) for folder, each in references.items()}
    first = references[trained[0].bundle.folder]
    reference.verify(reference.all_slices(first), data)
    answers: list[Answer] = []
    without = {each.name: "random weights" for each in candidates if not each.trained}
    for candidate in trained:
        subject = references[candidate.bundle.folder]
        digest = reference.fingerprint(reference.all_slices(subject))
        key = hashlib.sha256(f"{candidate.name} {candidate.file.sha256} {digest}".encode()).hexdigest()
        part = parts / f"answers-{key[:16]}.csv"
        try:
            if not part.is_file():
                write(part, _ask(candidate, subject, data, progress))
            answers += read(part)
        except BundleError as error:
            if "not installed" not in str(error):
                raise
            without[candidate.name] = "not installed"
    test_part = HeldOut(
        folder=data.resolve().name,
        protocol=protocol(trained[0].bundle),
        images=len(first.slices),
        groups=len({slice_.group for slice_ in first.slices}),
        sha256=reference.fingerprint(first.slices),
        labels=tuple(label.name for label in trained[0].bundle.labels),
        without=without,
    )
    return test_part, answers


def write(path: Path, answers: Iterable[Answer]) -> None:
    """Writes answers as CSV.

    Raises:
        BenchmarkError: The file can't be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Answer))
    for answer in answers:
        row = asdict(answer)
        row |= {name: f"{row[name]:.6f}" for name in NUMBERS} | {"copy": int(answer.copy)}
        writer.writerow(row.values())
    records.write_text(path, text.getvalue())


def read(path: Path) -> list[Answer]:
    """Reads what ``write`` wrote.

    Raises:
        BenchmarkError: The file is missing or broken.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns = {field.name for field in fields(Answer)}
            # Results from before slices were told apart by these lack them.
            if not columns - set(reference.KNOWN) <= set(reader.fieldnames or ()) <= columns:
                raise ValueError("other columns")
            rows: list[dict[str, Any]] = list(reader)
        return [
            Answer(**row | {name: float(row[name]) for name in NUMBERS} | {"copy": row["copy"] == "1"})
            for row in rows
        ]
    except OSError:
        raise BenchmarkError(f"{path}: can't be read.") from None
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise BenchmarkError(f"{path}: is broken ({error}).") from None


def _ask(
    candidate: Candidate, subject: Reference, data: Path, progress: Callable[[str, int, int], None]
) -> list[Answer]:
    classifier = candidate.open()
    answers = []
    slices = reference.all_slices(subject)
    for slice_, keras in zip(slices, chain(subject.keras, repeat("")), strict=False):
        prediction = classifier.predict(data / slice_.path)
        predicted = max(prediction.probabilities, key=prediction.probabilities.__getitem__)
        answers.append(
            Answer(
                file=candidate.name,
                path=slice_.path,
                group=slice_.group,
                label=slice_.label,
                copy=slice_.copy,
                keras=keras,
                predicted=predicted,
                verdict=prediction.verdict,
                tumour=1 - prediction.probabilities.get(NO_TUMOUR, 0.0),
                confidence=prediction.probabilities[predicted],
                source=slice_.source,
                sequence=slice_.sequence,
                plane=slice_.plane,
            )
        )
        progress(candidate.name, len(answers), len(slices))
    return answers


def _thin(subject: Reference, stride: int) -> Reference:
    return Reference(subject.slices[::stride], subject.keras[::stride], subject.mixed[::stride])
