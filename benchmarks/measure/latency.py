"""How long one picture takes, in every runtime and on several threads, and what that costs in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.resume import key_of, resumed
from edge_app.board import Health, health, was_throttled
from evaluation.statistics import Estimate, Percentiles, median_of_rounds, percentiles

BURST = 8
SEED = 0
STARTS = 5
ROOT = Path(__file__).parents[2]
RUNTIMES = {"tflite": ("LiteRT", "tflite-runtime"), "onnx": ("ONNX Runtime",)}
YARDSTICK = ("mobilenetv2", 224, "tflite", "int8", "LiteRT")


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        queries: Timed calls a row, of each kind.
        starts: Fresh processes a row.
        threads: Numbers of threads.
    """

    queries: int = 1024
    starts: int = STARTS
    threads: tuple[int, ...] = (1, 2, 4)


@dataclass(frozen=True)
class Speed:
    """One file in one runtime on some threads; figures are None where there is a problem.

    Attributes:
        file: The file's name in the report.
        runtime: The interpreter.
        threads: Of the interpreter.
        problem: Why nothing was measured, such as ``not installed``.
        model: Of the interpreter alone, on a preprocessed picture.
        whole: Of decoding, preprocessing, inference and verdict, on the bytes of a picture.
        decode: Of decoding alone.
        ratio: Of the model's p50 to that of MobileNetV2@224 int8 in LiteRT on as many threads: the median
            over rounds. None where that was not measured.
        curve: The model's percentiles 0 to 100, in milliseconds.
    """

    file: str
    runtime: str
    threads: int
    problem: str | None
    model: Percentiles | None
    whole: Percentiles | None
    decode: Percentiles | None
    ratio: Estimate | None
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Start:
    """What a fresh process costs, on one thread.

    Attributes:
        file: The file's name in the report.
        runtime: The interpreter.
        seconds: From the start of the process to its first answer, the median.
        memory: The most bytes of memory that the process held at once until then.
        macs: Multiply-adds of a picture; None where the format doesn't tell.
    """

    file: str
    runtime: str
    seconds: float
    memory: int
    macs: int | None


@dataclass(frozen=True)
class Latency:
    """All that clocks say.

    Attributes:
        queries: Timed calls a row, of each kind.
        pictures: Where the pictures came from.
        before: The machine's sensors before the first row.
        after: And after the last.
        throttled: Whether a Pi slowed down meanwhile; None where the machine doesn't tell.
        speeds: The rows.
        starts: Of fresh processes.
    """

    queries: int
    pictures: str
    before: Health
    after: Health
    throttled: bool | None
    speeds: tuple[Speed, ...]
    starts: tuple[Start, ...]


@dataclass(frozen=True)
class Burst:
    """A few timed calls in a row, in milliseconds: the model alone, the whole way from bytes, decoding."""

    model: tuple[float, ...]
    whole: tuple[float, ...]
    decode: tuple[float, ...]


@dataclass(frozen=True)
class _Timed:
    """One subject's bursts, or why there are none."""

    problem: str | None
    bursts: tuple[Burst, ...]


@dataclass(frozen=True)
class _Turns:
    """The bursts of all subjects on some threads, between two readings of the sensors."""

    timed: tuple[_Timed, ...]
    before: Health
    after: Health


@dataclass(frozen=True)
class _Starts:
    """The fresh processes of all subjects, None where one has a problem, between two readings."""

    starts: tuple[Start | None, ...]
    before: Health
    after: Health


@dataclass(frozen=True)
class _Subject:
    model: ModelUnderTest
    runtime: str
    python: Path

    @property
    def is_yardstick(self) -> bool:
        bundle, file = self.model.bundle, self.model.file
        return (bundle.name, bundle.input.size, file.format, file.precision, self.runtime) == YARDSTICK


