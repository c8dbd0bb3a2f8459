"""Writes picture files byte by byte, right or wrong; encoders write but the usual ones."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.integer[Any]]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
ORIENTATION = 0x0112


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Writes a file with Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """Returns an EXIF block that names an orientation, of a kind of number (3 is SHORT)."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    value = struct.pack(f"{order}HH", orientation, 0) if kind == 3 else struct.pack(f"{order}I", orientation)
    entry = struct.pack(f"{order}HHI", ORIENTATION, kind, 1) + value
    return b"Exif\0\0" + mark + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)


def xmp(orientation: int) -> bytes:
    """Returns an XMP packet that names an orientation."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        f'tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def chunk(kind: bytes, body: bytes = b"", checksum: int | None = None) -> bytes:
    """Returns a chunk of a PNG, with its own or another checksum."""
    right = zlib.crc32(kind + body)
    return (
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", right if checksum is None else checksum)
    )


def png(
    size: tuple[int, int],
    packed: bytes,
    depth: int = 8,
    colour: int = 0,
    *,
    modes: tuple[int, int, int] = (0, 0, 0),
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> bytes:
    """Returns a PNG that says of itself what it likes.

    Args:
        size: Width and height.
        packed: What its IDAT chunk holds.
        depth: Bits of a sample.
        colour: Type of its pixels.
        modes: Ways to compress, to filter and to interlace.
        before: Chunks before the IDAT chunk.
        after: Chunks after it.
    """
    head = struct.pack(">IIBBBBB", *size, depth, colour, *modes)
    chunks = (chunk(b"IHDR", head), *before, chunk(b"IDAT", packed), *after, chunk(b"IEND"))
    return SIGNATURE + b"".join(chunks)


def rows(values: Array, filters: Callable[[int], int] = lambda row: 0, step: int = 1) -> bytes:
    """Returns a PNG's rows: uint8, or uint16 as two bytes; filtered row by row.

    Args:
        values: (H, W) or (H, W, samples).
        filters: Of the row of a number.
        step: Bytes of a pixel.
    """
    lines = values.astype(f">u{values.itemsize}").reshape(len(values), -1).view(np.uint8).astype(int)
    packed = b""
    above = np.zeros(lines.shape[1], int)
    for number, line in enumerate(lines):
        left, corner = (np.concatenate([np.zeros(step, int), other[:-step]]) for other in (line, above))
        guess = left + above - corner
        distances = np.abs(np.stack([left, above, corner]) - guess)
        nearest = np.choose(distances.argmin(axis=0), [left, above, corner])
        kind = filters(number)
        predicted = (0 * line, left, above, (left + above) // 2, nearest)[kind]
        packed += bytes([kind]) + ((line - predicted) & 255).astype(np.uint8).tobytes()
        above = line
    return packed


def interlaced(values: Array, step: int = 1) -> bytes:
    """Returns the rows of an interlaced PNG, pass by pass."""
    parts = (values[top::down, left::across] for top, left, down, across in PASSES)
    return b"".join(rows(part, lambda row: row % 5, step) for part in parts if part.size)


def segment(marker: int, body: bytes) -> bytes:
    """Returns a segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Puts segments at a JPEG's start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def without_segments(jpeg: bytes, marker: int) -> bytes:
    """Leaves out a JPEG's segments of a kind that stand before its first scan."""
    kept, place = jpeg[:2], 2
    while jpeg[place + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", jpeg, place + 2)
        end = place + 2 + length
        kept += jpeg[place:end] if jpeg[place + 1] != marker else b""
        place = end
    return kept + jpeg[place:]


def cut(jpeg: bytes, share: float, last: bool = False) -> bytes:
    """Breaks off the data after a JPEG's first or last scan begins, and puts an end mark where they broke."""
    start = jpeg.rindex(b"\xff\xda") if last else jpeg.index(b"\xff\xda")
    place = start + int((len(jpeg) - start) * share)
    # Not after half a marker.
    return jpeg[:place].rstrip(b"\xff") + b"\xff\xd9"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """Returns a WebP of chunks."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunks(webp: bytes) -> list[tuple[bytes, bytes]]:
    """Splits a WebP."""
    chunks, place = [], 12
    while place + 8 <= len(webp):
        kind, length = struct.unpack_from("<4sI", webp, place)
        chunks.append((kind, webp[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return chunks


def bmp(
    size: tuple[int, int],
    pixels: bytes,
    bits: int,
    *,
    header: int = 40,
    packing: int = 0,
    palette: bytes = b"",
    colours: int = 0,
    masks: Sequence[int] = (),
) -> bytes:
    """Returns a BMP that says of itself what it likes.

    Args:
        size: Width and height; less than 0 where its first row is the uppermost.
        pixels: As they stand in the file.
        bits: Of a pixel.
        header: Its length; 12 is that of OS/2.
        packing: 0 is plain, 1 and 2 are run lengths, 3 has masks.
        palette: As it stands in the file.
        colours: How many it has; 0 stands for all.
        masks: After a header of 40 bytes, or in a longer one.
    """
    width, height = size
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack(
            "<IiiHHIIiiII", header, width, height, 1, bits, packing, len(pixels), 0, 0, colours, 0
        )
        head = (head + struct.pack(f"<{len(masks)}I", *masks)).ljust(header, b"\0")
    offset = 14 + len(head) + len(palette)
    start = b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset)
    return start + head + palette + pixels


def bmp_rows(values: Array, bits: int) -> bytes:
    """Returns a BMP's rows, from the lowest to the uppermost, each of whole four bytes."""
    packed = b""
    for line in values[::-1]:
        data = line.astype(f"<u{line.itemsize}").tobytes()
        if bits < 8:
            spread = np.unpackbits(line.astype(np.uint8)[:, None], axis=1)[:, 8 - bits :]
            data = np.packbits(spread).tobytes()
        packed += data + bytes(-len(data) % 4)
    return packed


def palette(colours: Array, width: int = 4) -> bytes:
    """Returns a BMP's palette of colours (N, 3), red first, in three or four bytes each."""
    return b"".join(bytes(colour[::-1]).ljust(width, b"\0") for colour in colours.astype(np.uint8).tolist())
