"""How fast an archive is screened, by each engine, against one process that predicts file after file."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from logging import ERROR
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.errors import BenchmarkError
from benchmarks.measure.archive import write_archive
from benchmarks.measure.machine import check_idle, this_machine
from benchmarks.measure.memory import Watch
from edge_app import Classifier
from edge_app.process import Limits
from edge_app.screen import run
from edge_app.screen.journal import Journal
from edge_app.screen.local import LocalEngine
from edge_app.screen.paths import files_of
from edge_app.screen.progress import Progress, silently
from edge_app.screen.result import answering
from edge_app.screen.worker import Settings
from evaluation.tables import Table

SIDE = 256  # pixels of a slice
COLUMNS = ("Engine", "Processes", "Files/s", "Ratio", "Memory MB", "Hours for ten million")
MANY = 10_000_000  # slices
ROUNDS = 5

# What is there before, and what is timed of it: it returns how many files it read.
Way: TypeAlias = "Callable[[Path], AbstractContextManager[Callable[[], int]]]"


@dataclass(frozen=True)
class Row:
    """One engine.

    Attributes:
        engine: What it is called.
        processes: How many read.
        seconds: That each round took.
        memory: Bytes, of all processes together.
    """

    engine: str
    processes: int
    seconds: tuple[float, ...]
    memory: int


def measure(files: int) -> Table:
    """Screens a drawn archive with every engine, in turns.

    Args:
        files: How many slices it has.

    Raises:
        BenchmarkError: The machine is busy, or an engine lost files.
    """
    check_idle()
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        write_archive(archive, files, SIDE)
        rows = _rounds(archive, files)
    alone = rows[0].seconds
    cells = tuple(
        (
            row.engine,
            str(row.processes),
            f"{files / median(row.seconds):.0f}",
            f"{median([first / second for first, second in zip(alone, row.seconds, strict=True)]):.2f}",
            f"{row.memory / 1e6:.0f}",
            f"{MANY / (files / median(row.seconds)) / 3600:.1f}",
        )
        for row in rows
    )
    machine = this_machine()
    note = (
        f"{files} drawn DICOM slices of {SIDE} x {SIDE} pixels of 16 bits, medians of {ROUNDS} rounds in "
        "which every engine had its turn; with its start, without the tables at the end. Ratio: to one "
        "process that predicts file after file, within a round. Memory: the most of all processes together, "
        f"shared pages divided. Hours: at that rate. {machine.cpu}, {machine.cores} cores, "
        f"{datetime.now(UTC).date()}."
    )
    return Table("Screening an archive", COLUMNS, cells, note)


def _rounds(archive: Path, files: int) -> list[Row]:
    ways: list[tuple[str, int, Way]] = [("predict, one by one", 1, _predict)]
    ways += [("processes", count, partial(_local, count)) for count in (1, 2)]
    if find_spec("distributed"):
        ways += [("Dask LocalCluster", count, partial(_dask, count)) for count in (1, 2)]
    seconds: list[list[float]] = [[] for _ in ways]
    memory = [0] * len(ways)
    for _ in range(ROUNDS):
        for place, (name, _, way) in enumerate(ways):
            with Watch() as watch, way(archive) as work:
                start = time.perf_counter()
                done = work()
                seconds[place].append(time.perf_counter() - start)
            if done != files:
                raise BenchmarkError(f"{name}: read {done} of {files} files.")
            memory[place] = max(memory[place], watch.most)
    return [
        Row(name, count, tuple(seconds[place]), memory[place]) for place, (name, count, _) in enumerate(ways)
    ]


@contextmanager
def _predict(archive: Path) -> Iterator[Callable[[], int]]:
    def work() -> int:
        classifier = Classifier.load()
        return sum(classifier.predict(path).frames for path in sorted(map(str, archive.rglob("*.dcm"))))

    yield work


@contextmanager
def _local(count: int, archive: Path) -> Iterator[Callable[[], int]]:
    settings = Settings(None, None, answering(Classifier.load()), Limits())
    yield lambda: _screen(archive, LocalEngine(settings, count))


@contextmanager
def _dask(count: int, archive: Path) -> Iterator[Callable[[], int]]:
    # A cluster is there before, so its own start is none of the time.
    from distributed import LocalCluster

    from edge_app.screen.cluster import ClusterEngine

    same = answering(Classifier.load())
    with LocalCluster(
        n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=ERROR
    ) as cluster:
        yield lambda: _screen(archive, ClusterEngine(cluster.scheduler_address, None, None, same))


def _screen(archive: Path, engine: run.Engine) -> int:
    same = answering(Classifier.load())
    with TemporaryDirectory() as out, Journal(Path(out), same) as journal:
        progress = Progress(silently)
        try:
            run.screen(files_of([str(archive)], io.BytesIO(), Path(out)), engine, journal, progress)
        finally:
            engine.close()
        return sum(1 for _, row in journal.slices() if not row.error)
