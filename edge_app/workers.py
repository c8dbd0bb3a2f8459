"""The workers of a server or a command, and what becomes of a picture that ends one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import numpy as np
from PIL import Image

from edge_app import records
from edge_app.dicom import DicomFile
from edge_app.errors import Busy, ImageError, ImageTooLarge, NotAnImage, OtakError, UnreadableImage
from edge_app.files import Source, read_file
from edge_app.preprocessing import InputSpec
from edge_app.process import ENDING, Limits, Process
from edge_app.reading import SHOWN_SIDE, Reader, Reading
from edge_app.worker import Refusal, Reply, Request

ERRORS = {kind.__name__: kind for kind in (ImageTooLarge, NotAnImage, UnreadableImage)}
CRASHES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV)
MAX_BLOCK = 4 * SHOWN_SIDE**2  # bytes of an answer's longest part
WAITING = 48  # pictures that may wait for a worker
RESERVED = 600_000_000  # bytes for the system, the server and what else a device does

HERE = (DicomFile, Image.Image, np.ndarray)

T = TypeVar("T")


class Worker:
    """One process. For one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        """Starts the process, and doesn't wait until it is ready."""
        self._limits = limits
        self._closed = False
        self._start()

    def read(self, data: bytes, name: str, spec: InputSpec, frame: int | None, side: int) -> Reading:
        """See ``Workers.read``."""
        return self._ask(Request(name, spec, frame, side), data, lambda reply: self._reading(reply, spec))

    def count_frames(self, data: bytes, name: str) -> int:
        """See ``Workers.count_frames``."""
        return self._ask(Request(name), data, _frames)

    @property
    def pid(self) -> int:
        """Of the process; another once it was replaced."""
        return self._process.pid

    def close(self) -> None:
        """Ends the process, and starts no other."""
        self._closed = True
        self._process.end()

    def _start(self) -> None:
        self._process = Process("edge_app.worker", json.dumps(asdict(self._limits)))
        self._used = False
        self._kept: tuple[str, int] | None = None
        self._deadline = 0.0

    def _ask(self, request: Request, data: bytes, understand: Callable[[Reply], T]) -> T:
        used = self._used
        try:
            return self._ask_once(request, data, understand)
        except ImageTooLarge as error:
            # What was read before may have left too little of it.
            if error.code != "too_much_memory" or not used:
                raise
        return self._ask_once(request, data, understand)

    def _ask_once(self, request: Request, data: bytes, understand: Callable[[Reply], T]) -> T:
        try:
            self._send(request, data)
            self._used = True
            self._deadline = time.monotonic() + self._limits.wall
            reply: Reply = records.build(Reply, json.loads(self._receive()))
            if reply.refusal is None:
                return understand(reply)
            error = _error(reply.refusal)
        except TimeoutError:
            self._restart()
            raise ImageTooLarge("too_long", name=request.name) from None
        except (EOFError, OSError):
            if self._closed:
                raise Busy("busy", name=request.name) from None
            raise _death(self._restart(ENDING), request.name) from None
        except (KeyError, TypeError, ValueError) as nonsense:
            self._restart()
            if self._closed:  # in the middle of a message
                raise Busy("busy", name=request.name) from None
            raise OtakError(f"a worker gave an answer that makes no sense ({nonsense}).") from None
        if error.code == "too_much_memory":
            self._restart()
        raise error

    def _send(self, request: Request, data: bytes) -> None:
        """Sends a request, and the file unless the process has kept it."""
        # Bytes know their hash once it was asked for, so that it is taken once for all frames.
        file = (request.name, hash(data))
        again = file == self._kept
        head = json.dumps(asdict(replace(request, again=again))).encode()
        self._process.send(head, *([] if again else [data]))
        self._kept = file if request.keeps else None

    def _reading(self, reply: Reply, spec: InputSpec) -> Reading:
        header = reply.header
        if header is None:
            raise ValueError("no reading")
        pixels = np.frombuffer(self._receive(), np.uint8)
        return Reading(
            pixels=pixels.reshape(1, spec.size, spec.size, spec.channels),
            box=header.box,
            quality=header.quality,
            image=Image.frombytes(header.mode, header.shown, self._receive() if any(header.shown) else b""),
            size=header.size,
            frame=header.frame,
            frames=header.frames,
            milliseconds=header.milliseconds,
        )

    def _receive(self) -> bytes:
        return self._process.receive(self._deadline, MAX_BLOCK)

    def _restart(self, patience: float = 0) -> int:
        code = self._process.end(patience)
        self._start()
        # ``close`` may have come meanwhile, and ended the old one.
        if self._closed:
            self._process.end()
        return code


