"""Workers as processes, with real pictures, and what becomes of those that end one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_app import Classifier, OtakError, workers
from edge_app.errors import Busy, ImageError, ImageTooLarge, NotAnImage, UnreadableImage
from edge_app.preprocessing import InputSpec
from edge_app.process import Limits, Process
from edge_app.reading import Reader, Reading, shrink
from edge_app.workers import Workers, room
from tests.corpus.hostile_files import jpeg_scans
from tests.dicoms import dicom
from tests.memory import pss
from tests.phantoms import phantom, png

SPEC = InputSpec()
SLICE = png(phantom("glioma", 1))


@pytest.fixture(scope="module")
def one() -> Iterator[Workers]:
    with Workers(1) as started:
        yield started


def read(reader: Reader, data: bytes = SLICE, name: str = "a.png") -> Reading:
    return reader.read(data, name, SPEC)


def error_of(reader: Reader, data: bytes = SLICE) -> ImageError:
    with pytest.raises(ImageError, match=r"^a\.png: ") as raised:
        read(reader, data)
    return raised.value


def pid_of(started: Workers) -> int:
    (worker,) = started._workers
    return worker.pid


@contextlib.contextmanager
def held(started: Workers) -> Iterator[Future[Reading]]:
    """A picture that is being read by a worker that was stopped."""
    (worker,) = started._workers
    assert worker._used or worker._process.connection.poll(60)
    os.kill(pid_of(started), signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(read, started)
        while not worker._used:
            time.sleep(0.01)
        yield future


def test_it_reads_as_this_process_does(one: Workers, toy_bundle: Path, glioma: Path) -> None:
    frames = np.stack([np.asarray(phantom("glioma", seed, 150)) for seed in range(3)])
    large = phantom("meningioma", 3, 1500)
    for data in (SLICE, glioma.read_bytes(), png(large), dicom(frames)):
        expected, found = read(Reader(), data), read(one, data)
        assert np.array_equal(found.pixels, expected.pixels) and found.pixels.shape == (1, 128, 128, 1)
        for field in ("box", "quality", "size", "frame", "frames"):
            assert getattr(found, field) == getattr(expected, field)
        shown = shrink(expected.image)
        assert (found.image.mode, found.image.size) == (shown.mode, shown.size)
        assert found.image.tobytes() == shown.tobytes()
        assert set(found.milliseconds) == {"decode", "preprocess"}
    assert (found.frame, found.frames) == (1, 3)
    here, there = Classifier.load(toy_bundle), Classifier.load(toy_bundle, reader=one)
    assert there.predict(glioma).probabilities == here.predict(glioma).probabilities


@pytest.mark.parametrize(("side", "size"), [(0, (0, 0)), (100, (100, 67)), (2000, (1500, 1000))])
def test_the_picture_is_as_large_as_it_is_asked_for(one: Workers, side: int, size: tuple[int, int]) -> None:
    data = png(phantom("glioma", 1, 1500).crop((0, 0, 1500, 1000)))
    found = one.read(data, "a.png", InputSpec(), side=side)
    assert (found.image.size, found.size) == (size, (1500, 1000))
    assert np.array_equal(found.pixels, one.read(data, "a.png", InputSpec()).pixels)


@pytest.mark.parametrize("spec", [InputSpec(size=64, channels=3), InputSpec(crop="none", contrast="none")])
def test_it_reads_for_any_model(one: Workers, spec: InputSpec) -> None:
    expected = Reader().read(SLICE, "a.png", spec).pixels
    assert np.array_equal(one.read(SLICE, "a.png", spec).pixels, expected)


def test_a_frame_and_their_number(one: Workers) -> None:
    data = dicom(np.stack([np.asarray(phantom("glioma", seed, 150)) for seed in range(4)]))
    assert (one.count_frames(data, "a.dcm"), one.count_frames(SLICE, "a.png")) == (4, 1)
    expected = Reader().read(data, "a.dcm", SPEC, 3).pixels
    found = one.read(data, "a.dcm", SPEC, 3)
    assert np.array_equal(found.pixels, expected)
    assert (found.frame, found.frames) == (3, 4)
    with pytest.raises(UnreadableImage, match=r"cut\.dcm: "):
        one.count_frames(data[:200], "cut.dcm")


def test_a_file_of_many_frames_is_sent_once(one: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    data, other = (
        dicom(np.stack([np.asarray(phantom(label, seed, 96)) for seed in range(4)]))
        for label in ("glioma", "no_tumor")
    )
    sent: list[int] = []
    send = Process.send

    def counted(process: Process, *messages: bytes) -> None:
        sent.append(sum(len(message) > 10_000 for message in messages))
        send(process, *messages)

    monkeypatch.setattr(Process, "send", counted)
    expected = {frame: Reader().read(data, "a.dcm", SPEC, frame).pixels for frame in range(4)}

    def same(frame: int) -> bool:
        return np.array_equal(one.read(data, "a.dcm", SPEC, frame).pixels, expected[frame])

    assert one.count_frames(data, "a.dcm") == 4
    assert all(map(same, range(4)))
    assert sent == [1, 0, 0, 0, 0]
    sent.clear()
    # A frame that can't be read is named, and costs the others nothing.
    with pytest.raises(UnreadableImage, match=r"a\.dcm: "):
        one.read(data, "a.dcm", SPEC, 4)
    assert same(2) and sent == [0, 0]
    sent.clear()
    # The same bytes under another name, another file, and what comes after a death.
    with pytest.raises(UnreadableImage, match=r"b\.dcm: "):
        one.read(data, "b.dcm", SPEC, 4)
    assert not np.array_equal(one.read(other, "a.dcm", SPEC, 1).pixels, expected[1])
    assert same(1) and sent == [1, 1, 1]
    os.kill(pid_of(one), signal.SIGSEGV)
    with pytest.raises(UnreadableImage):
        same(1)
    sent.clear()
    assert same(1) and same(3) and sent == [1, 0]
    # One slice that was counted first is read from what was sent for that, and then not kept.
    single = dicom()
    sent.clear()
    one.count_frames(single, "c.dcm")
    for _ in range(2):
        one.read(single, "c.dcm", SPEC)
    assert sent == [1, 0, 1]


def test_what_is_decoded_already_is_read_here(one: Workers) -> None:
    image = phantom("glioma", 1)
    for source in (image, np.asarray(image)):
        found = one.read(source, "", SPEC)
        assert np.array_equal(found.pixels, read(one).pixels)
        assert one.count_frames(source, "") == 1


def test_paths(one: Workers, glioma: Path) -> None:
    expected = Reader().read(glioma, "", SPEC).pixels
    for path in (glioma, str(glioma)):
        assert np.array_equal(one.read(path, "", SPEC).pixels, expected)
    for path, code in ((glioma.parent, "directory"), (glioma.with_name("absent.jpg"), "missing")):
        with pytest.raises(UnreadableImage, match=f"^{path}: ") as raised:
            one.read(path, "", SPEC)
        assert raised.value.code == code


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", UnreadableImage),
        (b"a letter", NotAnImage),
        (SLICE[:900], UnreadableImage),
        (png(Image.new("L", (20, 20))), UnreadableImage),
        (bytes(20_000_001), ImageTooLarge),
        (dicom(Modality="CT"), UnreadableImage),
    ],
)
def test_errors_are_those_of_this_process(one: Workers, data: bytes, kind: type[ImageError]) -> None:
    before = pid_of(one)
    expected, found = error_of(Reader(), data), error_of(one, data)
    assert type(found) is type(expected) is kind
    assert (found.code, found.sentence("id")) == (expected.code, expected.sentence("id"))
    assert pid_of(one) == before


# What ends a worker


@pytest.mark.parametrize(
    ("end", "kind", "code"),
    [
        (signal.SIGXCPU, ImageTooLarge, "too_long"),
        (signal.SIGSEGV, UnreadableImage, "damaged"),
        (signal.SIGABRT, UnreadableImage, "damaged"),
        (signal.SIGKILL, ImageTooLarge, "too_much_memory"),
    ],
)
def test_a_picture_that_ends_its_worker(end: signal.Signals, kind: type[ImageError], code: str) -> None:
    with Workers(1) as started:
        with held(started) as future:
            ended = pid_of(started)
            os.kill(ended, end)
            if end != signal.SIGKILL:  # which ends what is stopped too, and then its number is nobody's
                os.kill(ended, signal.SIGCONT)
            error = future.exception(60)
        assert type(error) is kind
        assert (error.code, error.details) == (code, {"name": "a.png"})
        assert pid_of(started) != ended
        assert read(started).size == (256, 256)


def test_a_picture_is_read_again_where_it_may_not_be_to_blame() -> None:
    with Workers(1) as started:
        read(started)
        with held(started) as future:
            os.kill(pid_of(started), signal.SIGKILL)
            assert future.result(60).size == (256, 256)
        os.kill(pid_of(started), signal.SIGKILL)
        assert read(started).size == (256, 256)


def test_a_picture_that_takes_too_long_by_the_clock() -> None:
    with Workers(1) as started:
        (worker,) = started._workers
        patient = worker._limits
        worker._limits = Limits(wall=0.2)
        with held(started) as future:
            error = future.exception(60)
        assert isinstance(error, ImageTooLarge) and error.code == "too_long"
        # A busy machine may take longer for a picture that is read.
        worker._limits = patient
        assert read(started).size == (256, 256)


@pytest.mark.slow
def test_a_picture_that_takes_too_long_to_compute() -> None:
    # What is left of the second in which it started: reading takes most of one, so that one of a few times
    # goes beyond its end.
    data = jpeg_scans(4900, 4900, 90)
    with Workers(1, Limits(cpu=0, wall=120)) as started:
        before = pid_of(started)
        with pytest.raises(ImageTooLarge) as raised:
            for _ in range(50):
                read(started, data)
        assert raised.value.code == "too_long"
        assert pid_of(started) != before


def test_a_picture_that_takes_too_much_memory() -> None:
    with Workers(1, Limits(memory=60_000_000)) as started:
        assert error_of(started, png(Image.new("L", (4500, 4500)))).code == "too_much_memory"
        assert read(started).size == (256, 256)
        assert pss(pid_of(started)) < 60_000_000


def test_a_worker_that_can_t_start(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "/lib/" in path and "site" not in path])
    with Workers(1) as started:
        with pytest.raises(OtakError, match="a worker ended with 1"):
            read(started)
        monkeypatch.undo()
        # The one that was started before the path was right.
        with pytest.raises(OtakError, match="a worker ended with 1"):
            read(started)
        assert read(started).size == (256, 256)
    assert "ModuleNotFoundError" in capfd.readouterr().err


# Several


def test_as_many_at_a_time_as_there_are_workers(toy_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Classifier.load(toy_bundle)
    monkeypatch.setattr(workers, "WAITING", 1)
    with Workers(1) as started:
        with held(started) as first, ThreadPoolExecutor(1) as pool:
            second = pool.submit(read, started)
            while started.taken < 2:
                time.sleep(0.01)
            assert error_of_busy(started).code == "busy"
            with pytest.raises(Busy):  # without that slice nothing may be said of a study
                Classifier(loaded.bundle, loaded.file, loaded.runtime, started).predict_study([("a", SLICE)])
            os.kill(pid_of(started), signal.SIGCONT)
            assert first.result(60).size == second.result(60).size == (256, 256)
        assert read(started).size == (256, 256)


def test_who_came_first_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    with Workers(1) as started, ThreadPoolExecutor(10) as pool, held(started):
        (worker,) = started._workers
        ask = worker.read

        def noting(data: bytes, name: str, *asked: Any) -> Reading:
            order.append(name)
            return ask(data, name, *asked)

        monkeypatch.setattr(worker, "read", noting)
        for name in "abcdefgh":
            waiting = started.taken
            pool.submit(read, started, SLICE, name)
            while started.taken == waiting:
                time.sleep(0.005)
        os.kill(pid_of(started), signal.SIGCONT)
    assert "".join(order) == "abcdefgh"


def test_who_waits_when_all_is_closed_is_turned_away() -> None:
    started = Workers(1)
    with ThreadPoolExecutor(4) as pool, held(started) as first:
        waiting = [pool.submit(read, started) for _ in range(3)]
        while started.taken < 4:
            time.sleep(0.01)
        started.close()
        for each in (first, *waiting):
            assert isinstance(each.exception(60), Busy)


def error_of_busy(started: Workers) -> ImageError:
    with pytest.raises(ImageError) as raised:
        read(started)
    return raised.value


def test_workers_are_started_as_they_are_needed() -> None:
    with Workers(3) as started:
        for _ in range(3):
            read(started)
        assert len(started._workers) == 1
        with ThreadPoolExecutor(6) as pool:
            readings = list(pool.map(lambda _: read(started), range(30)))
        assert len(readings) == 30
        assert 1 <= len(started._workers) <= 3


@pytest.mark.parametrize(
    ("megabytes", "cores", "count"),
    [(430, 4, 1), (925, 4, 1), (1900, 4, 4), (1000, 1, 1), (8000, 4, 4), (1100, 4, 2)],
)
def test_room(monkeypatch: pytest.MonkeyPatch, megabytes: int, cores: int, count: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    sizes = {"SC_PHYS_PAGES": megabytes * 1_000_000 // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert room() == count


def test_a_parent_that_ends_in_the_middle_of_a_message(capfd: pytest.CaptureFixture[str]) -> None:
    process = Process("edge_app.worker", json.dumps(asdict(Limits())))
    process.send()
    os.write(process.connection.fileno(), struct.pack("!i", 1000) + b"half of it")
    assert process.end(60) == 0
    assert capfd.readouterr() == ("", "")


def test_one_that_is_closed_while_it_is_replaced_leaves_no_other() -> None:
    started = Workers(1)
    (worker,) = started._workers
    with held(started) as future:
        start = worker._start

        def start_late() -> None:
            started.close()
            start()

        worker._start = start_late  # type: ignore[method-assign]
        os.kill(pid_of(started), signal.SIGKILL)
        assert future.exception(60) is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid_of(started), 0)


def test_nothing_is_left_behind() -> None:
    with Workers(1) as started:
        pid = pid_of(started)
        read(started)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    # Whatever becomes of the process that started it.
    code = (
        "import os, signal\nfrom edge_app.workers import Workers\n"
        "print(Workers(1)._workers[0].pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{run.stdout.strip()}/fd").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert time.monotonic() < deadline
