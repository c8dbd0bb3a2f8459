"""How long one picture takes: the model alone, and the whole way from bytes to verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.candidates import Candidate
from benchmarks.statistics import Percentiles, percentiles
from edge_app.image import decode
from edge_app.preprocessing import preprocess

PICTURES = 32
BURST = 8
WARM_UP = 32
SEED = 0
YARDSTICK = ("mobilenetv2", 224, "tflite", "int8")


@dataclass(frozen=True)
class Latency:
    """One file's latency per picture on one thread.

    Attributes:
        model: Of the interpreter alone, on a preprocessed picture.
        whole: Of decoding, preprocessing, inference and verdict, on the bytes of a picture.
    """

    model: Percentiles
    whole: Percentiles


class _Stopwatch:
    """One file with its pictures at hand and its durations so far, in nanoseconds."""

    def __init__(self, candidate: Candidate, pictures: list[bytes]) -> None:
        self._classifier = candidate.classifier
        self._pictures = pictures
        spec = candidate.classifier.bundle.input
        self._pixels = [preprocess(decode(picture), spec)[0] for picture in pictures]
        self._model: list[int] = []
        self._whole: list[int] = []
        self.run(range(WARM_UP))
        self._model.clear()
        self._whole.clear()

    def run(self, queries: range) -> None:
        for query in queries:
            pixels = self._pixels[query % len(self._pixels)]
            start = time.perf_counter_ns()
            self._classifier.runtime.run(pixels)
            self._model.append(time.perf_counter_ns() - start)
        for query in queries:
            picture = self._pictures[query % len(self._pictures)]
            start = time.perf_counter_ns()
            self._classifier.predict(picture)
            self._whole.append(time.perf_counter_ns() - start)

    def read(self) -> Latency:
        return Latency(percentiles(self._model), percentiles(self._whole))


def measure(
    candidates: list[Candidate], data: Path, queries: int, advance: Callable[[int], None]
) -> list[Latency]:
    """Measures all files in one process, taking turns.

    In each round every file answers a short burst, in an order drawn anew, so that a machine that slows down
    or is disturbed slows all files alike.

    Args:
        candidates: The files; they share one test part.
        data: The folder that its slices lie in.
        queries: Timed calls a file, of each kind.
        advance: Called after each round with the number of queries that each file answered; never while a
            clock runs.

    Returns:
        One latency a candidate.

    Raises:
        OtakError: A picture is unreadable, or a file gave no finite numbers.
    """
    slices = candidates[0].reference.slices
    step = max(1, len(slices) // PICTURES)
    pictures = [(data / slice_.path).read_bytes() for slice_ in slices[::step][:PICTURES]]
    stopwatches = [_Stopwatch(candidate, pictures) for candidate in candidates]
    generator = np.random.default_rng(SEED)
    for start in range(0, queries, BURST):
        burst = range(start, min(start + BURST, queries))
        for i in generator.permutation(len(stopwatches)):
            stopwatches[i].run(burst)
        advance(len(burst))
    return [stopwatch.read() for stopwatch in stopwatches]


def ratios(candidates: list[Candidate], latencies: list[Latency]) -> list[float | None]:
    """Returns each file's p50 of the model alone, relative to MobileNetV2@224 int8 on TFLite.

    All are None where that file is not among the candidates.
    """
    for candidate, latency in zip(candidates, latencies, strict=True):
        bundle, file = candidate.classifier.bundle, candidate.classifier.file
        if (bundle.name, bundle.input.size, file.format, file.precision) == YARDSTICK:
            return [other.model.p50 / latency.model.p50 for other in latencies]
    return [None] * len(candidates)
