"""The table: for people on the terminal and in Markdown, for programs in JSON and CSV."""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import asdict, dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from benchmarks.accuracy import Accuracy, Answer
from benchmarks.candidates import Candidate
from benchmarks.errors import BenchmarkError
from benchmarks.latency import Latency
from benchmarks.machine import Machine
from benchmarks.reference import all_slices
from benchmarks.statistics import Estimate, Percentiles

TITLES = (
    "Bundle",
    "File",
    "Runtime",
    "kB",
    "Accuracy % (95%)",
    "Lost",
    "Flipped",
    "Tumour",
    "Mixed",
    "Model p50 ms",
    "p90",
    "Ratio",
    "Whole p50 ms",
    "p90",
)
WORDS = 3  # the first columns hold words, the others figures
NOTES = (
    "Accuracy: share of the test part's slices whose most probable label is the true one; the interval is a "
    "bootstrap over groups. Lost: percentage points below the bundle's own Keras model. Flipped: slices that "
    "the file and the Keras model answer differently. Tumour: % of the tumours called one, at 95% "
    "specificity; mixed: likewise of tumours of unknown type and of all sequences. Model: the interpreter "
    "alone; whole: from a picture's bytes to the verdict; per picture, one thread, all files in turns in one "
    "process after warm-up. Ratio: model p50 over that of MobileNetV2@224 int8 (TFLite), measured in the "
    "same turns."
)


@dataclass(frozen=True)
class Data:
    """The test part.

    Attributes:
        folder: Name of the data folder.
        images: Number of slices.
        groups: Number of groups among them.
        sha256: One hash over the sorted hashes of the slices.
    """

    folder: str
    images: int
    groups: int
    sha256: str


@dataclass(frozen=True)
class FileResult:
    """One row.

    Attributes:
        bundle: Net and input size.
        version: The bundle's.
        path: File name inside the bundle.
        sha256: The file's hash.
        format: ``tflite`` or ``onnx``.
        precision: See ``edge_app.bundle.PRECISIONS``.
        runtime: The interpreter's name.
        bytes: The file's size.
        accuracy: Against the truth and against Keras.
        latency: Per picture.
        ratio: Of the model's p50 to MobileNetV2@224 int8; None where that was not measured.
    """

    bundle: str
    version: str
    path: str
    sha256: str
    format: str
    precision: str
    runtime: str
    bytes: int
    accuracy: Accuracy
    latency: Latency
    ratio: float | None


@dataclass(frozen=True)
class Report:
    """All rows, and what they hold for.

    Attributes:
        data: The test part.
        protocol: How it was set apart.
        machine: Where it was measured.
        date: When, ISO 8601 in UTC.
        command: How to measure again.
        queries: Timed calls a file, of each kind.
        files: The rows.
    """

    data: Data
    protocol: str
    machine: Machine
    date: str
    command: str
    queries: int
    files: tuple[FileResult, ...]


def file_result(
    candidate: Candidate, accuracy: Accuracy, latency: Latency, ratio: float | None
) -> FileResult:
    """Puts a candidate's measurements into a row."""
    bundle, file = candidate.classifier.bundle, candidate.classifier.file
    return FileResult(
        bundle=candidate.bundle,
        version=bundle.version,
        path=file.path,
        sha256=file.sha256,
        format=file.format,
        precision=file.precision,
        runtime=candidate.classifier.runtime.name,
        bytes=file.bytes,
        accuracy=accuracy,
        latency=latency,
        ratio=ratio,
    )


def table(report: Report) -> Table:
    """Lays a report out for a terminal."""
    grid = Table(title=Text(_subject(report)), box=box.SIMPLE)
    for i, title in enumerate(TITLES):
        grid.add_column(title, justify="left" if i < WORDS else "right")
    for file in report.files:
        grid.add_row(*map(Text, _cells(file)))
    return grid


def markdown(report: Report) -> str:
    """Lays a report out for reading and for pasting into other texts."""
    machine = report.machine
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    marks = [":--" if i < WORDS else "--:" for i in range(len(TITLES))]
    rows = [TITLES, marks, *(_cells(file) for file in report.files)]
    lines = [
        "# Benchmark",
        "",
        f"- Test part: {_subject(report)}",
        f"- Hash of the test part: `{report.data.sha256}`",
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.system}",
        f"- Software: Python {machine.python}, {packages}",
        f"- Date: {report.date}",
        f"- Command: `{report.command}` ({report.queries} timed calls a file)",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        NOTES,
        "",
    ]
    return "\n".join(lines)


