"""BMP: its header."""

from __future__ import annotations

import struct
from dataclasses import dataclass

OS2, WINDOWS, OS2_LONG = 12, 40, 64  # lengths of the header
HEADERS = (OS2, WINDOWS, 52, 56, OS2_LONG, 108, 124)
PLAIN, RLE8, RLE4, MASKS = 0, 1, 2, 3  # ways to pack
# Bits of a pixel by way of packing. Those of 2 and 16 bits no two decoders read alike.
BITS = {PLAIN: (1, 4, 8, 24, 32), RLE8: (8,), RLE4: (4,), MASKS: (32,)}
BGR = (0xFF0000, 0xFF00, 0xFF)
ALPHA = (0, 0xFF000000)


@dataclass(frozen=True)
class Bmp:
    """A BMP file.

    Attributes:
        size: Width and height.
        data: The file.
    """

    size: tuple[int, int]
    data: bytes
    orientation: int = 1


def read(data: bytes) -> Bmp | None:
    """Reads a BMP's header; None where it is of a rare kind that decoders read differently.

    Raises:
        struct.error, ValueError: It breaks off or contradicts itself.
    """
    offset, length = struct.unpack_from("<II", data, 10)
    if length not in HEADERS:
        return None
    packing, colours = PLAIN, 0
    if length == OS2:
        width, height, _, bits = struct.unpack_from("<4H", data, 18)
    else:
        width, height, _, bits, packing = struct.unpack_from("<IiHHI", data, 18)
        (colours,) = struct.unpack_from("<I", data, 46)
    # With a mask for alpha and no use for it.
    odd = packing == PLAIN and bits == 32 and length > OS2_LONG
    if odd or bits not in BITS.get(packing, ()) or (packing == MASKS and not _are_usual(data, length)):
        return None
    if packing in (RLE8, RLE4) and colours in (1, 2):
        return None
    start = 14 + length
    if bits <= 8:
        start += (colours or 1 << bits) * (3 if length == OS2 else 4)
    elif packing == MASKS and length == WINDOWS:
        start += 12
    if colours > 1 << bits or offset < start or offset >= len(data):
        raise ValueError("offset")
    if packing in (PLAIN, MASKS) and offset + (width * bits + 31) // 32 * 4 * abs(height) > len(data):
        raise ValueError("cut")
    return Bmp((width, abs(height)), data)


def _are_usual(data: bytes, length: int) -> bool:
    *colours, alpha = struct.unpack_from("<4I", data, 54)
    return length != OS2_LONG and tuple(colours) == BGR and (length <= 52 or alpha in ALPHA)
