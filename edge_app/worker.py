"""A process that reads pictures under limits, so that no file takes the memory or the time of a device.

It reads one picture after another, and answers in JSON records and bytes. What goes over its limits ends it,
and ``edge_app/workers.py`` starts another.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from edge_app import records
from edge_app.errors import ImageError
from edge_app.preprocessing import Box, InputSpec
from edge_app.process import READY, Limits, allow, child, confine, message
from edge_app.quality import Quality
from edge_app.reading import SHOWN_SIDE, Reader, shrink


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
    connection, settings = child()
    limits: Limits = records.build(Limits, json.loads(settings))
    confine(limits.memory)
    with contextlib.suppress(EOFError, ConnectionError):
        connection.send_bytes(READY)
        while True:
            for part in _answer(message(connection), message(connection), limits.cpu):
                connection.send_bytes(part)


def _answer(request: bytes, data: bytes, seconds: int) -> Iterator[bytes]:
    asked: Request = records.build(Request, json.loads(request))
    allow(seconds)
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