def summary(report: Report) -> str:
    """Lays a report's main figures out for the README: accuracy, what was lost, size and relative latency."""
    titles = ("Net", "File", "kB", "Accuracy % (95%)", "Lost", "Flipped", "Tumour", "Mixed", "Latency ratio")
    marks = [":--" if i < 2 else "--:" for i in range(len(titles))]
    rows = [titles, marks]
    for file in report.files:
        bundle, name, _, size, accuracy, lost, flipped, tumour, mixed, _, _, ratio, *_ = _cells(file)
        rows.append((bundle, name, size, accuracy, lost, flipped, tumour, mixed, ratio))
    machine = report.machine
    note = (
        f"Measured {report.date[:10]} on {_subject(report)}; {machine.cpu}, {machine.cores} cores, "
        f"`{report.command}`."
    )
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", note, ""])


def read(folder: Path) -> Report:
    """Reads the ``report.json`` of a folder.

    Raises:
        BenchmarkError: It is missing or broken.
    """
    path = folder / "report.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Report(
            **data
            | {
                "data": Data(**data["data"]),
                "machine": Machine(**data["machine"]),
                "files": tuple(_read_file(file) for file in data["files"]),
            }
        )
    except OSError:
        raise BenchmarkError(f"{path}: can't be read.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f"{path}: is broken ({error}).") from None


def prepare(folder: Path) -> None:
    """Makes the folder that a report will go to, so that a measurement is not made in vain.

    Raises:
        BenchmarkError: It can't be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise BenchmarkError(f"{folder}: can't be written to ({error.strerror}).") from None


def write(folder: Path, report: Report, candidates: list[Candidate], answers: list[list[Answer]]) -> None:
    """Writes ``report.json``, ``report.md`` and ``answers.csv``, each whole or not at all.

    Args:
        folder: An existing folder.
        report: The figures.
        candidates: The files, in the report's order.
        answers: Each file's answer to each slice; all accuracies can be computed from them again.

    Raises:
        BenchmarkError: The folder can't be written to.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            draft = Path(name)
            text = json.dumps(asdict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            (draft / "report.json").write_text(text, encoding="utf-8")
            (draft / "report.md").write_text(markdown(report), encoding="utf-8")
            _write_answers(draft / "answers.csv", candidates, answers)
            for path in sorted(draft.iterdir()):
                path.replace(folder / path.name)
    except OSError as error:
        raise BenchmarkError(f"{folder}: can't be written to ({error.strerror}).") from None


def _write_answers(path: Path, candidates: list[Candidate], answers: list[list[Answer]]) -> None:
    labels = dict.fromkeys(
        f"p_{label.name}" for candidate in candidates for label in candidate.classifier.bundle.labels
    )
    titles = ["bundle", "file", "path", "group", "label", "keras", "predicted", "verdict", *labels]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, titles)
        writer.writeheader()
        for candidate, own in zip(candidates, answers, strict=True):
            reference = candidate.reference
            asked = zip(all_slices(reference), chain(reference.keras, repeat("")), own, strict=False)
            for slice_, keras, answer in asked:
                writer.writerow(
                    {
                        "bundle": candidate.bundle,
                        "file": candidate.classifier.file.path,
                        "path": slice_.path,
                        "group": slice_.group,
                        "label": slice_.label,
                        "keras": keras,
                        "predicted": answer.predicted,
                        "verdict": answer.verdict,
                    }
                    | {f"p_{label}": value for label, value in answer.probabilities.items()}
                )


def _read_file(data: dict[str, Any]) -> FileResult:
    accuracy, latency = data["accuracy"], data["latency"]
    return FileResult(
        **data
        | {
            "accuracy": Accuracy(
                **accuracy
                | {"accuracy": Estimate(**accuracy["accuracy"]), "lost": Estimate(**accuracy["lost"])}
            ),
            "latency": Latency(Percentiles(**latency["model"]), Percentiles(**latency["whole"])),
        }
    )


def _subject(report: Report) -> str:
    data = report.data
    return f"{data.folder}, protocol {report.protocol}, {data.images} slices of {data.groups} groups"


def _cells(file: FileResult) -> tuple[str, ...]:
    return (
        file.bundle,
        f"{file.format} {file.precision}",
        file.runtime,
        f"{file.bytes / 1000:,.0f}",
        _percent(file.accuracy.accuracy),
        f"{100 * file.accuracy.lost.value:.1f}",
        str(file.accuracy.flipped),
        _share(file.accuracy.tumour),
        _share(file.accuracy.mixed),
        f"{file.latency.model.p50:.3f}",
        f"{file.latency.model.p90:.3f}",
        "-" if file.ratio is None else f"{file.ratio:.3f}",
        f"{file.latency.whole.p50:.3f}",
        f"{file.latency.whole.p90:.3f}",
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _percent(estimate: Estimate) -> str:
    value = f"{100 * estimate.value:.1f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"
