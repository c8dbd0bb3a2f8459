"""Packed frames. Whatever a frame's own header says is held to the file's before anything is unpacked."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.dicom.elements import ENDLESS, IMPLICIT
from edge_app.dicom.layout import Layout

UNPACKED = ("", ".1", ".2")  # implicit and explicit little endian, big endian
RLE = ".5"
JPEG = (".4.50", ".4.51")  # in 8 bits; Pillow opens no 12
JPEG_2000 = (".4.90", ".4.91")
# Whose elements can be read and whose frames can't: lossless JPEG, JPEG-LS, JPEG XL, High-Throughput JPEG
# 2000. The deflated syntax isn't among them: its size can't be told before it is unpacked.
CLOSED = (".4.57", ".4.70", ".4.80", ".4.81", ".4.110", ".4.111", ".4.112", ".4.201", ".4.202", ".4.203")

MAX_FRAGMENTS = 65_536
MAX_SEGMENTS = 15
MAX_TILES = 1024
ITEM = b"\xfe\xff\x00\xe0"
END = b"\xfe\xff\xdd\xe0"


class NoDecoderError(Exception):
    """A frame is packed in a way that can't be opened here."""


def ending(transfer: str) -> str | None:
    """Returns what tells transfer syntaxes apart; None for one whose elements can't be read either."""
    if not transfer.startswith(IMPLICIT):
        return None
    end = transfer.removeprefix(IMPLICIT)
    return end if end in (*UNPACKED, RLE, *JPEG, *JPEG_2000, *CLOSED) else None


def fragments(pixels: memoryview) -> list[memoryview]:
    """Splits packed pixels into the offset table and the fragments behind it (PS3.5, A.4).

    Raises:
        ValueError: They are cut, or too many.
    """
    found: list[memoryview] = []
    place = 0
    while place + 8 <= len(pixels) and pixels[place : place + 4] != END:
        length = int.from_bytes(pixels[place + 4 : place + 8], "little")
        start, place = place + 8, place + 8 + length
        if pixels[start - 8 : start - 4] != ITEM or length == ENDLESS or place > len(pixels):
            raise ValueError("fragments")
        found.append(pixels[start:place])
        if len(found) > MAX_FRAGMENTS + 1:
            raise ValueError("fragments")
    if len(found) < 2:
        raise ValueError("fragments")
    return found


