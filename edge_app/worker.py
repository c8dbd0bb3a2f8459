"""A process that reads pictures under limits, so that no file takes the memory or the time of a device.

It reads one picture after another, and answers in JSON records and bytes. What goes over its limits ends it,
and ``edge_app/workers.py`` starts another.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass

from edge_app import records
from edge_app.errors import ImageError
from edge_app.files import Source
from edge_app.preprocessing import Box, InputSpec
from edge_app.process import READY, Limits, allow, child, confine, message
from edge_app.quality import Quality
from edge_app.reading import SHOWN_SIDE, Reader, shrink


@dataclass(frozen=True)
class Request:
    """What a worker is asked; the bytes of the file follow, unless it has them.

    Attributes:
        name: What errors call the picture.
        spec: What the model takes; None where only the frames are to be counted.
        frame: As of ``Reader.read``.
        side: Likewise.
        again: Whether it is of the same file as the one before, which was kept.
    """

    name: str
    spec: InputSpec | None = None
    frame: int | None = None
    side: int = SHOWN_SIDE
    again: bool = False

    @property
    def keeps(self) -> bool:
        """Whether more of the same file is to come, so that it is kept, opened."""
        return self.spec is None or self.frame is not None


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
    import edge_app.image  # noqa: F401  # what decodes is there before the first picture comes

    connection, settings = child()
    limits: Limits = records.build(Limits, json.loads(settings))
    confine(limits.memory)
    kept: Source = b""
    with contextlib.suppress(EOFError, ConnectionError):
        connection.send_bytes(READY)
        while True:
            asked: Request = records.build(Request, json.loads(message(connection)))
            if not asked.again:
                # Two files may be more than there is memory for.
                kept = b""
                kept = message(connection)
            allow(limits.cpu)
            kept, parts = _answer(asked, kept)
            if not asked.keeps:
                kept = b""
            for part in parts:
                connection.send_bytes(part)


def _answer(asked: Request, source: Source) -> tuple[Source, list[bytes]]:
    """Returns the file, opened where more of it is to come, and what is said of it."""
    reader = Reader()
    try:
        if asked.keeps:
            source = reader.opened(source, asked.name)
        parts = _read(reader, asked, source)
    except MemoryError:
        parts = [_told(Reply(Refusal("ImageTooLarge", "too_much_memory", {"name": asked.name})))]
    except ImageError as error:
        details = {name: str(value) for name, value in error.details.items()}
        parts = [_told(Reply(Refusal(type(error).__name__, error.code, details)))]
    return source, parts


def _read(reader: Reader, asked: Request, source: Source) -> list[bytes]:
    if asked.spec is None:
        return [_told(Reply(frames=reader.count_frames(source, asked.name)))]
    reading = reader.read(source, asked.name, asked.spec, asked.frame)
    shown = shrink(reading.image, asked.side)
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
    parts = [_told(Reply(header=header)), reading.pixels.tobytes(), shown.tobytes()]
    return [part for part in parts if part]


def _told(reply: Reply) -> bytes:
    return json.dumps(asdict(reply)).encode()
