"""How long one picture takes, in every runtime and on several threads, and what that costs in memory."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.measure.machine import Health, health, was_throttled
from benchmarks.measure.models import Candidate
from benchmarks.report import records
from evaluation.statistics import Estimate, Percentiles, median_of_rounds, percentiles

BURST = 8
SEED = 0
STARTS = 5
ROOT = Path(__file__).parents[2]
RUNTIMES = {"tflite": ("LiteRT", "tflite-runtime"), "onnx": ("ONNX Runtime",)}
YARDSTICK = ("mobilenetv2", 224, "tflite", "int8", "LiteRT")


@dataclass(frozen=True)
class Effort:
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
class _Subject:
    candidate: Candidate
    runtime: str
    python: Path

    @property
    def is_yardstick(self) -> bool:
        bundle, file = self.candidate.bundle, self.candidate.file
        return (bundle.name, bundle.input.size, file.format, file.precision, self.runtime) == YARDSTICK


class _Worker:
    """A process that times one file."""

    def __init__(self, subject: _Subject, threads: int, pictures: list[Path]) -> None:
        file = subject.candidate.file
        order = {
            "bundle": str(subject.candidate.bundle.folder),
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
        self._name = f"{subject.candidate.name} in {subject.runtime}"
        reply = self._ask(order)
        self.problem: str | None = reply.get("problem")
        if self.problem is None and reply["runtime"] != subject.runtime:
            self.problem = "not installed"
        self.memory, self.macs = reply.get("memory", 0), reply.get("macs")
        self.seconds = reply.get("ready", start) - start

    def time(self, queries: range) -> dict[str, list[float]]:
        """Times some queries; see ``benchmarks.measure.latency_process``."""
        return self._ask([queries.start, queries.stop])

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
    candidates: list[Candidate],
    pictures: list[Path],
    origin: str,
    parts: Path,
    effort: Effort,
    tflite_runtime: Path | None,
    progress: Callable[[str, int, int], None],
) -> Latency:
    """Measures every file in every runtime of its format.

    All rows of one number of threads take turns: in each round every file answers a short burst, in an order
    drawn anew, so that a machine that slows down or is disturbed slows all alike. What an earlier,
    interrupted call finished is taken from ``parts``.

    Args:
        candidates: The files.
        pictures: The pictures to time with.
        origin: Where they came from.
        parts: Where finished parts are kept.
        effort: How much is measured.
        tflite_runtime: The Python of an environment with tflite-runtime.
        progress: Told what is measured, the rounds done and all rounds; never while a clock runs.

    Raises:
        OtakError: A picture is unreadable, or a process broke off.
    """
    subjects = list(_subjects(candidates, tflite_runtime))
    key = hashlib.sha256(
        repr(
            [
                (one.candidate.name, one.candidate.file.sha256, one.runtime, str(one.python))
                for one in subjects
            ]
            + [str(path) for path in pictures]
            + [effort.queries, effort.starts]
        ).encode()
    ).hexdigest()[:16]

    def part(name: str, make: Callable[[], Any]) -> Any:
        path = parts / f"{name}-{key}.json"
        if not path.is_file():
            before = health()
            made = make()
            state = [vars(before), vars(health())]
            records.write_text(path, json.dumps({"made": made, "health": state}))
        return json.loads(path.read_text(encoding="utf-8"))

    starts = part("starts", lambda: _starts(subjects, pictures, effort.starts, progress))
    bursts = {
        threads: part(
            f"threads-{threads}",
            partial(_bursts, subjects, threads, pictures, effort.queries, progress),
        )
        for threads in effort.threads
    }
    readings = [[Health(**one) for one in each["health"]] for each in (starts, *bursts.values())]
    throttled = [was_throttled(before, after) for before, after in readings]
    return Latency(
        queries=effort.queries,
        pictures=origin,
        before=readings[0][0],
        after=readings[-1][1],
        throttled=None if None in throttled else any(throttled),
        speeds=tuple(
            row for threads, each in bursts.items() for row in _speeds(subjects, threads, each["made"])
        ),
        starts=tuple(
            Start(subject.candidate.name, subject.runtime, **made)
            for subject, made in zip(subjects, starts["made"], strict=True)
            if made is not None
        ),
    )


def _subjects(candidates: list[Candidate], tflite_runtime: Path | None) -> Iterator[_Subject]:
    for candidate in candidates:
        for runtime in RUNTIMES[candidate.file.format]:
            python = (
                tflite_runtime if runtime == "tflite-runtime" and tflite_runtime else Path(sys.executable)
            )
            yield _Subject(candidate, runtime, python)


@contextmanager
def _worker(subject: _Subject, threads: int, pictures: list[Path]) -> Iterator[_Worker]:
    worker = _Worker(subject, threads, pictures)
    try:
        yield worker
    finally:
        worker.close()


def _starts(
    subjects: list[_Subject], pictures: list[Path], count: int, progress: Callable[[str, int, int], None]
) -> list[dict[str, Any] | None]:
    """Starts fresh processes, all subjects in turns."""
    rounds: list[list[dict[str, Any] | None]] = []
    for _ in range(count):
        rounds.append([])
        for subject in subjects:
            with _worker(subject, 1, pictures[:1]) as worker:
                rounds[-1].append(
                    {"seconds": worker.seconds, "memory": worker.memory, "macs": worker.macs}
                    if worker.problem is None
                    else None
                )
        progress("Cold starts", len(rounds), count)
    return [
        None
        if first is None
        else first
        | {
            "seconds": float(np.median([each["seconds"] for each in (first, *rest) if each])),
            "memory": max(each["memory"] for each in (first, *rest) if each),
        }
        for first, *rest in zip(*rounds, strict=True)
    ]


def _bursts(
    subjects: list[_Subject],
    threads: int,
    pictures: list[Path],
    queries: int,
    progress: Callable[[str, int, int], None],
) -> list[dict[str, Any]]:
    """Times all subjects in turns; returns the rounds of each, or its problem."""
    generator = np.random.default_rng(SEED)
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(subject, threads, pictures)) for subject in subjects]
        made: list[dict[str, Any]] = [{"problem": worker.problem, "rounds": []} for worker in workers]
        for start in range(0, queries, BURST):
            burst = range(start, min(start + BURST, queries))
            for i in generator.permutation(len(workers)):
                if workers[i].problem is None:
                    made[i]["rounds"].append(workers[i].time(burst))
            progress(f"Latency, threads: {threads}", burst.stop, queries)
    return made


def _speeds(subjects: list[_Subject], threads: int, made: list[dict[str, Any]]) -> Iterator[Speed]:
    middles = [[float(np.median(one["model"])) for one in each["rounds"]] for each in made]
    yardstick = next((own for own, one in zip(middles, subjects, strict=True) if one.is_yardstick), [])
    for subject, each, own in zip(subjects, made, middles, strict=True):
        series = {
            kind: [value for one in each["rounds"] for value in one[kind]]
            for kind in ("model", "whole", "decode")
        }
        measured = each["problem"] is None
        yield Speed(
            file=subject.candidate.name,
            runtime=subject.runtime,
            threads=threads,
            problem=each["problem"],
            model=percentiles(series["model"]) if measured else None,
            whole=percentiles(series["whole"]) if measured else None,
            decode=percentiles(series["decode"]) if measured else None,
            ratio=median_of_rounds([a / b for a, b in zip(own, yardstick, strict=True)])
            if measured and yardstick
            else None,
            curve=tuple(float(one) for one in np.percentile(series["model"], range(101))) if measured else (),
        )