def packed_frame(pixels: memoryview, frame: int, frames: int) -> bytes:
    """Returns a packed frame's bytes.

    Raises:
        ValueError: There are no such fragments, or it can't be told which are the frame's.
    """
    table, *parts = fragments(pixels)
    if frames == 1:
        return b"".join(parts)
    if len(parts) == frames:
        return bytes(parts[frame])
    starts = np.frombuffer(table[: len(table) // 4 * 4], "<u4").tolist()
    if len(starts) != frames:
        raise ValueError("fragments")
    first, last = starts[frame], starts[frame + 1] if frame + 1 < frames else ENDLESS
    places = np.cumsum([0, *(len(part) + 8 for part in parts)])[:-1]
    return b"".join(part for part, place in zip(parts, places, strict=True) if first <= place < last)


def unpack(packed: bytes, end: str, layout: Layout) -> NDArray[Any]:
    """Unpacks a frame.

    Returns:
        (rows, columns) of unsigned numbers as they would be stored, or (rows, columns, 3).

    Raises:
        NoDecoderError: It is packed in a way that can't be opened here.
        ValueError: It is another picture than the file says, or damaged.
    """
    if end == RLE:
        return _run_lengths(packed, layout)
    if end in JPEG:
        return _jpeg(packed, layout)
    if end in JPEG_2000:
        return _jpeg_2000(packed, layout)
    raise NoDecoderError


def _run_lengths(packed: bytes, layout: Layout) -> NDArray[Any]:
    """PS3.5, annex G: a count, the segments' places, and a segment a byte of a value, the highest first."""
    if len(packed) < 64 or layout.allocated > 16 or layout.photometric.startswith("YBR"):
        raise ValueError("RLE")
    count, *places = struct.unpack_from("<16I", packed)
    if count != layout.samples * layout.allocated // 8 or count > MAX_SEGMENTS:
        raise ValueError("RLE")
    ends = [*places[1:count], len(packed)]
    pixels = layout.rows * layout.columns
    values = np.empty((pixels, count), np.uint8)
    for index, (start, stop) in enumerate(zip(places[:count], ends, strict=True)):
        # No byte takes more than two, so that segments of nothing can't take time.
        if not 64 <= start <= stop <= len(packed) or stop - start > 2 * pixels + 64:
            raise ValueError("RLE")
        # Pillow's decoder wants runs within a line; the standard's encoders don't end them there.
        plane = Image.frombytes("L", (pixels, 1), packed[start:stop], "packbits", "L")
        values[:, index] = np.asarray(plane)[0]
    if layout.samples == 3:
        return values.reshape(layout.rows, layout.columns, 3)
    return values.view(f">u{count}").reshape(layout.rows, layout.columns)


def _jpeg(packed: bytes, layout: Layout) -> NDArray[Any]:
    kind, precision, size, samples = _frame_header(packed)
    if kind not in (0xC0, 0xC1):  # baseline and extended; not progressive, whose scans have no end
        raise ValueError("JPEG")
    if size != (layout.rows, layout.columns) or samples != layout.samples:
        raise ValueError("JPEG")
    if precision != 8:
        raise NoDecoderError
    # Without a marker of Adobe's Pillow holds three colours for YCbCr, wrongly where the file says RGB.
    if samples == 3 and not layout.photometric.startswith("YBR_FULL"):
        raise NoDecoderError
    return _open(packed, "JPEG", layout)


def _frame_header(packed: bytes) -> tuple[int, int, tuple[int, int], int]:
    """Returns a JPEG's kind, precision, (rows, columns) and number of colours, from its only frame header."""
    place, found = 2, []
    while place + 10 <= len(packed):
        marker = packed[place + 1]
        if packed[place] != 0xFF or marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD9:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            precision, rows, columns, samples = struct.unpack_from(">BHHB", packed, place + 4)
            found.append((marker, precision, (rows, columns), samples))
        if marker == 0xDA and len(found) == 1:
            return found[0]
        place += 2 + int.from_bytes(packed[place + 2 : place + 4], "big")
    raise ValueError("JPEG")


def _jpeg_2000(packed: bytes, layout: Layout) -> NDArray[Any]:
    # Some writers wrap the codestream into a file, which is looked through, not trusted.
    start = 0 if packed.startswith(b"\xff\x4f\xff\x51") else packed.find(b"jp2c\xff\x4f\xff\x51") + 4
    stream = packed[start:]
    if not stream.startswith(b"\xff\x4f\xff\x51") or len(stream) < 48:
        raise ValueError("JPEG 2000")
    right, lower, left, upper, wide, high, tile_left, tile_upper = struct.unpack_from(">8I", stream, 8)
    samples = int.from_bytes(stream[40:42], "big")
    size = (lower - upper, right - left)
    if size != (layout.rows, layout.columns) or samples != layout.samples or not wide or not high:
        raise ValueError("JPEG 2000")
    tiles = -(-(right - tile_left) // wide) * -(-(lower - tile_upper) // high)
    precision, across, down = struct.unpack_from("3B", stream, 42)
    signed, bits = bool(precision & 0x80), (precision & 0x7F) + 1
    if not 0 < tiles <= MAX_TILES or (across, down) != (1, 1) or bits > layout.allocated:
        raise ValueError("JPEG 2000")
    if signed and not layout.signed:
        raise ValueError("JPEG 2000")
    values = _open(stream, "JPEG2000", layout)
    if layout.samples == 3:
        return values
    # Pillow scales up to whole bytes and adds half the range of signed values.
    levels: NDArray[np.uint16] = (values >> (8 * values.itemsize - bits)).astype(np.uint16)
    if signed:
        levels -= np.uint16(1 << (bits - 1))
    return levels


def _open(packed: bytes, kind: str, layout: Layout) -> NDArray[Any]:
    try:
        with Image.open(io.BytesIO(packed), formats=(kind,)) as image:
            if image.size != (layout.columns, layout.rows) or image.mode not in ("L", "I;16", "RGB"):
                raise ValueError(kind)
            values = np.asarray(image)
    # A damaged block, a missing one, and what Pillow holds for no picture at all.
    except (OSError, SyntaxError, struct.error) as error:
        if "memory" in str(error):
            raise MemoryError from error
        raise ValueError(kind) from error
    if values.ndim != (3 if layout.samples == 3 else 2):
        raise ValueError(kind)
    return values
