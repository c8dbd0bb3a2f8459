"""A folder of results: what was measured, and the report made from it.

``predictions.json`` with ``predictions.csv``, ``robustness.json``, ``latency.json``, ``mlperf.json`` and
``browser.json`` are measured; ``report.json``, ``report.md`` and ``report.html`` are made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.measure.browser import InBrowser
from benchmarks.measure.latency import Latency
from benchmarks.measure.machine import Machine, this_machine
from benchmarks.measure.mlperf import MLPerf
from benchmarks.measure.models import File, ModelUnderTest
from benchmarks.measure.predictions import EvaluationData
from benchmarks.measure.resume import SCHEMA
from benchmarks.measure.robustness import Robustness
from edge_app import records
from evaluation import predictions
from evaluation.metrics import Metrics, PairwiseMcNemar, evaluate, pairwise_mcnemar
from evaluation.predictions import SlicePrediction, by_file
from evaluation.studies import StudyScore, by_study, studies_of

TABLE = "predictions.csv"


@dataclass(frozen=True)
class Provenance:
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
class PredictionsPart:
    """``predictions.json``: what the rows of ``predictions.csv`` are of."""

    provenance: Provenance
    data: EvaluationData


@dataclass(frozen=True)
class RobustnessPart:
    """``robustness.json``."""

    provenance: Provenance
    robustness: Robustness


@dataclass(frozen=True)
class LatencyPart:
    """``latency.json``."""

    provenance: Provenance
    latency: Latency


@dataclass(frozen=True)
class MLPerfPart:
    """``mlperf.json``."""

    provenance: Provenance
    mlperf: MLPerf


@dataclass(frozen=True)
class BrowserPart:
    """``browser.json``."""

    provenance: Provenance
    browser: InBrowser


Part = PredictionsPart | RobustnessPart | LatencyPart | MLPerfPart | BrowserPart
NAMES = {
    PredictionsPart: "predictions.json",
    RobustnessPart: "robustness.json",
    LatencyPart: "latency.json",
    MLPerfPart: "mlperf.json",
    BrowserPart: "browser.json",
}


@dataclass(frozen=True)
class Accuracy:
    """All that the predictions of a test part say.

    Attributes:
        data: The slices.
        files: The figures of each file, by its name.
        studies: Those by patient, of files whose bundle has a rule for studies, where there are any patients.
        mcnemar: Any two files.
    """

    data: EvaluationData
    files: dict[str, Metrics]
    studies: dict[str, tuple[StudyScore, ...]]
    mcnemar: tuple[PairwiseMcNemar, ...]


@dataclass(frozen=True)
class Report:
    """``report.json``: everything; what was not measured is None.

    Attributes:
        files: All files that anything was measured of.
        provenance: How each part came about, by its name.
        accuracy: Against the truth and against Keras.
        robustness: On corrupted slices and other pictures.
        latency: Of each runtime.
        mlperf: As LoadGen measures it.
        browser: In the page's worker.
    """

    files: tuple[File, ...]
    provenance: dict[str, Provenance]
    accuracy: Accuracy | None
    robustness: Robustness | None
    latency: Latency | None
    mlperf: MLPerf | None
    browser: InBrowser | None

    def file(self, name: str) -> File:
        """Returns the file of a name."""
        return next(file for file in self.files if file.name == name)


def provenance_of(under_test: Sequence[ModelUnderTest], command: str) -> Provenance:
    """Describes a measurement that was made now."""
    return Provenance(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        machine=this_machine(),
        files=tuple(model.describe() for model in under_test),
    )


def keep(folder: Path, part: Part) -> None:
    """Writes a measured part into a folder.

    Raises:
        RecordError: The folder can't be written to.
    """
    records.write(folder / NAMES[type(part)], part, SCHEMA)


def assemble(folder: Path) -> Report:
    """Makes the report of all parts that a folder holds.

    Raises:
        OtakError: It holds none, a part is broken, or parts were measured of different files.
    """
    parts: dict[Any, Part] = {
        kind: records.read(folder / name, kind, SCHEMA)
        for kind, name in NAMES.items()
        if (folder / name).is_file()
    }
    if not parts:
        raise BenchmarkError(f"{folder}: holds no results; measure accuracy or latency first.")
    predicted, timed = parts.get(PredictionsPart), parts.get(LatencyPart)
    robust, generated, paged = parts.get(RobustnessPart), parts.get(MLPerfPart), parts.get(BrowserPart)
    return Report(
        files=_files(folder, list(parts.values())),
        provenance={Path(NAMES[kind]).stem: part.provenance for kind, part in parts.items()},
        accuracy=_accuracy(predicted.data, table(folder)) if isinstance(predicted, PredictionsPart) else None,
        robustness=robust.robustness if isinstance(robust, RobustnessPart) else None,
        latency=timed.latency if isinstance(timed, LatencyPart) else None,
        mlperf=generated.mlperf if isinstance(generated, MLPerfPart) else None,
        browser=paged.browser if isinstance(paged, BrowserPart) else None,
    )


def table(folder: Path) -> dict[str, list[SlicePrediction]]:
    """Reads a folder's predictions, by file.

    Raises:
        TableError: They are missing or broken.
    """
    return by_file(predictions.read(folder / TABLE))


def _accuracy(data: EvaluationData, rows: dict[str, list[SlicePrediction]]) -> Accuracy:
    studies = {
        name: by_study(studies_of(rows[name]), rule) for name, rule in data.rules.items() if name in rows
    }
    return Accuracy(
        data=data,
        files={name: evaluate(own, data.labels) for name, own in rows.items()},
        studies={name: scores for name, scores in studies.items() if scores},
        mcnemar=pairwise_mcnemar(rows),
    )


def _files(folder: Path, parts: Sequence[Part]) -> tuple[File, ...]:
    files: dict[str, File] = {}
    for part in parts:
        for file in part.provenance.files:
            if files.setdefault(file.name, file).sha256 != file.sha256:
                raise BenchmarkError(
                    f"{folder}: its parts were measured of different files called {file.name}; "
                    "measure all again, into an empty folder."
                )
    return tuple(files.values())
