"""WebP: its chunks."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from edge_app.formats import exif

DROPPED = (b"ICCP", b"EXIF", b"XMP ")
DROPPED_FLAGS = 0x20 | 0x08 | 0x04  # that say of these chunks that they are there
MAX_CHUNKS = 50_000


@dataclass(frozen=True)
class Webp:
    """A WebP file.

    Attributes:
        size: Width and height as stored.
        orientation: By EXIF, 1 to 8.
        data: The file without profile, EXIF and XMP.
    """

    size: tuple[int, int]
    orientation: int
    data: bytes

    @property
    def memory(self) -> int:
        """Bytes that a decoder takes: two canvases, and the pixels of a lossless frame."""
        return 3 * 4 * self.size[0] * self.size[1]


def read(data: bytes) -> Webp:
    """Reads a WebP's chunks.

    Raises:
        LookupError, struct.error, ValueError: It breaks off or contradicts itself.
    """
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise ValueError("cut")
    view = memoryview(data)  # of a large file no copies are made
    kept: list[bytes | memoryview] = []
    orientation = count = 0
    place = 12
    while place + 8 <= end:
        count += 1
        kind, length = struct.unpack_from("<4sI", data, place)
        after = place + 8 + length + length % 2
        chunk = view[place:after]
        if place + 8 + length > end or count > MAX_CHUNKS:
            raise ValueError("chunk")
        if kind not in DROPPED:
            kept.append(chunk)
        elif kind == b"EXIF" and not orientation:
            orientation = exif.orientation(bytes(chunk[8:]))
        place = after
    first = bytes(kept[0])
    if first.startswith(b"VP8X"):
        kept[0] = first[:8] + bytes([first[8] & ~DROPPED_FLAGS]) + first[9:]
    length = 4 + sum(len(chunk) for chunk in kept)
    whole = b"".join([b"RIFF", struct.pack("<I", length), b"WEBP", *kept])
    return Webp(_size(first[:32]), orientation or 1, whole)


def _size(chunk: bytes) -> tuple[int, int]:
    kind = chunk[:4]
    if kind == b"VP8X":
        # 24 bits each, after the flags.
        return int.from_bytes(chunk[12:15], "little") + 1, int.from_bytes(chunk[15:18], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", chunk, 9)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", chunk, 14)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("kind")
