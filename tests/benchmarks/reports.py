"""Reports for tests, made of figures instead of measurements."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure.browser import InBrowser, PageRun
from benchmarks.measure.latency import Latency, Speed, Start
from benchmarks.measure.machine import Machine
from benchmarks.measure.mlperf import LoadGenRun, MLPerf
from benchmarks.measure.models import File
from benchmarks.measure.predictions import EvaluationData
from benchmarks.measure.robustness import FileRobustness, OutOfDistribution, Robustness, Step, Verdicts
from benchmarks.report import results
from benchmarks.report.results import Provenance, Report
from benchmarks.robustness.corruptions import CORRUPTIONS
from edge_app.board import Health
from edge_app.bundle import StudyRule
from evaluation import predictions
from evaluation.predictions import SlicePrediction
from evaluation.statistics import Estimate, Percentiles
from tests.evaluation.rows import row

LABELS = ("glioma", "no_tumor")
MACHINE = Machine("A board", 4, "Linux", "3.11", {"numpy": "2"})
FILES = tuple(
    File(f"{net} {net}.tflite", net, "1", "0" * 64, "tflite", "int8", size, size, True)
    for net, size in (("edge@128", 200_000), ("mobilenetv2@224", 2_700_000))
)


def rows(right: float = 0.9, slices: int = 40) -> list[SlicePrediction]:
    """What both files say, so many of each right."""
    return [
        row(
            LABELS[i % 2],
            LABELS[i % 2] if i < right * slices else LABELS[1 - i % 2],
            i,
            file=file.name,
            keras=LABELS[i % 2],
            confidence=0.5,
            tumour=0.5,
        )
        for file in FILES
        for i in range(slices)
    ]


def robustness() -> Robustness:
    """Of the first file alone."""
    whole = Step(None, Verdicts(40, 0.9, 0.8, 0.0, 0.05, 0.0))
    shaken = (Step(float(i), Verdicts(40, 0.5, 0.0, 0.1, None, 0.0)) for i in range(1, 6))
    steps = (whole, *shaken)
    other = OutOfDistribution("generated", 20, {"refused": 18, "unsure": 2}, ("knee", "hand"))
    return Robustness((FileRobustness(FILES[0].name, dict.fromkeys(CORRUPTIONS, steps), (other,)),))


def write(
    folder: Path,
    right: float = 0.9,
    p50: float = 1.0,
    cpu: str = "A board",
    throttled: bool | None = None,
    rules: dict[str, StudyRule] | None = None,
) -> Path:
    """Writes results of all kinds into a folder, and returns it."""
    provenance = Provenance("2026-01-01T00:00:00+00:00", "python -m benchmarks", MACHINE, FILES)
    machine = Machine(cpu, 4, "Linux", "3.11", {"numpy": "2"})
    timed = Provenance(provenance.date, provenance.command, machine, FILES)
    data = EvaluationData(
        "data", "grouped", 40, 40, "1" * 64, LABELS, {"other@9 x.onnx": "not installed"}, rules or {}
    )
    times = Percentiles(p50, p50 * 1.1, p50 * 2)
    page = PageRun(FILES[0].name, 900, 1000, 2000, times, times, times, 1024, 40, 0, 1e-8)
    for part in (
        results.PredictionsPart(provenance, data),
        results.RobustnessPart(provenance, robustness()),
        results.LatencyPart(timed, _latency(times, throttled)),
        results.MLPerfPart(provenance, MLPerf("6", (LoadGenRun(FILES[0].name, 1024, 1.1, "VALID", right),))),
        results.BrowserPart(provenance, InBrowser("150", (page,))),
    ):
        results.keep(folder, part)
    predictions.write(folder / predictions.NAME, rows(right))
    return folder


def make(folder: Path, throttled: bool | None = None) -> Report:
    """Makes a report with all parts of what ``write`` writes."""
    return results.assemble(write(folder, throttled=throttled))


def _latency(times: Percentiles, throttled: bool | None) -> Latency:
    ratio = Estimate(times.p50, times.p50, times.p50)
    speeds = [
        Speed(file.name, "LiteRT", 1, None, times, times, times, ratio, (times.p50,) * 101) for file in FILES
    ]
    speeds.append(Speed(FILES[0].name, "tflite-runtime", 1, "not installed", None, None, None, None, ()))
    return Latency(
        queries=1024,
        pictures="drawn",
        before=Health(50.0, 1500.0, 0),
        after=Health(70.0, 1500.0, 0),
        throttled=throttled,
        speeds=tuple(speeds),
        starts=tuple(Start(file.name, "LiteRT", 0.2, 60_000_000, 62_000_000) for file in FILES),
    )
