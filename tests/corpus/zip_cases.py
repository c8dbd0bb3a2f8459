"""ZIP files as people and programs write them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from tests.dicoms import dicom
from tests.phantoms import phantom, png

Entries = dict[str, bytes]

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def frames(count: int, size: int = 64) -> bytes:
    """Returns a DICOM file of several frames."""
    drawn = [np.asarray(phantom("glioma", seed, size=size)) for seed in range(min(count, 20))]
    return dicom(np.stack([drawn[frame % len(drawn)] for frame in range(count)]))


def zipped(entries: Entries, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Returns a ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.comment = comment
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_cases() -> Iterator[tuple[str, bytes]]:
    """Yields each with a name of its own."""
    picture = png(phantom("glioma", 1, size=64))
    plain = zipped({"a.png": picture})
    yield "several of several kinds", zipped({"b.png": picture, "many": frames(3), "a.txt": b"x", "e": b""})
    yield "stored", zipped({"a.png": picture, "many": frames(2)}, zipfile.ZIP_STORED)
    yield "no files", zipped({})
    yield "folders alone", zipped({"folder/": b"", "other\\": b""})
    litter = {
        "__MACOSX/._a.png": b"x",
        ".DS_Store": b"x",
        "DICOMDIR": b"x",
        "a/Thumbs.db": b"x",
        ".b/c.png": b"x",
    }
    yield "litter alone", zipped(litter)
    yield "litter and a slice", zipped({**litter, "Sukarno Siti/IM1": frames(2)})
    names = (
        "../../etc/a.png",
        "C:\\Users\\b.png",
        "/c.png",
        "\x1b[2Jd",
        "a\u202egpj.exe",
        "//host/share/e.png",
        "..",
        "f",
    )
    yield "names that play tricks", zipped(dict.fromkeys(names, picture))
    order = ("b/a.png", "a.png", "a/z.png", "B.png", "\U0001f9e0.png", "\uffee.png", "ä.png")
    yield "sorted by code points", zipped(dict.fromkeys(order, picture))
    yield "names in code page 437", plain.replace(b"a.png", b"\x80\x9b\xe1\xffa")
    yield "names of damaged UTF-8", _flagged(plain, 0x800).replace(b"a.png", b"\xff.png")
    yield "a name that ends at once", zipped({"a.png": picture, "b": picture}).replace(b"a.png", b"\0.png")
    yield "with a comment", zipped({"a.png": picture}, comment=b"made by a PACS")
    yield "a comment that is cut", zipped({"a.png": picture}, comment=b"made by a PACS")[:-5]
    yield "something before it", b"PK\x03\x04 is how it begins" + plain
    yield "something behind it", plain + b"x"
    yield "with sizes in 64 bits", _wide(picture)
    yield "locked", _flagged(plain, 1)
    yield "locked and too large", _flagged(_declared(plain, 20_000_001), 1)
    yield "patched", _flagged(plain, 0x20)
    yield "another method", _packed(plain, 12)
    yield "a later version", _changed(plain, CENTRAL, 6, "<H", 64)
    yield "another name inside", plain.replace(b"a.png", b"b.png", 1)
    yield "a wrong checksum", _changed(plain, CENTRAL, 16, "<I", 7)
    yield "a ZIP file inside", zipped({"inner.zip": plain, "b.png": picture})
    yield "a bomb that says so", zipped({"a.png": bytes(20_000_001)})
    yield "a bomb that lies", _declared(zipped({"a.png": bytes(30_000_000)}), 1000)
    yield "less than it says", _declared(plain, len(picture) + 9)
    yield "nothing, it says", _declared(plain, 0)
    yield "too much in all", _declared(zipped({f"{i}": b"x" for i in range(60)}), 19_000_000)
    yield "too many", zipped({f"{i}.png": b"x" for i in range(2001)}, zipfile.ZIP_STORED)
    yield "too many frames", zipped({"a": frames(1500, 32), "b": frames(501, 32)})
    yield "a damaged slice between others", _damaged(picture)
    for end in (4, 21, 30, 100, -30, -1):
        yield f"cut at {end}", plain[:end]


def mutants(count: int) -> Iterator[bytes]:
    """Yields ZIP files of which four bytes are others; most of them in what the format says of itself."""
    whole = zipped({"a.png": png(phantom("glioma", 1, size=48)), "b/c.dcm": frames(2, 32)})
    random = np.random.default_rng(18)
    for _ in range(count):
        data = bytearray(whole)
        for place in random.choice([*range(4, 120), *range(len(data) - 250, len(data))], 4):
            data[place] = random.integers(256)
        yield bytes(data)


def _changed(data: bytes, mark: bytes, place: int, kind: str, *values: int) -> bytes:
    """Writes a field of every record that begins with a mark."""
    changed = bytearray(data)
    at = data.find(mark)
    while at >= 0:
        struct.pack_into(kind, changed, at + place, *values)
        at = data.find(mark, at + 4)
    return bytes(changed)


def _flagged(data: bytes, flags: int) -> bytes:
    return _changed(_changed(data, LOCAL, 6, "<H", flags), CENTRAL, 8, "<H", flags)


def _packed(data: bytes, method: int) -> bytes:
    return _changed(_changed(data, LOCAL, 8, "<H", method), CENTRAL, 10, "<H", method)


def _declared(data: bytes, size: int) -> bytes:
    return _changed(_changed(data, LOCAL, 22, "<I", size), CENTRAL, 24, "<I", size)


def _damaged(picture: bytes) -> bytes:
    data = bytearray(zipped({"a.png": picture, "b.png": picture, "c.png": picture}, zipfile.ZIP_STORED))
    data[data.index(picture, data.index(b"b.png")) + 99] ^= 255
    return bytes(data)


def _wide(picture: bytes) -> bytes:
    """Writes sizes and places in 64 bits, as programs do that don't know how large a file will be."""
    name, crc = b"a.png", zlib.crc32(picture)
    local = struct.pack("<4s5H3I2H", LOCAL, 45, 0, 0, 0, 0, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), 20)
    local += name + struct.pack("<2H2Q", 1, 16, len(picture), len(picture)) + picture
    entry = struct.pack(
        "<4s4B4HL2L5H2L",
        CENTRAL,
        45,
        0,
        45,
        0,
        0,
        0,
        0,
        0,
        crc,
        0xFFFFFFFF,
        0xFFFFFFFF,
        len(name),
        28,
        0,
        0,
        0,
        0,
        0xFFFFFFFF,
    )
    entry += name + struct.pack("<2H3Q", 1, 24, len(picture), len(picture), 0)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + len(entry), 1)
    end = struct.pack("<4s4H2LH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + entry + wide + locator + end
