"""PNG: its chunks, their checksums, and whether its data hold the whole picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.formats import exif

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
DEPTHS = {
    GREY: (1, 2, 4, 8, 16),
    COLOUR: (8, 16),
    PALETTE: (1, 2, 4, 8),
    GREY_ALPHA: (8, 16),
    COLOUR_ALPHA: (8, 16),
}
SAMPLES = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
# First row, first column, and the steps of the seven passes of an interlaced picture.
PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
MAX_CHUNKS = 50_000
PIECE = 65_536  # bytes unpacked at a time


@dataclass(frozen=True)
class Png:
    """A PNG file.

    Attributes:
        size: Width and height as stored.
        orientation: By EXIF, 1 to 8.
        depth: Bits of a sample.
        colour: The type, one of ``SAMPLES``.
        transparent: The level or colour that is transparent, in one of 16 bits without an alpha channel.
        data: The file's picture alone, without further frames, profiles and texts.
        packed: The picture's compressed rows, in ``data``.
    """

    size: tuple[int, int]
    orientation: int
    depth: int
    colour: int
    interlaced: bool
    transparent: tuple[int, ...] | None
    data: bytes
    packed: memoryview

    def check(self) -> None:
        """Unpacks the rows, keeps none, and compares them with their length and checksum.

        Raises:
            ValueError: They are not what they should be.
            zlib.error: Likewise.
        """
        expected, unpacked = self._length(), 0
        unpacker = zlib.decompressobj()
        for start in range(0, len(self.packed), PIECE):
            piece: bytes | memoryview = self.packed[start : start + PIECE]
            # Nothing may stand behind the rows.
            if unpacker.eof:
                raise ValueError("rows")
            while piece and unpacked <= expected:
                # What lies behind the end stays where it is, piece after piece.
                if unpacker.eof:
                    raise ValueError("rows")
                unpacked += len(unpacker.decompress(piece, PIECE))
                piece = unpacker.unconsumed_tail
        while unpacked <= expected and (more := unpacker.decompress(b"", PIECE)):
            unpacked += len(more)
        if unpacked != expected or not unpacker.eof or unpacker.unused_data:
            raise ValueError("rows")

    def halves(self) -> tuple[bytes, bytes]:
        """Returns two files of 8 bits, of the upper and of the lower halves of samples of 16 bits.

        A filter looks at the same byte of other pixels alone, so that each half can be unfiltered by itself.
        """
        rows = np.frombuffer(zlib.decompress(self.packed), np.uint8)
        halves = bytearray(), bytearray()
        place = 0
        for count, length in self._rows():
            part = rows[place : place + count * length].reshape(count, length)
            for index, half in enumerate(halves):
                half += np.concatenate([part[:, :1], part[:, 1 + index :: 2]], axis=1).tobytes()
            place += part.size
        head = struct.pack(">IIBBBBB", *self.size, 8, self.colour, 0, 0, self.interlaced)
        upper, lower = (_write([(b"IHDR", [head]), (b"IDAT", [zlib.compress(half, 1)])]) for half in halves)
        return upper, lower

    def _length(self) -> int:
        return sum(count * length for count, length in self._rows())

    def _rows(self) -> Iterator[tuple[int, int]]:
        """Yields how many rows each pass has, and of how many bytes."""
        width, height = self.size
        bits = self.depth * SAMPLES[self.colour]
        for top, left, down, across in PASSES if self.interlaced else ((0, 0, 1, 1),):
            rows, columns = -(-(height - top) // down), -(-(width - left) // across)
            if rows > 0 and columns > 0:
                yield rows, 1 + (columns * bits + 7) // 8


def read(data: bytes) -> Png:
    """Reads a PNG's chunks.

    Raises:
        LookupError, struct.error, ValueError: It breaks off, contradicts itself, or a checksum is wrong.
    """
    chunks: dict[bytes, bytes] = {}
    rows: list[memoryview] = []
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            rows.append(body)
        # Colours after the rows are none of theirs.
        elif kind in (b"IHDR", b"PLTE", b"tRNS") and not rows:
            if kind in chunks:
                raise ValueError("twice")
            chunks[kind] = bytes(body)
        elif kind == b"eXIf":
            chunks.setdefault(kind, bytes(body))
    width, height, depth, colour, method, filters, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth not in DEPTHS[colour] or method or filters or interlaced > 1 or min(width, height) < 1:
        raise ValueError("header")
    palette = chunks.get(b"PLTE", b"")
    if colour == PALETTE and (not palette or len(palette) % 3 or len(palette) > 3 << depth):
        raise ValueError("palette")
    transparency = _transparency(chunks.get(b"tRNS", b""), depth, colour, len(palette) // 3)
    parts: list[tuple[bytes, Sequence[bytes | memoryview]]] = [(b"IHDR", [chunks[b"IHDR"]])]
    if colour == PALETTE:
        # Of indices beyond the palette each decoder thinks otherwise.
        parts.append((b"PLTE", [palette.ljust(3 << depth, b"\0")]))
    if transparency and depth < 16:
        parts.append((b"tRNS", [transparency]))
    whole = _write([*parts, (b"IDAT", rows)])
    length = sum(len(row) for row in rows)
    end = len(whole) - 4 - 12  # the checksum of the rows and the last chunk
    return Png(
        size=(width, height),
        orientation=exif.orientation(chunks.get(b"eXIf", b"")),
        depth=depth,
        colour=colour,
        interlaced=bool(interlaced),
        transparent=_numbers(transparency) if transparency and depth == 16 else None,
        data=whole,
        packed=memoryview(whole)[end - length : end],
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view = memoryview(data)  # of a large file no copies are made
    place = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], view[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(body, zlib.crc32(kind)) != checksum:
            raise ValueError("checksum")
        if kind == b"IEND":
            return
        yield kind, body
        place += 12 + length
    raise ValueError("too many chunks")


def _write(parts: Sequence[tuple[bytes, Sequence[bytes | memoryview]]]) -> bytes:
    """Writes chunks, each of a kind and of what it holds, piece by piece."""
    written: list[bytes | memoryview] = [SIGNATURE]
    for kind, bodies in (*parts, (b"IEND", ())):
        checksum = zlib.crc32(kind)
        for body in bodies:
            checksum = zlib.crc32(body, checksum)
        length = sum(len(body) for body in bodies)
        written += [struct.pack(">I", length), kind, *bodies, struct.pack(">I", checksum)]
    return b"".join(written)


def _numbers(body: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(body) // 2}H", body)


def _transparency(body: bytes, depth: int, colour: int, entries: int) -> bytes:
    """Returns a chunk of transparency, or nothing where it is not what the standard says."""
    if colour == PALETTE:
        return body if len(body) <= entries else b""
    if len(body) != {GREY: 2, COLOUR: 6}.get(colour):
        return b""
    return body if max(_numbers(body)) < 1 << depth else b""
