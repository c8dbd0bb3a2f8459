"""DICOM files written element by element, so that each may be as odd as those that scanners write."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

Tag: TypeAlias = tuple[int, int]

LONG = (b"OB", b"OF", b"OD", b"OW", b"SQ", b"UN")
ENDLESS = 0xFFFFFFFF
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"

SAMPLES, PHOTOMETRIC, PLANAR, FRAMES = (0x28, 0x02), (0x28, 0x04), (0x28, 0x06), (0x28, 0x08)
ROWS, COLUMNS, SPACING, ASPECT = (0x28, 0x10), (0x28, 0x11), (0x28, 0x30), (0x28, 0x34)
ALLOCATED, STORED, HIGH_BIT, SIGNED = (0x28, 0x100), (0x28, 0x101), (0x28, 0x102), (0x28, 0x103)
PADDING, PADDING_LIMIT = (0x28, 0x120), (0x28, 0x121)
CENTRE, WIDTH, INTERCEPT, SLOPE = (0x28, 0x1050), (0x28, 0x1051), (0x28, 0x1052), (0x28, 0x1053)
FUNCTION, MODALITY_LUTS, VOI_LUTS = (0x28, 0x1056), (0x28, 0x3000), (0x28, 0x3010)
LUT_SHAPE, LUT = (0x28, 0x3002), (0x28, 0x3006)
FRAME_VOIS, VALUE_TRANSFORMATIONS, PIXEL_MEASURES = (0x28, 0x9132), (0x28, 0x9145), (0x28, 0x9110)
MODALITY, BODY_PART, REGIONS = (0x08, 0x60), (0x18, 0x15), (0x08, 0x2218)
CODE_VALUE, CODE_MEANING = (0x08, 0x100), (0x08, 0x104)
SHARED, PER_FRAME = (0x5200, 0x9229), (0x5200, 0x9230)
ANATOMIES, CONTENTS, STACK, IN_STACK = (0x20, 0x9071), (0x20, 0x9111), (0x20, 0x9056), (0x20, 0x9057)
ECHOES, ECHO_TIME = (0x18, 0x9114), (0x18, 0x9082)
POSITIONS, POSITION = (0x20, 0x9113), (0x20, 0x32)
ORIENTATIONS, ORIENTATION = (0x20, 0x9116), (0x20, 0x37)
PRESENTATION = (0x2050, 0x20)
PRIVATE = (0x21, 0x1001)
FLOATS, DOUBLES, PIXELS = (0x7FE0, 0x08), (0x7FE0, 0x09), (0x7FE0, 0x10)


@dataclass(frozen=True)
class Element:
    """One element.

    Attributes:
        tag: Group and element.
        kind: Two letters.
        value: Bytes as they stand in the file, a text, whole numbers, or the elements of each item.
        endless: Whether a sequence names no lengths.
    """

    tag: Tag
    kind: bytes
    value: bytes | str | Sequence[int] | Sequence[list[Element]]
    endless: bool = False


@dataclass(frozen=True)
class Style:
    """How elements are written."""

    explicit: bool = True
    order: Literal["<", ">"] = "<"

    def write(self, elements: Sequence[Element]) -> bytes:
        """Returns the bytes of elements, as they come."""
        return b"".join(self._element(element) for element in elements)

    def _element(self, element: Element) -> bytes:
        value = self._value(element)
        length = ENDLESS if element.endless else len(value)
        head = struct.pack(self.order + "HH", *element.tag)
        if not self.explicit:
            return head + struct.pack(self.order + "I", length) + value
        if element.kind in LONG:
            return head + element.kind + struct.pack(self.order + "HI", 0, length) + value
        return head + element.kind + struct.pack(self.order + "H", length) + value

    def _value(self, element: Element) -> bytes:
        value = element.value
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode("latin-1") + b" " * (len(value) % 2)
        if element.kind == b"SQ" or element.kind == b"UN":
            items = [self._item(item, element.endless) for item in value if isinstance(item, list)]
            return b"".join(items) + (self._mark(0xE0DD, 0) if element.endless else b"")
        letter = {b"UL": "I", b"FD": "d", b"SS": "h"}.get(element.kind, "H")
        return struct.pack(f"{self.order}{len(value)}{letter}", *value)

    def _item(self, elements: list[Element], endless: bool) -> bytes:
        inside = self.write(elements)
        if endless:
            return self._mark(0xE000, ENDLESS) + inside + self._mark(0xE00D, 0)
        return self._mark(0xE000, len(inside)) + inside

    def _mark(self, element: int, length: int) -> bytes:
        return struct.pack(self.order + "HHI", 0xFFFE, element, length)


@dataclass(frozen=True)
class Slice:
    """A file of MR pixels, whose elements can be set otherwise, or left out.

    Attributes:
        pixels: (H, W), (frames, H, W), (H, W, 3) of colours; or the packed bytes of such.
        elements: Those in place of the usual ones, or besides, in any order.
        without: Usual ones that are left out.
        transfer: As the file names it; nothing where it doesn't.
        style: How its elements are written.
        preamble: Whether there is one.
        meta: Whether there is a group 2.
    """

    pixels: NDArray[Any]
    elements: Sequence[Element] = ()
    without: Sequence[Tag] = ()
    transfer: str = EXPLICIT
    style: Style = field(default_factory=Style)
    preamble: bool = True
    meta: bool = True
    packed: bytes | None = None

    def but(self, *elements: Element, **changes: Any) -> Slice:
        """Returns another with these elements too."""
        return replace(self, elements=[*self.elements, *elements], **changes)

    def bytes(self) -> bytes:
        """Returns the file."""
        names = [Element((2, 0x10), b"UI", self.transfer.encode() + b"\0" * (len(self.transfer) % 2))]
        meta = Style().write([Element((2, 1), b"OB", b"\0\1"), *(names if self.transfer else [])])
        found = {element.tag: element for element in [*self._usual(), *self.elements]}
        body = self.style.write([found[tag] for tag in sorted(found) if tag not in self.without])
        start = bytes(128) + b"DICM" if self.preamble else b""
        return start + (meta if self.meta else b"") + body

    def _usual(self) -> list[Element]:
        pixels = self.pixels
        colours = pixels.shape[-1] == 3
        rows, columns = pixels.shape[:2] if colours else pixels.shape[-2:]
        bits = 8 * pixels.itemsize
        frames = [Element(FRAMES, b"IS", str(len(pixels)))] if pixels.ndim == 3 and not colours else []
        return [
            Element((0x08, 0x16), b"UI", b"1.2.840.10008.5.1.4.1.1.4\0"),
            Element(MODALITY, b"CS", "MR"),
            Element((0x10, 0x10), b"PN", "Nobody^At all"),
            Element(SAMPLES, b"US", [3 if colours else 1]),
            Element(PHOTOMETRIC, b"CS", "RGB" if colours else "MONOCHROME2"),
            *([Element(PLANAR, b"US", [0])] if colours else []),
            *frames,
            Element(ROWS, b"US", [rows]),
            Element(COLUMNS, b"US", [columns]),
            Element(ALLOCATED, b"US", [bits]),
            Element(STORED, b"US", [bits]),
            Element(HIGH_BIT, b"US", [bits - 1]),
            Element(SIGNED, b"US", [int(pixels.dtype.kind == "i")]),
            self._pixel_element(),
        ]

    def _pixel_element(self) -> Element:
        if self.packed is not None:
            return Element(PIXELS, b"OB", self.packed, endless=True)
        data = self.pixels.astype(self.pixels.dtype.newbyteorder(self.style.order)).tobytes()
        return Element(PIXELS, b"OB" if self.pixels.itemsize == 1 else b"OW", data + b"\0" * (len(data) % 2))


def encapsulated(*fragments: bytes, table: Sequence[int] = ()) -> bytes:
    """Returns packed pixels: an offset table, the fragments, and the mark behind them."""
    parts = [struct.pack(f"<{len(table)}I", *table), *fragments]
    padded = [part + b"\0" * (len(part) % 2) for part in parts]
    items = [struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part for part in padded]
    return b"".join(items) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def run_lengths(values: NDArray[Any]) -> bytes:
    """Packs a frame as PS3.5, annex G, says: (H, W) of 8 or 16 bits, or (H, W, 3) of 8."""
    if values.ndim == 3:
        planes = [values[..., channel].tobytes() for channel in range(3)]
    else:
        order = values.astype(values.dtype.newbyteorder(">")).tobytes()
        planes = [order[index :: values.itemsize] for index in range(values.itemsize)]
    return rle_frame([pack_bits(plane) for plane in planes])


def rle_frame(segments: Sequence[bytes], places: Sequence[int] | None = None) -> bytes:
    """Returns segments behind a header that names their places, or others."""
    if places is None:
        places = [64 + sum(len(segment) for segment in segments[:index]) for index in range(len(segments))]
    header = struct.pack("<16I", len(segments), *places, *[0] * (15 - len(places)))
    return header + b"".join(segments)


def pack_bits(plane: bytes) -> bytes:
    """Packs bytes: runs of two and more as such, the others as they are; of even length."""
    packed = bytearray()
    place = 0
    while place < len(plane):
        run = 1
        while run < 128 and plane[place : place + run + 1] == plane[place : place + 1] * (run + 1):
            run += 1
        packed += bytes([(257 - run) % 256, plane[place]])
        place += run
    return bytes(packed) + b"\x80" * (len(packed) % 2)
