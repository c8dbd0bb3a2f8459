"""The one thing that Otak reads of EXIF: which way up a picture is."""

from __future__ import annotations

import struct

ORIENTATION = 0x0112
SHORT = 3
PREFIX = b"Exif\0\0"


def orientation(block: bytes) -> int:
    """Returns the orientation that an EXIF block names, 1 to 8; 1, upright, where it names none.

    Args:
        block: A TIFF header and its first directory, with or without ``PREFIX``.
    """
    block = block.removeprefix(PREFIX)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return 1
    try:
        (place,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, place)
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", block, entry)
            if tag == ORIENTATION:
                return value if kind == SHORT and 1 <= value <= 8 else 1
    # A broken block is no reason to refuse a picture.
    except struct.error:
        pass
    return 1
