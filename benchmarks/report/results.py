"""A folder of results, and the report of all that was measured into it.

``accuracy.json`` with ``answers.csv``, ``latency.json``, ``mlperf.json`` and ``browser.json`` are
measured; ``report.json`` with its schema, ``report.md`` and ``report.html`` are made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.measure import predictions
from benchmarks.measure.browser import InBrowser
from benchmarks.measure.latency import Latency
from benchmarks.measure.machine import Machine, this_machine
from benchmarks.measure.mlperf import MLPerf
from benchmarks.measure.models import Candidate, File
from benchmarks.measure.predictions import HeldOut
from benchmarks.report import records, scores
from benchmarks.report.scores import Accuracy

ANSWERS = "answers.csv"


@dataclass(frozen=True)
class Occasion:
    """When, where and how something was measured.

    Attributes:
        date: ISO 8601 in UTC.
        command: How to measure again.
        machine: Where.
        files: What was measured.
    """

    date: str
    command: str
    machine: Machine
    files: tuple[File, ...]


@dataclass(frozen=True)
class AccuracyPart:
    """``accuracy.json``: the figures themselves are computed from ``answers.csv``."""

    occasion: Occasion
    test_part: HeldOut


@dataclass(frozen=True)
class LatencyPart:
    """``latency.json``."""

    occasion: Occasion
    latency: Latency


@dataclass(frozen=True)
class MLPerfPart:
    """``mlperf.json``."""

    occasion: Occasion
    mlperf: MLPerf


@dataclass(frozen=True)
class BrowserPart:
    """``browser.json``."""

    occasion: Occasion
    browser: InBrowser


Part = AccuracyPart | LatencyPart | MLPerfPart | BrowserPart
NAMES = {
    AccuracyPart: "accuracy.json",
    LatencyPart: "latency.json",
    MLPerfPart: "mlperf.json",
    BrowserPart: "browser.json",
}


@dataclass(frozen=True)
class Report:
    """``report.json``: everything; what was not measured is None.

    Attributes:
        files: All files that anything was measured of.
        occasions: How each part came about, by its name.
        accuracy: Against the truth and against Keras.
        latency: Of each runtime.
        mlperf: As LoadGen measures it.
        browser: In the page's worker.
    """

    files: tuple[File, ...]
    occasions: dict[str, Occasion]
    accuracy: Accuracy | None
    latency: Latency | None
    mlperf: MLPerf | None
    browser: InBrowser | None

    def file(self, name: str) -> File:
        """Returns the file of a name."""
        return next(file for file in self.files if file.name == name)


def occasion(candidates: Sequence[Candidate], command: str) -> Occasion:
    """Describes a measurement that was made now."""
    return Occasion(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        machine=this_machine(),
        files=tuple(candidate.describe() for candidate in candidates),
    )


def keep(folder: Path, part: Part) -> None:
    """Writes a measured part into a folder.

    Raises:
        BenchmarkError: The folder can't be written to.
    """
    records.write(folder / NAMES[type(part)], part)


def assemble(folder: Path) -> Report:
    """Makes the report of all parts that a folder holds.

    Raises:
        BenchmarkError: It holds none, a part is broken, or parts were measured of different files.
    """
    parts: dict[Any, Part] = {
        kind: records.read(folder / name, kind) for kind, name in NAMES.items() if (folder / name).is_file()
    }
    if not parts:
        raise BenchmarkError(f"{folder}: holds no results; measure accuracy or latency first.")
    files: dict[str, File] = {}
    for part in parts.values():
        for file in part.occasion.files:
            if files.setdefault(file.name, file).sha256 != file.sha256:
                raise BenchmarkError(
                    f"{folder}: its parts were measured of different files called {file.name}; "
                    "measure all again, into an empty folder."
                )
    answered, timed = parts.get(AccuracyPart), parts.get(LatencyPart)
    generated, paged = parts.get(MLPerfPart), parts.get(BrowserPart)
    return Report(
        files=tuple(files.values()),
        occasions={Path(NAMES[kind]).stem: part.occasion for kind, part in parts.items()},
        accuracy=scores.judge(answered.test_part, predictions.read(folder / ANSWERS))
        if isinstance(answered, AccuracyPart)
        else None,
        latency=timed.latency if isinstance(timed, LatencyPart) else None,
        mlperf=generated.mlperf if isinstance(generated, MLPerfPart) else None,
        browser=paged.browser if isinstance(paged, BrowserPart) else None,
    )


def read(path: Path) -> Report:
    """Reads a ``report.json``.

    Raises:
        BenchmarkError: It is missing or broken.
    """
    return records.read(path, Report)
