"""Files taken apart and put together again, so that a mutation gets past lengths and checksums."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

PNG = b"\x89PNG\r\n\x1a\n"
LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT")
ENDLESS = 0xFFFFFFFF
PIXELS = b"\xe0\x7f\x10\x00"
ITEM, END_OF_SEQUENCE = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
ALONE = (0xD8, 0xD9, 0x01, *range(0xD0, 0xD8))


@dataclass(frozen=True)
class Part:
    """A chunk, a segment, an element or a header.

    Attributes:
        kind: As the container writes it.
        body: What it holds: for PNG's rows unpacked, for DICOM's packed pixels the first frame.
        rest: JPEG's bytes of a scan; DICOM's bytes before the frame.
    """

    kind: bytes
    body: bytes
    rest: bytes = b""


def is_known(data: bytes) -> bool:
    """Tells whether a file can be taken apart."""
    return any(_is_of(mark, data) for mark in SPLITTERS)


def split(data: bytes) -> list[Part]:
    """Takes a whole file apart."""
    return SPLITTERS[kind_of(data)](data)


def join(kind: bytes, parts: Sequence[Part]) -> bytes:
    """Puts parts together.

    Args:
        kind: The key of ``SPLITTERS`` that the file was found by.
        parts: Of ``split``, changed or not.
    """
    return JOINERS[kind](parts)


def kind_of(data: bytes) -> bytes:
    """Returns the key of ``SPLITTERS`` for a file."""
    return next(mark for mark in SPLITTERS if _is_of(mark, data))


def _is_of(mark: bytes, data: bytes) -> bool:
    return data.startswith(mark) or data[128:132] == mark


def _split_png(data: bytes) -> list[Part]:
    parts: list[Part] = []
    rows = b""
    place = len(PNG)
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        place += 12 + length
        if kind != b"IDAT":
            parts.append(Part(kind, body))
        elif rows:
            rows += body
        else:
            rows = body
            parts.append(Part(kind, b""))
    unpacked = zlib.decompressobj().decompress(rows)
    return [replace(part, body=unpacked) if part.kind == b"IDAT" else part for part in parts]


def _join_png(parts: Sequence[Part]) -> bytes:
    chunks = []
    for part in parts:
        body = zlib.compress(part.body, 1) if part.kind == b"IDAT" else part.body
        chunks += [struct.pack(">I", len(body)), part.kind, body]
        chunks.append(struct.pack(">I", zlib.crc32(part.kind + body)))
    return PNG + b"".join(chunks)


def _split_jpeg(data: bytes) -> list[Part]:
    parts: list[Part] = []
    place = 0
    while place + 2 <= len(data):
        kind = data[place : place + 2]
        if kind[1] in ALONE:
            parts.append(Part(kind, b""))
            place += 2
            continue
        (length,) = struct.unpack_from(">H", data, place + 2)
        body, place = data[place + 4 : place + 2 + length], place + 2 + length
        start = place
        while kind[1] == 0xDA and place + 1 < len(data):
            if data[place] == 0xFF and data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
                break
            place += 1
        parts.append(Part(kind, body, data[start:place]))
    return parts


def _join_jpeg(parts: Sequence[Part]) -> bytes:
    return b"".join(
        part.kind if part.kind[1] in ALONE else _segment(part.kind, part.body[:65_533]) + part.rest
        for part in parts
    )


def _segment(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">H", len(body) + 2) + body


def _split_webp(data: bytes) -> list[Part]:
    parts: list[Part] = []
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        parts.append(Part(kind, data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return parts


def _join_webp(parts: Sequence[Part]) -> bytes:
    chunks = [
        part.kind + struct.pack("<I", len(part.body)) + part.body + bytes(len(part.body) % 2)
        for part in parts
    ]
    whole = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _split_bmp(data: bytes) -> list[Part]:
    start, head = struct.unpack_from("<II", data, 10)
    return [
        Part(b"file", data[:14]),
        Part(b"head", data[14 : 14 + head]),
        Part(b"palette", data[14 + head : start]),
        Part(b"rows", data[start:]),
    ]


def _join_bmp(parts: Sequence[Part]) -> bytes:
    return b"".join(part.body for part in parts)


def _split_dicom(data: bytes) -> list[Part]:
    """Takes explicit little endian apart, at the top alone; what is of another kind stays whole."""
    parts = [Part(b"preamble", data[:132])]
    place = 132
    while place + 8 <= len(data):
        kind = data[place : place + 6]
        if not kind[4:].isalpha():
            return [*parts, Part(b"as it is", data[place:])]
        long = kind[4:] in LONG
        if long:
            start, (length,) = place + 12, struct.unpack_from("<I", data, place + 8)
        else:
            start, (length,) = place + 8, struct.unpack_from("<H", data, place + 6)
        if length == ENDLESS:
            if not kind.startswith(PIXELS):
                return [*parts, Part(b"as it is", data[place:])]
            return [*parts, _packed(kind, data, start)]
        parts.append(Part(kind, data[start : start + length]))
        place = start + length
    return parts


def _packed(kind: bytes, data: bytes, place: int) -> Part:
    (table,) = struct.unpack_from("<I", data, place + 4)
    first = place + 8 + table
    (length,) = struct.unpack_from("<I", data, first + 4)
    return Part(kind + b"packed", data[first + 8 : first + 8 + length], data[place:first])


def _join_dicom(parts: Sequence[Part]) -> bytes:
    written = []
    for part in parts:
        kind, body = part.kind, part.body
        if kind in (b"preamble", b"as it is"):
            written.append(body)
        elif kind.endswith(b"packed"):
            fragment = ITEM + struct.pack("<I", len(body)) + body
            head = kind[:6] + bytes(2) + struct.pack("<I", ENDLESS)
            written.append(head + part.rest + fragment + END_OF_SEQUENCE + bytes(4))
        elif kind[4:6] in LONG:
            written.append(kind[:6] + bytes(2) + struct.pack("<I", len(body)) + body)
        else:
            written.append(kind[:6] + struct.pack("<H", len(body) & 0xFFFF) + body[:0xFFFF])
    return b"".join(written)


SPLITTERS = {
    PNG: _split_png,
    b"\xff\xd8": _split_jpeg,
    b"RIFF": _split_webp,
    b"BM": _split_bmp,
    b"DICM": _split_dicom,
}
JOINERS = {
    PNG: _join_png,
    b"\xff\xd8": _join_jpeg,
    b"RIFF": _join_webp,
    b"BM": _join_bmp,
    b"DICM": _join_dicom,
}
