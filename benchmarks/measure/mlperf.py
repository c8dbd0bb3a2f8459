"""SingleStream as MLPerf's own load generator measures it."""

from __future__ import annotations

import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata, util
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.measure import evaluation_part
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.resume import key_of, resumed
from edge_app.classifier import Classifier
from edge_app.errors import RuntimeMissing
from edge_app.image import decode
from edge_app.preprocessing import preprocess
from evaluation.predictions import LabelledSlice


@dataclass(frozen=True)
class Settings:
    """How long LoadGen measures.

    Attributes:
        queries: At least so many.
        seconds: And at least so long.
        stride: Loads every slice, or one in so many.
    """

    queries: int = 1024
    seconds: float = 10
    stride: int = 1


@dataclass(frozen=True)
class LoadGenRun:
    """One file, the model alone on one thread.

    Attributes:
        file: The file's name in the report.
        queries: That LoadGen made.
        p90: Of their latency in milliseconds, as LoadGen says.
        valid: LoadGen's own verdict on the measurement, ``VALID`` or ``INVALID``.
        accuracy: In accuracy mode.
    """

    file: str
    queries: int
    p90: float
    valid: str
    accuracy: float


@dataclass(frozen=True)
class MLPerf:
    """All files, and LoadGen's version."""

    loadgen: str
    runs: tuple[LoadGenRun, ...]


def installed() -> bool:
    """Tells whether LoadGen is there."""
    return util.find_spec("mlperf_loadgen") is not None


def measure(
    under_test: list[ModelUnderTest],
    data: Path,
    settings: Settings,
    parts: Path,
    progress: Callable[[str, int, int], None],
) -> MLPerf:
    """Runs LoadGen on every file that was trained here, in performance and in accuracy mode.

    What an earlier, interrupted call finished is taken from ``parts``.

    Raises:
        OtakError: LoadGen is not installed, the slices are missing or changed, or a file gave no numbers.
    """
    if not installed():
        raise BenchmarkError("LoadGen is not installed: pip install mlcommons-loadgen.")
    trained = [model for model in under_test if model.trained and not model.adopted]
    runs = []
    for i, model in enumerate(trained):
        slices = evaluation_part.read(model.bundle).typed[:: settings.stride]
        evaluation_part.verify(slices, data)
        try:
            classifier = model.open()
        except RuntimeMissing:
            continue
        kept = parts / f"mlperf-{key_of(model.name, model.file.sha256, settings.queries, len(slices))}.json"
        make = partial(_run, model.name, classifier, slices, data, settings)
        runs.append(resumed(kept, LoadGenRun, make))
        progress("LoadGen", i + 1, len(trained))
    return MLPerf(metadata.version("mlcommons-loadgen"), tuple(runs))


def _run(
    name: str, classifier: Classifier, slices: Sequence[LabelledSlice], data: Path, settings: Settings
) -> LoadGenRun:
    import mlperf_loadgen as loadgen

    spec, output = classifier.bundle.input, classifier.bundle.outputs.probabilities
    labels = [label.name for label in classifier.bundle.labels]
    pixels = [preprocess(decode(data / slice_.path), spec)[0] for slice_ in slices]
    predicted: list[tuple[int, int]] = []

    def answer(samples: list[Any]) -> None:
        for sample in samples:
            best = int(classifier.runtime.run(pixels[sample.index])[output].argmax())
            predicted.append((sample.index, best))
            buffer = array("B", [best])  # must outlive the call
            address, length = buffer.buffer_info()
            loadgen.QuerySamplesComplete([loadgen.QuerySampleResponse(sample.id, address, length)])

    test = loadgen.TestSettings()
    test.scenario = loadgen.TestScenario.SingleStream
    test.min_query_count = settings.queries
    test.min_duration_ms = int(1000 * settings.seconds)
    # LoadGen draws its queries beforehand: too few for the duration where it expects them to take longer.
    test.single_stream_expected_latency_ns = _expected(lambda: classifier.runtime.run(pixels[0]))
    with _tested(answer, len(slices)) as (system, library), tempfile.TemporaryDirectory() as folder:
        _test(system, library, test, loadgen.TestMode.AccuracyOnly, folder)
        right = [labels[best] == slices[i].label for i, best in predicted]
        predicted.clear()
        summary = _test(system, library, test, loadgen.TestMode.PerformanceOnly, folder)
    return LoadGenRun(
        file=name,
        queries=len(predicted),
        p90=float(_value(summary, "90.00 percentile latency (ns)")) / 1e6,
        valid=_value(summary, "Result is"),
        accuracy=float(np.mean(right)),
    )


def _expected(call: Callable[[], object]) -> int:
    """Returns a latency in nanoseconds that calls stay above."""
    durations = []
    for _ in range(32):
        start = time.perf_counter_ns()
        call()
        durations.append(time.perf_counter_ns() - start)
    return min(durations) // 2


@contextmanager
def _tested(answer: Callable[[list[Any]], None], slices: int) -> Iterator[tuple[Any, Any]]:
    """Sets up what LoadGen calls: the system under test and the library of its samples."""
    import mlperf_loadgen as loadgen

    system = loadgen.ConstructSUT(answer, lambda: None)
    library = loadgen.ConstructQSL(slices, slices, lambda samples: None, lambda samples: None)
    try:
        yield system, library
    finally:
        loadgen.DestroyQSL(library)
        loadgen.DestroySUT(system)


def _test(system: Any, library: Any, settings: Any, mode: Any, folder: str) -> str:
    """Runs one test and returns LoadGen's summary."""
    import mlperf_loadgen as loadgen

    settings.mode = mode
    outputs = loadgen.LogOutputSettings()
    outputs.outdir = folder
    outputs.copy_summary_to_stdout = False
    log = loadgen.LogSettings()
    log.log_output = outputs
    log.enable_trace = False
    loadgen.StartTestWithLogSettings(system, library, settings, log)
    return (Path(folder) / "mlperf_log_summary.txt").read_text(encoding="utf-8")


def _value(summary: str, name: str) -> str:
    """Returns what a line of the summary says."""
    lines = (line.partition(":") for line in summary.splitlines())
    for title, _, value in lines:
        if title.strip() == name:
            return value.strip()
    raise BenchmarkError(f"LoadGen's summary lacks a line, {name}.")
