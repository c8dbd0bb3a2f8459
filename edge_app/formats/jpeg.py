"""JPEG: its segments, and whether its scans say all of the picture."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edge_app.formats import exif

# In a scan's data a 0 follows each byte 0xFF; restart markers belong to the data.
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
START, END, SCAN, EXIF = 0xD8, 0xD9, 0xDA, 0xE1
ALONE = (0x01, START)  # no length follows
FRAMES = (0xC0, 0xC1, 0xC2)
PROGRESSIVE = 0xC2
OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)  # lossless, arithmetic ...
# Tables, the restart interval, and JFIF and Adobe, which say what the channels are.
KEPT = (*FRAMES, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE)
MAX_SEGMENTS = 10_000
MAX_SCANS = 100  # encoders write some ten; each costs a decoder a pass over the whole picture

# Put before the end mark: nothing of a whole picture is left to read there, but a broken-off one would go on
# with it. After each restart marker again, since a decoder may wait for any of them.
_JUNK = bytes((37 * index + 11) % 251 for index in range(64))
FILLER = _JUNK + b"".join(bytes([0xFF, 0xD0 + index]) + _JUNK for index in range(8))


@dataclass(frozen=True)
class Jpeg:
    """A JPEG file.

    Attributes:
        size: Width and height as stored.
        orientation: By EXIF, 1 to 8.
        doubtful: Whether it may have broken off without a trace. Where the one scan of a grey or RGB file
            does, decoders leave the last corner mid-grey.
        memory: Bytes that a decoder takes for the picture, and keeps until the last of several scans.
        data: The file without profiles, EXIF, texts and what follows its end.
    """

    size: tuple[int, int]
    orientation: int
    doubtful: bool
    memory: int
    data: bytes

    @property
    def filled(self) -> bytes:
        """The same with ``FILLER`` at its end.

        Decoders say nothing of what is missing: a file is whole where both give the same picture.
        """
        return self.data[:-2] + FILLER + self.data[-2:]


@dataclass(frozen=True)
class _Frame:
    size: tuple[int, int]
    progressive: bool
    missing: dict[int, list[int]]  # by component, how many bits of each coefficient no scan has brought yet
    pixels: int  # bytes of the picture
    coefficients: int  # bytes of all coefficients


def read(data: bytes) -> Jpeg | None:
    """Reads a JPEG's segments; None where it is of a kind that no browser decodes (lossless, 12 bits ...).

    Raises:
        LookupError, struct.error, ValueError: It breaks off, or not all of the picture is in its scans.
    """
    frame: _Frame | None = None
    orientation = scans = 0
    parts: list[bytes | memoryview] = [data[:2]]
    waiting: list[memoryview] = []  # what no scan has needed yet
    for marker, segment, rest in _segments(data):
        if marker in OTHER_FRAMES:
            return None
        if marker in KEPT:
            waiting.append(segment)
        if marker in FRAMES:
            if frame is not None:
                raise ValueError("two frames")
            frame = _read_frame(segment)
            if frame is None:
                return None
        elif marker == SCAN and frame is not None:
            scans += 1
            _note_scan(frame, segment)
            parts += [*waiting, segment, rest]
            waiting = []
        elif marker == EXIF and not orientation and segment[4:10] == exif.PREFIX:
            orientation = exif.orientation(bytes(segment[4:]))
    if frame is None or scans > MAX_SCANS or any(any(bits) for bits in frame.missing.values()):
        raise ValueError("scans")
    return Jpeg(
        size=frame.size,
        orientation=orientation or 1,
        doubtful=scans > 1 or len(frame.missing) > 3,
        memory=frame.pixels + (frame.coefficients if scans > 1 else 0),
        data=b"".join([*parts, bytes([0xFF, END])]),
    )


def _segments(data: bytes) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yields each segment up to the end mark: its marker, its bytes, and those up to the next marker."""
    view = memoryview(data)  # of a large file no copies are made
    found = MARKER.search(data, 2)
    for _ in range(MAX_SEGMENTS):
        if found is None:
            break
        start, marker = found.start(), data[found.start() + 1]
        if marker == END:
            return
        end = start + 2
        if marker not in ALONE:
            (length,) = struct.unpack_from(">H", data, end)
            end += max(2, length)
        found = MARKER.search(data, end)
        yield marker, view[start:end], view[end : found.start() if found else None]
    raise ValueError("no end")


def _read_frame(segment: memoryview) -> _Frame | None:
    bits, height, width, count = struct.unpack_from(">BHHB", segment, 4)
    if bits != 8 or count not in (1, 3, 4):
        return None
    components = [segment[place : place + 3] for place in range(10, 10 + 3 * count, 3)]
    across = [component[1] >> 4 for component in components]
    down = [component[1] & 15 for component in components]
    if min(*across, *down, width, height) < 1:
        raise ValueError("no size")
    blocks = sum(one * other for one, other in zip(across, down, strict=True))
    units = -(-width // (8 * max(across))) * -(-height // (8 * max(down)))
    return _Frame(
        size=(width, height),
        progressive=segment[1] == PROGRESSIVE,
        missing={component[0]: [8] * 64 for component in components},
        pixels=width * height * (1 if count == 1 else 4),
        coefficients=units * blocks * 64 * 2,
    )


def _note_scan(frame: _Frame, segment: memoryview) -> None:
    count = segment[4]
    components = segment[5 : 5 + 2 * count : 2]
    first, last, bits = segment[5 + 2 * count : 8 + 2 * count]
    if not frame.progressive:
        first, last, bits = 0, 63, 0
    for component in components:
        frame.missing[component][first : last + 1] = [bits & 15] * (min(last, 63) + 1 - first)