class _LatencyProcess:
    """A process that times one file."""

    def __init__(self, subject: _Subject, threads: int, pictures: list[Path]) -> None:
        file = subject.model.file
        order = {
            "bundle": str(subject.model.bundle.folder),
            "precision": file.precision,
            "format": file.format,
            "threads": threads,
            "pictures": [str(path.resolve()) for path in pictures],
        }
        start = time.monotonic()
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [str(subject.python), "-m", "benchmarks.measure.latency_process"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise BenchmarkError(f"{subject.python}: can't be started ({error.strerror}).") from None
        self._name = f"{subject.model.name} in {subject.runtime}"
        reply = self._ask(order)
        self.problem: str | None = reply.get("problem")
        if self.problem is None and reply["runtime"] != subject.runtime:
            self.problem = "not installed"
        self.memory, self.macs = reply.get("memory", 0), reply.get("macs")
        self.seconds = reply.get("ready", start) - start

    def time(self, queries: range) -> Burst:
        """Times some queries; see ``benchmarks.measure.latency_process``."""
        reply = self._ask([queries.start, queries.stop])
        return Burst(*(tuple(reply[kind]) for kind in ("model", "whole", "decode")))

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, order: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout  # noqa: S101
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            self._process.kill()
            last = self._process.communicate()[1].strip().splitlines()[-1:]
            raise BenchmarkError(f"{self._name}: broke off ({''.join(last)}).") from None
        return reply


def measure(
    under_test: list[ModelUnderTest],
    pictures: list[Path],
    origin: str,
    parts: Path,
    settings: Settings,
    tflite_runtime: Path | None,
    progress: Callable[[str, int, int], None],
) -> Latency:
    """Measures every file in every runtime of its format.

    All rows of one number of threads take turns: in each round every file answers a short burst, in an order
    drawn anew, so that a machine that slows down or is disturbed slows all alike. What an earlier,
    interrupted call finished is taken from ``parts``.

    Args:
        under_test: The files.
        pictures: The pictures to time with.
        origin: Where they came from.
        parts: Where finished parts are kept.
        settings: How much is measured.
        tflite_runtime: The Python of an environment with tflite-runtime.
        progress: Told what is measured, the rounds done and all rounds; never while a clock runs.

    Raises:
        OtakError: A picture is unreadable, or a process broke off.
    """
    subjects = list(_subjects(under_test, tflite_runtime))
    key = key_of(
        [(each.model.name, each.model.file.sha256, each.runtime, str(each.python)) for each in subjects],
        [str(path) for path in pictures],
        settings.queries,
        settings.starts,
    )
    starts = resumed(
        parts / f"starts-{key}.json", _Starts, partial(_starts, subjects, pictures, settings.starts, progress)
    )
    turns = {
        threads: resumed(
            parts / f"threads-{threads}-{key}.json",
            _Turns,
            partial(_turns, subjects, threads, pictures, settings.queries, progress),
        )
        for threads in settings.threads
    }
    readings = [
        (starts.before, starts.after),
        *((each.before, each.after) for each in turns.values()),
    ]
    throttled = [was_throttled(before, after) for before, after in readings]
    return Latency(
        queries=settings.queries,
        pictures=origin,
        before=readings[0][0],
        after=readings[-1][1],
        throttled=None if None in throttled else any(throttled),
        speeds=tuple(
            row for threads, each in turns.items() for row in _speeds(subjects, threads, each.timed)
        ),
        starts=tuple(start for start in starts.starts if start is not None),
    )


def _subjects(under_test: list[ModelUnderTest], tflite_runtime: Path | None) -> Iterator[_Subject]:
    for model in under_test:
        for runtime in RUNTIMES[model.file.format]:
            python = (
                tflite_runtime if runtime == "tflite-runtime" and tflite_runtime else Path(sys.executable)
            )
            yield _Subject(model, runtime, python)


@contextmanager
def _process(subject: _Subject, threads: int, pictures: list[Path]) -> Iterator[_LatencyProcess]:
    process = _LatencyProcess(subject, threads, pictures)
    try:
        yield process
    finally:
        process.close()


def _starts(
    subjects: list[_Subject], pictures: list[Path], count: int, progress: Callable[[str, int, int], None]
) -> _Starts:
    """Starts fresh processes, all subjects in turns."""
    before = health()
    rounds: list[list[Start | None]] = []
    for _ in range(count):
        rounds.append([])
        for subject in subjects:
            with _process(subject, 1, pictures[:1]) as process:
                start = Start(
                    subject.model.name, subject.runtime, process.seconds, process.memory, process.macs
                )
                rounds[-1].append(start if process.problem is None else None)
        progress("Cold starts", len(rounds), count)
    return _Starts(tuple(map(_middle, zip(*rounds, strict=True))), before, health())


def _middle(starts: tuple[Start | None, ...]) -> Start | None:
    """Returns the median time and the most memory of one subject's starts."""
    known = [start for start in starts if start is not None]
    if not known:
        return None
    return replace(
        known[0],
        seconds=float(np.median([start.seconds for start in known])),
        memory=max(start.memory for start in known),
    )


def _turns(
    subjects: list[_Subject],
    threads: int,
    pictures: list[Path],
    queries: int,
    progress: Callable[[str, int, int], None],
) -> _Turns:
    """Times all subjects in turns."""
    generator = np.random.default_rng(SEED)
    before = health()
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(subject, threads, pictures)) for subject in subjects]
        bursts: list[list[Burst]] = [[] for _ in processes]
        for start in range(0, queries, BURST):
            burst = range(start, min(start + BURST, queries))
            for i in generator.permutation(len(processes)):
                if processes[i].problem is None:
                    bursts[i].append(processes[i].time(burst))
            progress(f"Latency, threads: {threads}", burst.stop, queries)
        timed = tuple(
            _Timed(process.problem, tuple(own)) for process, own in zip(processes, bursts, strict=True)
        )
    return _Turns(timed, before, health())


def _speeds(subjects: list[_Subject], threads: int, timed: tuple[_Timed, ...]) -> Iterator[Speed]:
    middles = [[float(np.median(burst.model)) for burst in each.bursts] for each in timed]
    yardstick = next(
        (own for own, subject in zip(middles, subjects, strict=True) if subject.is_yardstick), []
    )
    for subject, each, own in zip(subjects, timed, middles, strict=True):
        yield _speed(subject, threads, each, [a / b for a, b in zip(own, yardstick, strict=False)])


def _speed(subject: _Subject, threads: int, timed: _Timed, ratios: list[float]) -> Speed:
    name, runtime = subject.model.name, subject.runtime
    if timed.problem is not None:
        return Speed(name, runtime, threads, timed.problem, None, None, None, None, ())
    model = [value for burst in timed.bursts for value in burst.model]
    return Speed(
        file=name,
        runtime=runtime,
        threads=threads,
        problem=None,
        model=percentiles(model),
        whole=percentiles([value for burst in timed.bursts for value in burst.whole]),
        decode=percentiles([value for burst in timed.bursts for value in burst.decode]),
        ratio=median_of_rounds(ratios) if ratios else None,
        curve=tuple(float(value) for value in np.percentile(model, range(101))),
    )
