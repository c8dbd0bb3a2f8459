"""Reports for tests, made of figures instead of measurements."""

from __future__ import annotations

from benchmarks.measure.browser import InBrowser, PageRun
from benchmarks.measure.latency import Latency, Speed, Start
from benchmarks.measure.machine import Health, Machine
from benchmarks.measure.mlperf import LoadGenRun, MLPerf
from benchmarks.measure.models import File
from benchmarks.measure.predictions import Answer, HeldOut
from benchmarks.report.results import Occasion, Report
from benchmarks.report.scores import judge
from evaluation.statistics import Estimate, Percentiles

LABELS = ("glioma", "no_tumor")
MACHINE = Machine("A board", 4, "Linux", "3.11", {"numpy": "2"})
FILES = tuple(
    File(f"{net} {net}.tflite", net, "1", "0" * 64, "tflite", "int8", size, size, True)
    for net, size in (("edge@128", 200_000), ("mobilenetv2@224", 2_700_000))
)


def answers(right: float, slices: int = 40) -> list[Answer]:
    """Answers of both files, so many of each right."""
    return [
        Answer(
            file=file.name,
            path=f"{i}.jpg",
            group=str(i),
            label=LABELS[i % 2],
            copy=False,
            keras=LABELS[i % 2],
            predicted=LABELS[i % 2] if i < right * slices else LABELS[1 - i % 2],
            verdict="answer",
            tumour=0.5,
            confidence=0.5,
        )
        for file in FILES
        for i in range(slices)
    ]


def make(right: float = 0.9, p50: float = 1.0, cpu: str = "A board", throttled: bool | None = None) -> Report:
    """A report with all parts."""
    occasion = Occasion("2026-01-01T00:00:00+00:00", "python -m benchmarks", MACHINE, FILES)
    given = answers(right)
    held_out = HeldOut("data", "grouped", 40, 40, "1" * 64, LABELS, {"other@9 x.onnx": "not installed"})
    machine = Machine(cpu, 4, "Linux", "3.11", {"numpy": "2"})
    times = Percentiles(p50, p50 * 1.1, p50 * 2)
    speeds = [
        Speed(file.name, "LiteRT", 1, None, times, times, times, Estimate(p50, p50, p50), (p50,) * 101)
        for file in FILES
    ]
    speeds.append(Speed(FILES[0].name, "tflite-runtime", 1, "not installed", None, None, None, None, ()))
    return Report(
        files=FILES,
        occasions={
            "accuracy": occasion,
            "latency": Occasion(occasion.date, occasion.command, machine, FILES),
        },
        accuracy=judge(held_out, given),
        latency=Latency(
            queries=1024,
            pictures="drawn",
            before=Health(50.0, 1500.0, 0),
            after=Health(70.0, 1500.0, 0),
            throttled=throttled,
            speeds=tuple(speeds),
            starts=tuple(Start(file.name, "LiteRT", 0.2, 60_000_000, 62_000_000) for file in FILES),
        ),
        mlperf=MLPerf("6", (LoadGenRun(FILES[0].name, 1024, 1.1, "VALID", right),)),
        browser=InBrowser(
            "150", (PageRun(FILES[0].name, 900, 1000, 2000, times, times, times, 1024, 40, 0, 1e-8),)
        ),
    )
