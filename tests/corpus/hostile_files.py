"""Writes files that cost a reader far more than their bytes: bombs, small here, of any size on request."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from PIL import Image

PNG = b"\x89PNG\r\n\x1a\n"
MR = b"1.2.840.10008.5.1.4.1.1.4"


def deflated_zeros(length: int) -> bytes:
    """Returns zlib's bytes of so many zeros, without making them."""
    check = (length % 65521) << 16 | 1
    return b"\x78\xda" + _raw_zeros(length) + b"\3\0" + struct.pack(">I", check)


def _raw_zeros(length: int) -> bytes:
    """Returns blocks that unpack to zeros, none of them the last."""
    whole, rest = divmod(length, 1_000_000)
    return _block(bytes(1_000_000)) * whole + _block(bytes(rest))


def _block(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


# PNG


def png_chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    return png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_rows(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    """Returns the chunk of a black picture."""
    samples = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    return png_chunk(b"IDAT", deflated_zeros(height * (1 + width * samples * depth // 8)))


def png_of(width: int, height: int, depth: int = 8, colour: int = 0, before: bytes = b"") -> bytes:
    """Returns a black picture, with chunks before its rows."""
    header, rows = png_header(width, height, depth, colour), png_rows(width, height, depth, colour)
    return PNG + header + before + rows + png_chunk(b"IEND")


def png_header_alone(width: int, height: int) -> bytes:
    return PNG + png_header(width, height) + png_rows(64, 64) + png_chunk(b"IEND")


def png_texts(count: int, unpacked: int) -> bytes:
    """A picture with packed texts that unpack to so many bytes each."""
    text = png_chunk(b"zTXt", b"a\0\0" + deflated_zeros(unpacked))
    return png_of(64, 64, before=text * count)


def png_profile(unpacked: int) -> bytes:
    return png_of(64, 64, before=png_chunk(b"iCCP", b"a\0\0" + deflated_zeros(unpacked)))


def png_chunks(count: int, kind: bytes = b"teSt") -> bytes:
    return png_of(64, 64, before=png_chunk(kind) * count)


def png_empty_rows(count: int) -> bytes:
    return PNG + png_header(64, 64) + png_chunk(b"IDAT") * count + png_rows(64, 64) + png_chunk(b"IEND")


def png_rows_without_end(unpacked: int) -> bytes:
    """A picture of 64 x 64 whose rows go on and on."""
    return PNG + png_header(64, 64) + png_chunk(b"IDAT", deflated_zeros(unpacked)) + png_chunk(b"IEND")


def png_behind_the_rows(length: int) -> bytes:
    """A picture with so many bytes behind the end of its packed rows."""
    rows = png_chunk(b"IDAT", zlib.compress(bytes(300 * 301)) + bytes(length))
    return PNG + png_header(300, 300) + rows + png_chunk(b"IEND")


def apng(said: int, frames: int) -> bytes:
    """An animation that says that it has so many frames, and has so many."""
    animation = png_chunk(b"acTL", struct.pack(">II", said, 0))
    rows = zlib.compress(bytes(64 * 65))
    control = [
        png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", sequence, 64, 64, 0, 0, 1, 1, 0, 0))
        for sequence in range(0, 2 * frames + 1, 2)
    ]
    data = [
        png_chunk(b"fdAT", struct.pack(">I", sequence) + rows) for sequence in range(1, 2 * frames + 1, 2)
    ]
    later = b"".join(one + other for one, other in zip(control[1:], data, strict=False))
    whole = [PNG, png_header(64, 64), animation, control[0], png_rows(64, 64), later, png_chunk(b"IEND")]
    return b"".join(whole)


# JPEG


def jpeg_of(width: int, height: int, mode: str = "L", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def jpeg_with(between: bytes) -> bytes:
    """A picture with bytes before its tables."""
    whole = jpeg_of(64, 64)
    return whole[:2] + between + whole[2:]


def jpeg_scans(width: int, height: int, count: int) -> bytes:
    """A progressive picture whose last scan comes again and again."""
    whole = jpeg_of(width, height, progressive=True)
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * count + whole[-2:]


def jpeg_profiles(count: int, size: int) -> bytes:
    body = b"ICC_PROFILE\0" + bytes([1, 255]) + bytes(size)
    return jpeg_with((b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body) * count)


def jpeg_exif(entries: int) -> bytes:
    """A picture whose EXIF entries all point at the same long value."""
    entry = struct.pack("<HHII", 0x9286, 7, 60_000, 8)
    tiff = b"II*\0" + struct.pack("<IH", 8, entries) + entry * entries + bytes(4)
    body = b"Exif\0\0" + tiff
    return jpeg_with(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)


# WebP


def riff(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    parts = [kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for kind, body in chunks]
    whole = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def webp_of_one_colour(width: int, height: int) -> bytes:
    """A lossless picture of any size in 38 bytes: a palette of one colour, whose pixels take no bits."""
    size = (width - 1) | (height - 1) << 14 | 1 << 28
    palette = bytes.fromhex("07d0842634a1648188e87f0000")
    return riff([(b"VP8L", b"\x2f" + struct.pack("<I", size) + palette)])


def _canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    return b"VP8X", struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(
        3, "little"
    )


def webp_frames(width: int, height: int, count: int) -> bytes:
    """An animation on a large canvas, whose frames are one small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "WEBP")
    picture = buffer.getvalue()[12:]
    frame = bytes(6) + (39).to_bytes(3, "little") * 2 + (10).to_bytes(3, "little") + b"\0" + picture
    return riff([_canvas(width, height, 2), (b"ANIM", bytes(6)), *[(b"ANMF", frame)] * count])


def webp_cut_canvas() -> bytes:
    """A canvas of 64 x 64 whose chunk is cut, so that the next one's name counts as its height."""
    kind, canvas = _canvas(64, 64)
    picture = webp_of_one_colour(64, 64)[12:]
    length = struct.unpack_from("<I", picture, 4)[0]
    return riff([(kind, canvas[:8]), (picture[:4], picture[8 : 8 + length])])


def webp_chunks(count: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "WEBP")
    picture = buffer.getvalue()[12:]
    length = struct.unpack_from("<I", picture, 4)[0]
    return riff([_canvas(64, 64), *[(b"teST", b"")] * count, (picture[:4], picture[8 : 8 + length])])


# BMP


def bmp_of(width: int, height: int, rows: bytes = b"", compression: int = 1) -> bytes:
    """Eight bits a pixel, run-length encoded."""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, compression, len(rows), 0, 0, 256, 0)
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    start = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + head + palette + rows


# DICOM


def element(group: int, number: int, kind: bytes, value: bytes, length: int | None = None) -> bytes:
    value += bytes(len(value) % 2) if length is None else b""
    length = len(value) if length is None else length
    head = struct.pack("<HH", group, number) + kind
    if kind in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return head + struct.pack("<HI", 0, length) + value
    return head + struct.pack("<H", length) + value


def item(value: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value


END_OF_ITEM = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
END_OF_SEQUENCE = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
ENDLESS = 0xFFFFFFFF


def dicom_of(
    pixels: bytes,
    transfer: bytes = b"1.2.840.10008.1.2.1",
    rows: int = 64,
    columns: int = 64,
    bits: int = 8,
    frames: bytes = b"1",
    before: bytes = b"",
) -> bytes:
    """A file of MR, with elements before its pixels."""
    meta = element(2, 2, b"UI", MR) + element(2, 0x10, b"UI", transfer)
    meta = element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    body = element(8, 0x16, b"UI", MR) + element(8, 0x60, b"CS", b"MR") + before
    numbers = ((0x02, 1), (0x10, rows), (0x11, columns), (0x100, bits), (0x101, bits), (0x102, bits - 1))
    said = {number: element(0x28, number, b"US", struct.pack("<H", value)) for number, value in numbers}
    said[0x04] = element(0x28, 4, b"CS", b"MONOCHROME2 ")
    said[0x08] = element(0x28, 8, b"IS", frames)
    said[0x103] = element(0x28, 0x103, b"US", bytes(2))
    return bytes(128) + b"DICM" + meta + body + b"".join(said[key] for key in sorted(said)) + pixels


def unpacked(length: int = 64 * 64) -> bytes:
    return element(0x7FE0, 0x10, b"OW", bytes(length))


def packed(fragments: Iterable[bytes]) -> bytes:
    """Encapsulated pixels with an empty table of offsets."""
    parts = b"".join([item(), *map(item, fragments)]) + END_OF_SEQUENCE
    return element(0x7FE0, 0x10, b"OB", parts, ENDLESS)


def dicom_elements(count: int) -> bytes:
    """Empty elements of a private group, before the pixels."""
    return dicom_of(unpacked(), before=element(9, 1, b"LO", b"") * count)


def dicom_items(count: int, endless: bool = False) -> bytes:
    """Empty items of a sequence that is of no use, and may not say how long it is."""
    if endless:
        sequence = element(8, 0x1140, b"SQ", item() * count + END_OF_SEQUENCE, ENDLESS)
    else:
        sequence = element(8, 0x1140, b"SQ", item() * count)
    return dicom_of(unpacked(), before=sequence)


def dicom_nested(depth: int) -> bytes:
    opened = element(8, 0x1140, b"SQ", b"", ENDLESS) + item(length=ENDLESS)
    closed = END_OF_ITEM + END_OF_SEQUENCE
    return dicom_of(unpacked(), before=opened * depth + closed * depth)


def dicom_functional_groups(count: int, pixels: bytes = b"") -> bytes:
    """An enhanced file that says something of very many frames, packed ones of no bytes unless given."""
    about = element(0x20, 0x9111, b"SQ", item(element(0x20, 0x9057, b"UL", bytes(4))))
    groups = element(0x5200, 0x9230, b"SQ", item(about) * count)
    syntax = b"1.2.840.10008.1.2.1" if pixels else b"1.2.840.10008.1.2.5"
    return dicom_of(groups + (pixels or packed([b""] * count)), syntax, frames=str(count).encode())


def dicom_shared_groups(frames: int, items: int) -> bytes:
    """An enhanced file of frames that have nothing to themselves, and very much in common."""
    about = element(0x20, 0x9111, b"SQ", item(length=ENDLESS) + END_OF_ITEM + item() * items)
    shared = element(0x5200, 0x9229, b"SQ", item(about))
    groups = element(0x5200, 0x9230, b"SQ", item() * frames + END_OF_SEQUENCE, ENDLESS)
    return dicom_of(
        shared + groups + packed([b""] * frames), b"1.2.840.10008.1.2.5", frames=str(frames).encode()
    )


def dicom_fragments(count: int, transfer: bytes = b"1.2.840.10008.1.2.5") -> bytes:
    return dicom_of(packed([b""] * count), transfer)


def dicom_text(values: int) -> bytes:
    """A window of very many centres."""
    window = element(0x28, 0x1050, b"UN", b"1\\" * values) + element(0x28, 0x1051, b"UN", b"1\\" * values)
    return dicom_of(window + unpacked())


def dicom_deflated(length: int) -> bytes:
    whole = dicom_of(b"", b"1.2.840.10008.1.2.1.99")
    start = whole.index(element(8, 0x16, b"UI", MR)[:8])
    return whole[:start] + _block(whole[start:]) + _raw_zeros(length) + b"\3\0"


def dicom_rle(rows: int, columns: int, segment: bytes, starts: Iterable[int], count: int = 1) -> bytes:
    head = struct.pack("<16I", count, *[*starts, *[0] * 15][:15])
    return dicom_of(packed([head + segment]), b"1.2.840.10008.1.2.5", rows, columns)


def dicom_jpeg(width: int, height: int, said: tuple[int, int]) -> bytes:
    """A baseline JPEG of one size, in a file that says another."""
    frame = jpeg_of(width, height)
    return dicom_of(packed([frame]), b"1.2.840.10008.1.2.4.50", *said)


def dicom_jpeg_2000(side: int, tile: int, said: int) -> bytes:
    buffer = io.BytesIO()
    small = Image.fromarray(np.zeros((64, 64), np.uint8))
    small.save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
    stream = bytearray(buffer.getvalue())
    struct.pack_into(">8I", stream, 8, side, side, 0, 0, tile, tile, 0, 0)
    return dicom_of(packed([bytes(stream)]), b"1.2.840.10008.1.2.4.90", said, said)


def dicom_jpeg_ls(side: int, said: int) -> bytes:
    """A head of JPEG-LS alone, as large as it says."""
    start = b"\xff\xd8\xff\xf7" + struct.pack(">HBHHB", 11, 8, side, side, 1) + b"\1\x11\0"
    scan = b"\xff\xda" + struct.pack(">HBBB", 8, 1, 1, 0) + bytes(3) + bytes(1000) + b"\xff\xd9"
    return dicom_of(packed([start + scan]), b"1.2.840.10008.1.2.4.80", said, said)
