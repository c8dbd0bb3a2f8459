"""Workers as processes, and files that end them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app import Classifier
from edge_app.errors import OtakError
from edge_app.process import Limits
from edge_app.screen import local
from edge_app.screen.local import LocalEngine
from edge_app.screen.result import FileResult, answering
from edge_app.screen.worker import Settings
from tests.corpus.hostile_files import jpeg_scans
from tests.edge_app.screen import poisoned
from tests.edge_app.screen.archive import slice_file, write_archive
from tests.memory import pss


@pytest.fixture
def settings(toy_bundle: Path) -> Settings:
    same = answering(Classifier.load(toy_bundle))
    return Settings(str(toy_bundle), None, same, Limits(cpu=2, wall=20))


@pytest.fixture
def engine(settings: Settings) -> Iterator[LocalEngine]:
    started = LocalEngine(settings, 2, poisoned.MODULE)
    yield started
    started.close()


def errors(engine: LocalEngine, paths: Iterable[str | Path]) -> dict[str, str]:
    found = {result.path: result for result in engine.screen(map(str, paths))}
    return {Path(path).name: result.rows[0].error for path, result in found.items()}


def write(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(slice_file("glioma", 1, "1.2.3"))
    return paths


def test_every_file_once(engine: LocalEngine, tmp_path: Path) -> None:
    paths = write_archive(tmp_path, studies=4, slices=3)
    found = [result.path for result in engine.screen(paths)]
    assert sorted(found) == paths


def test_a_poison_file_is_the_only_one_to_suffer(engine: LocalEngine, tmp_path: Path) -> None:
    paths = write(tmp_path, "a.dcm", "poison.dcm", "b.dcm", "poison-too.dcm", "c.dcm")
    expected = {"a.dcm": "", "b.dcm": "", "c.dcm": "", "poison.dcm": "crashed", "poison-too.dcm": "crashed"}
    assert errors(engine, paths) == expected


def test_a_worker_that_others_end_costs_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    assert errors(engine, write(tmp_path, "once.dcm", "a.dcm")) == {"once.dcm": "", "a.dcm": ""}


def test_a_file_that_never_ends(engine: LocalEngine, tmp_path: Path) -> None:
    assert errors(engine, write(tmp_path, "endless.dcm", "a.dcm")) == {"endless.dcm": "too_long", "a.dcm": ""}


def test_a_file_that_sleeps(settings: Settings, tmp_path: Path) -> None:
    engine = LocalEngine(replace(settings, limits=Limits(wall=0.5)), 1, poisoned.MODULE)
    try:
        assert errors(engine, write(tmp_path, "asleep.dcm", "a.dcm"))["asleep.dcm"] == "too_long"
    finally:
        engine.close()


def test_a_hostile_file_is_held_to_its_memory(settings: Settings, tmp_path: Path) -> None:
    # Real workers, with the model in them.
    engine = LocalEngine(replace(settings, limits=Limits(cpu=0)), 1)  # what is left of a second
    # The next has its time.
    engine.workers[0]._settings = replace(settings, limits=Limits())
    try:
        (tmp_path / "scans.jpg").write_bytes(jpeg_scans(4900, 4900, 90))
        # Reading it takes most of a second, so that one of a few times goes beyond its end.
        tries = (errors(engine, [tmp_path / "scans.jpg"])["scans.jpg"] for _ in range(50))
        assert next(filter(None, tries)) in ("too_long", "too_much_memory")
        assert errors(engine, write(tmp_path, "a.dcm")) == {"a.dcm": ""}
        assert pss(engine.workers[0].pid) < Limits().memory
    finally:
        engine.close()


def test_no_more_is_taken_than_twice_the_workers(engine: LocalEngine, tmp_path: Path) -> None:
    paths = write_archive(tmp_path, studies=4, slices=8)
    taken: list[str] = []

    def taking() -> Iterator[str]:
        for path in paths:
            taken.append(path)
            yield path

    done = 0
    for _ in engine.screen(taking()):
        done += 1
        assert len(taken) - done <= 4
    assert done == len(paths)


def test_a_bundle_that_is_broken_ends_it_all(tmp_path: Path) -> None:
    engine = LocalEngine(Settings(str(tmp_path), None, "", Limits()), 1)
    try:
        with pytest.raises(OtakError, match="before its first file"):
            list(engine.screen(map(str, write(tmp_path, "a.dcm"))))
    finally:
        engine.close()


def test_a_bundle_that_was_changed_meanwhile_ends_it_all(settings: Settings, tmp_path: Path) -> None:
    engine = LocalEngine(replace(settings, answering="of another"), 1)
    try:
        with pytest.raises(OtakError, match="was changed"):
            list(engine.screen(map(str, write(tmp_path, "a.dcm"))))
    finally:
        engine.close()


def test_a_worker_that_is_killed_as_it_starts_is_replaced(settings: Settings, tmp_path: Path) -> None:
    engine = LocalEngine(settings, 1)
    try:
        # Python itself has hardly begun.
        os.kill(engine.workers[0].pid, signal.SIGKILL)
        assert errors(engine, write(tmp_path, "a.dcm")) == {"a.dcm": ""}
    finally:
        engine.close()


def test_workers_that_are_killed_whenever_they_start_end_it_all(tmp_path: Path) -> None:
    engine = LocalEngine(Settings(None, None, "", Limits()), 1, "tests.edge_app.screen.stillborn")
    try:
        with pytest.raises(OtakError, match="ended with -9 before its first file"):
            list(engine.screen(map(str, write(tmp_path, "a.dcm"))))
    finally:
        engine.close()


@pytest.mark.parametrize("name", ["nonsense.dcm", "liar.dcm"])
def test_a_worker_that_was_taken_over_says_nothing_that_counts(
    engine: LocalEngine, tmp_path: Path, name: str
) -> None:
    assert errors(engine, write(tmp_path, name, "a.dcm")) == {name: "crashed", "a.dcm": ""}


def test_closing_waits_for_nobody(settings: Settings, tmp_path: Path) -> None:
    engine = LocalEngine(settings, 1, poisoned.MODULE)
    pids = [worker.pid for worker in engine.workers]
    results: list[FileResult] = []

    def run() -> None:
        with pytest.raises((local.Closed, OtakError)):
            results.extend(engine.screen([str(path) for path in write(tmp_path, "asleep.dcm")]))

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 60
    while not engine.workers[0]._process.was_ready:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    engine.close()
    thread.join(60)
    assert not thread.is_alive() and results == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, signal.SIG_DFL)
