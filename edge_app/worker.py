"""A process that reads pictures under limits, so that no file takes the memory or the time of a device.

It reads one picture after another. What goes over its limits ends it, and ``edge_app/workers.py`` starts
another. Both sides talk over a socket, in JSON records and bytes: the answer is data alone, since a decoder
that was tricked may say anything.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from edge_app import records
from edge_app.errors import ImageError
from edge_app.preprocessing import Box, InputSpec
from edge_app.quality import Quality
from edge_app.reading import SHOWN_SIDE, Reader, shrink

SPARE = 5_000_000  # bytes of libraries that are in no memory until they are needed


@dataclass(frozen=True)
class Limits:
    """What reading one picture may take.

    Attributes:
        memory: Of the whole process, in bytes (its share of shared memory counted alone).
        cpu: Seconds of computing.
        wall: Seconds by the clock.
    """

    memory: int = 190_000_000
    cpu: int = 10
    wall: float = 30


@dataclass(frozen=True)
class Request:
    """What a worker is asked; the bytes of the file follow.

    Attributes:
        name: What errors call the picture.
        spec: What the model takes; None where only the frames are to be counted.
        frame: As of ``Reader.read``.
        side: Likewise.
    """

    name: str
    spec: InputSpec | None = None
    frame: int | None = None
    side: int = SHOWN_SIDE


@dataclass(frozen=True)
class Refusal:
    """An ``ImageError``: its class, its code, and what its sentence's placeholders stand for."""

    kind: str
    code: str
    details: dict[str, str]


@dataclass(frozen=True)
class Header:
    """A reading without its pixels and its picture, which follow as bytes.

    Attributes:
        mode: Of the picture, ``RGB`` or ``L``.
        shown: Its width and height.
    """

    box: Box
    quality: Quality
    mode: str
    shown: tuple[int, int]
    size: tuple[int, int]
    frame: int
    frames: int
    milliseconds: dict[str, float]


@dataclass(frozen=True)
class Reply:
    """What a worker answers: one of them."""

    refusal: Refusal | None = None
    header: Header | None = None
    frames: int | None = None


def main() -> None:
    """Reads pictures until the other side closes the socket."""
    connection = Connection(int(sys.argv[1]))
    limits: Limits = records.build(Limits, json.loads(sys.argv[2]))
    # Decoders print and log what they think of a file, and that may hold a patient's name. What Python says
    # of a fault of its own is kept.
    logging.disable()
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    _confine(limits.memory)
    with contextlib.suppress(EOFError, ConnectionError):
        connection.send_bytes(b"ready")
        while True:
            for part in _answer(connection.recv_bytes(), connection.recv_bytes(), limits.cpu):
                connection.send_bytes(part)


def _confine(memory: int) -> None:
    # A core file would put a picture on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where the device's memory ends all the same, a worker goes first.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
        _, taken, *_, asked, _ = map(int, Path("/proc/self/statm").read_text().split())
        # The limit counts what was asked for, used or not.
        limit = (asked - taken) * resource.getpagesize() + memory - SPARE
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _answer(request: bytes, data: bytes, seconds: int) -> Iterator[bytes]:
    asked: Request = records.build(Request, json.loads(request))
    # What is over it ends by a signal, which a decoder's loops can't hold up.
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))
    reader = Reader()
    try:
        if asked.spec is None:
            yield _told(Reply(frames=reader.count_frames(data, asked.name)))
            return
        reading = reader.read(data, asked.name, asked.spec, asked.frame)
        shown = shrink(reading.image, asked.side)
        picture = shown.tobytes()
    except MemoryError:
        yield _told(Reply(Refusal("ImageTooLarge", "too_much_memory", {"name": asked.name})))
    except ImageError as error:
        details = {name: str(value) for name, value in error.details.items()}
        yield _told(Reply(Refusal(type(error).__name__, error.code, details)))
    else:
        header = Header(
            box=reading.box,
            quality=reading.quality,
            mode=shown.mode,
            shown=shown.size,
            size=reading.size,
            frame=reading.frame,
            frames=reading.frames,
            milliseconds=reading.milliseconds,
        )
        yield _told(Reply(header=header))
        yield reading.pixels.tobytes()
        if picture:
            yield picture


def _told(reply: Reply) -> bytes:
    return json.dumps(asdict(reply)).encode()