class Workers(Reader):
    """As many workers as the device has room for, started as they are needed.

    Attributes:
        count: How many there may be.
        places: How many pictures may be read or wait for it at a time.
    """

    def __init__(self, count: int | None = None, limits: Limits | None = None) -> None:
        """Starts the first.

        Args:
            count: How many there may be; ``room`` where not given.
            limits: Of each.
        """
        self.count = room() if count is None else count
        self._limits = limits or Limits()
        self._workers = [Worker(self._limits)]
        # The one that read last is the readiest, so the last is taken first.
        self._idle: list[Worker | None] = [*[None] * (self.count - 1), *self._workers]
        self._waiting: deque[Future[Worker | None]] = deque()
        self.places = self.count + WAITING
        self._lock = threading.Lock()
        self._taken = 0
        self._closed = False

    def read(
        self, source: Source, name: str, spec: InputSpec, frame: int | None = None, side: int = SHOWN_SIDE
    ) -> Reading:
        """Reads a picture as ``Reader.read`` does, in a worker; what is opened or decoded already, here.

        Raises:
            ImageError: As of ``Reader.read``, or ``too_long``, ``too_much_memory``, or ``busy`` where too
                many pictures wait already.
            OtakError: The worker failed by a fault of its own.
        """
        if isinstance(source, HERE):
            return super().read(source, name, spec, frame, side)
        data, name = _bytes(source, name)
        with self._worker(name) as worker:
            return worker.read(data, name, spec, frame, side)

    def count_frames(self, source: Source, name: str) -> int:
        """Counts a file's frames in a worker; a picture that is decoded already has one.

        Raises:
            ImageError: As of ``read``.
            OtakError: As of ``read``.
        """
        if isinstance(source, HERE):
            return super().count_frames(source, name)
        data, name = _bytes(source, name)
        with self._worker(name) as worker:
            return worker.count_frames(data, name)

    @property
    def taken(self) -> int:
        """How many of the places are: pictures that are being read, or wait for it."""
        return self._taken

    def close(self) -> None:
        """Ends all of them; who still waits for one is turned away."""
        self._closed = True
        for worker in self._workers:
            worker.close()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _worker(self, name: str) -> Iterator[Worker]:
        with self._lock:
            if self._taken == self.places:
                raise Busy("busy", name=name)
            self._taken += 1
        worker = self._turn().result()
        try:
            if self._closed:
                raise Busy("busy", name=name)
            if worker is None:
                worker = Worker(self._limits)
                self._workers.append(worker)
                # ``close`` may have come meanwhile, and not seen it.
                if self._closed:
                    worker.close()
            yield worker
        finally:
            self._pass_on(worker)

    def _turn(self) -> Future[Worker | None]:
        """Returns what will give a worker, or the right to start one; whoever came first is first."""
        turn: Future[Worker | None] = Future()
        with self._lock:
            if self._idle:
                turn.set_result(self._idle.pop())
            else:
                self._waiting.append(turn)
        return turn

    def _pass_on(self, worker: Worker | None) -> None:
        with self._lock:
            self._taken -= 1
            if self._waiting:
                self._waiting.popleft().set_result(worker)
            else:
                self._idle.append(worker)


def room() -> int:
    """Returns how many workers a device has processors and memory for, at least one."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(os.cpu_count() or 1, (memory - RESERVED) // Limits().memory))


def _error(refusal: Refusal | None) -> ImageError:
    if refusal is None:
        raise ValueError("neither a reading nor an error")
    return ERRORS[refusal.kind](refusal.code, **refusal.details)


def _death(code: int, name: str) -> OtakError:
    if code == -signal.SIGXCPU:
        return ImageTooLarge("too_long", name=name)
    # Of the system, whose memory ended.
    if code == -signal.SIGKILL:
        return ImageTooLarge("too_much_memory", name=name)
    if -code in CRASHES:
        return UnreadableImage("damaged", name=name)
    return OtakError(f"a worker ended with {code}; what it wrote before says why.")


def _frames(reply: Reply) -> int:
    if reply.frames is None:
        raise ValueError("no count of frames")
    return reply.frames


def _bytes(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "picture"
    name = name or str(source)
    return read_file(Path(source), name), name
