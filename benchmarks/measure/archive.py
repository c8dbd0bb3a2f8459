"""Archives of drawn slices, as a hospital keeps them: DICOM files in a folder for each study."""

from __future__ import annotations

import struct
from pathlib import Path

from benchmarks.measure.sample_images import drawn

ROOT_UID = "2.25.7"  # of nobody
SLICES = 20  # of a study
MR = "1.2.840.10008.5.1.4.1.1.4"
EXPLICIT = "1.2.840.10008.1.2.1"


def write_archive(folder: Path, files: int, side: int) -> None:
    """Writes one; the same arguments give the same files.

    Args:
        folder: Made where absent.
        files: How many slices, ``SLICES`` to a study.
        side: Width and height of each, in pixels of 16 bits.
    """
    pictures = [(levels.astype("<u2") * 16).tobytes() for levels in drawn(side)]
    for index in range(files):
        study, number = divmod(index, SLICES)
        place = folder / f"{study // 1000:03d}" / f"study-{study:06d}"
        if number == 0:
            place.mkdir(parents=True, exist_ok=True)
        picture = pictures[index % len(pictures)]
        (place / f"{number:04d}.dcm").write_bytes(dicom(picture, side, f"{ROOT_UID}.{study}", number))


def dicom(pixels: bytes, side: int, study: str, number: int) -> bytes:
    """Returns a file of one slice.

    Args:
        pixels: Of 16 bits, little endian.
        side: Its width and height.
        study: UID of its study.
        number: Of the slice in its series.
    """
    meta = b"".join(
        (
            _element(2, 0x02, "UI", MR),
            _element(2, 0x03, "UI", f"{study}.1.{number}"),
            _element(2, 0x10, "UI", EXPLICIT),
        )
    )
    levels = [(0x0010, side), (0x0011, side), (0x0100, 16), (0x0101, 16), (0x0102, 15), (0x0103, 0)]
    return b"".join(
        (
            bytes(128),
            b"DICM",
            _element(2, 0x00, "UL", len(meta)),
            meta,
            _element(0x08, 0x16, "UI", MR),
            _element(0x08, 0x18, "UI", f"{study}.1.{number}"),
            _element(0x08, 0x60, "CS", "MR"),
            _element(0x20, 0x0D, "UI", study),
            _element(0x20, 0x0E, "UI", f"{study}.1"),
            _element(0x28, 0x02, "US", 1),
            _element(0x28, 0x04, "CS", "MONOCHROME2"),
            *(_element(0x28, element, "US", value) for element, value in levels),
            struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, len(pixels)),
            pixels,
        )
    )


def _element(group: int, element: int, kind: str, value: str | int) -> bytes:
    if isinstance(value, int):
        data = struct.pack("<I" if kind == "UL" else "<H", value)
    else:
        data = value.encode()
        data += (b"\0" if kind == "UI" else b" ") * (len(data) % 2)
    return struct.pack("<HH2sH", group, element, kind.encode(), len(data)) + data
