"""The elements of a DICOM file (PS3.5), found without trust in what they say of their length, kind or number.

Every step is the same in the page's twin, so that both hold the same files for whole.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from edge_app.dicom.tags import PIXEL_TAGS, WANTED, Tag

Order: TypeAlias = Literal["little", "big"]

MARKS = {"little": "<", "big": ">"}  # of ``struct`` and of numpy
LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
KINDS = LONG | SHORT
ENDLESS = 0xFFFFFFFF
MARK = 128  # where "DICM" stands
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

# More than a scanner writes into 20 MB, some 70 for each small frame, and read within two seconds.
MAX_ELEMENTS = 200_000
MAX_DEPTH = 16
MAX_TEXT = 4096  # bytes; a longer one is cut
MAX_DIGITS = 64

NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+-]?[0-9]+)?")


def is_dicom(data: bytes) -> bool:
    """Tells whether a file is DICOM: by its mark, or by its first element where the preamble is missing."""
    if data[MARK : MARK + 4] == b"DICM":
        return True
    if len(data) < 8 or data[:2] not in (b"\2\0", b"\x08\0"):
        return False
    return data[4:6] in KINDS or int.from_bytes(data[4:8], "little") <= len(data) - 8


class Element(NamedTuple):
    """Where an element's value lies, whether it has a length, and whether its items name their kinds."""

    tag: int
    kind: bytes
    start: int
    stop: int
    endless: bool
    explicit: bool


@dataclass
class Reader:
    """Walks the elements of a file's bytes.

    Attributes:
        data: Of the whole file.
        order: ``little``, or ``big`` where the file is big endian.
        steps: How many elements and items were met, each once.
    """

    data: bytes
    order: Order = "little"
    steps: int = field(default=0, init=False)
    _ends: dict[int, int] = field(default_factory=dict, init=False)

    def element(self, place: int, end: int, explicit: bool, depth: int = 0, met: bool = False) -> Element:
        """Reads the element or item at a place, up to where it ends.

        Args:
            place: Where it starts.
            end: Where what it lies in ends.
            explicit: Whether it names its kind.
            depth: Of what it lies in.
            met: Whether it was counted when the end of what it lies in was looked for.

        Raises:
            ValueError: It is cut, or there are too many, or too deep.
        """
        self.steps += not met
        if self.steps > MAX_ELEMENTS or depth > MAX_DEPTH or place + 8 > end:
            raise ValueError("elements")
        tag = self.tag(place)
        kind = self.data[place + 4 : place + 6]
        start, length = self._extent(place, end, tag, kind, explicit)
        endless = length == ENDLESS
        if depth == 0 and tag in PIXEL_TAGS:
            # The last that is read; whether there is enough of it is for the frame to say.
            return Element(tag, kind, start, min(start + length, end), endless, explicit)
        stop = self._end(start, end, tag, explicit, depth) if endless else start + length
        if stop > end:
            raise ValueError("elements")
        return Element(tag, kind, start, stop, endless, explicit)

    def tag(self, place: int) -> int:
        """Returns the group and element at a place."""
        return self._word(place) << 16 | self._word(place + 2)

    def is_explicit(self, place: int) -> bool:
        """Tells by the first element at a place whether elements there name their kinds."""
        return self.data[place + 4 : place + 6] in KINDS

    def _extent(self, place: int, end: int, tag: int, kind: bytes, explicit: bool) -> tuple[int, int]:
        """Returns where a value starts, and its length."""
        if not explicit or tag >> 16 == 0xFFFE:
            return place + 8, self._long(place + 4)
        if kind in SHORT:
            return place + 8, self._word(place + 6)
        if kind in LONG:
            if place + 12 > end:
                raise ValueError("elements")
            return place + 12, self._long(place + 8)
        # A kind that nobody knows: of the ways to write it, the first behind which a later element stands.
        ways = [(place + 8, self._word(place + 6))]
        if self._word(place + 6) == 0 and place + 12 <= end:
            ways.append((place + 12, self._long(place + 8)))
        ways.append((place + 8, self._long(place + 4)))
        for start, length in ways:
            stop = start + length
            if stop == end or (stop + 4 <= end and self.tag(stop) > tag):
                return start, length
        raise ValueError("elements")

    def _word(self, place: int) -> int:
        return int.from_bytes(self.data[place : place + 2], self.order)

    def _long(self, place: int) -> int:
        return int.from_bytes(self.data[place : place + 4], self.order)

    def _end(self, start: int, end: int, tag: int, explicit: bool, depth: int) -> int:
        """Returns where a sequence or an item without a length ends, behind its mark; it is walked once."""
        if start in self._ends:
            return self._ends[start]
        place = start
        mark = Tag.END_OF_ITEM if tag == Tag.ITEM else Tag.END_OF_SEQUENCE
        if tag == Tag.ITEM:
            explicit = explicit and self.is_explicit(place)
        while True:
            element = self.element(place, end, explicit, depth + 1)
            place = element.stop
            if element.tag == mark:
                self._ends[start] = place
                return place


class Elements:
    """The wanted elements of a file or of an item, by tag.

    Attributes:
        reader: Of the file.
    """

    def __init__(
        self, reader: Reader, place: int, end: int, explicit: bool, depth: int = 0, met: bool = False
    ) -> None:
        """Finds them, up to the pixels or the end.

        Raises:
            ValueError: They are cut.
        """
        self.reader = reader
        self._depth = depth
        self._found: dict[int, Element] = {}
        # Kept here and not by the reader: what refers to itself would outlive the file, and hold its bytes.
        self._known: dict[int, list[Elements]] = {}
        while place < end:
            element = reader.element(place, end, explicit, depth, met)
            if element.tag == Tag.END_OF_ITEM:
                return
            place = element.stop
            if element.tag in WANTED:
                self._found[element.tag] = element
            if depth == 0 and element.tag in PIXEL_TAGS:
                return

    @property
    def order(self) -> Order:
        """``little``, or ``big`` where the file is big endian."""
        return self.reader.order

    def __contains__(self, tag: int) -> bool:
        return tag in self._found

    def kind(self, tag: int) -> bytes:
        """Returns the two letters of an element's kind, where the file names it."""
        return self._found[tag].kind if tag in self else b""

    def is_endless(self, tag: int) -> bool:
        """Tells whether an element is there and names no length, as packed pixels do."""
        return tag in self and self._found[tag].endless

    def value(self, tag: int) -> memoryview:
        """Returns an element's bytes; none where it is missing."""
        element = self._found.get(tag)
        return memoryview(self.reader.data)[element.start : element.stop] if element else memoryview(b"")

    def text(self, tag: int) -> str:
        """Returns an element's text without blanks around it; empty where it is missing."""
        return _text(self.value(tag))

    def numbers(self, tag: int) -> list[float | None]:
        """Returns the finite numbers of a text, None for what is none."""
        return [_number(part) for part in self.text(tag).split("\\")] if tag in self else []

    def first(self, tag: int) -> float | None:
        """Returns the first number of a text; None where there is none."""
        return next(iter(self.numbers(tag)), None)

    def integer(self, tag: int) -> int | None:
        """Returns a whole number of two or four bytes; None where it is missing or of another length."""
        value = self.value(tag)
        return int.from_bytes(value, self.order) if len(value) in (2, 4) else None

    def double(self, tag: int) -> float | None:
        """Returns a finite number of eight bytes; None where there is none."""
        value = self.value(tag)
        number = float(struct.unpack(MARKS[self.order] + "d", value)[0]) if len(value) == 8 else math.nan
        return number if math.isfinite(number) else None

    def words(self, tag: int, count: int) -> list[int]:
        """Returns so many numbers of two bytes each.

        Raises:
            ValueError: There are fewer.
        """
        value = self.value(tag)
        if len(value) < 2 * count:
            raise ValueError("words")
        return list(struct.unpack_from(f"{MARKS[self.order]}{count}H", value))

    def items(self, tag: int) -> list[Elements]:
        """Returns the items of a sequence, even of one whose kind is unknown.

        Raises:
            ValueError: They are cut.
        """
        sequence = self._found.get(tag)
        if sequence is None:
            return []
        if tag not in self._known:
            self._known[tag] = self._items(sequence)
        return self._known[tag]

    def _items(self, sequence: Element) -> list[Elements]:
        found: list[Elements] = []
        place = sequence.start
        depth = self._depth + 1
        while place < sequence.stop:
            item = self.reader.element(place, sequence.stop, sequence.explicit, depth, sequence.endless)
            if item.tag == Tag.END_OF_SEQUENCE:
                break
            if item.tag != Tag.ITEM:
                raise ValueError("items")
            # What a system without a dictionary stored as unknown names no kinds inside.
            explicit = sequence.explicit and self.reader.is_explicit(item.start)
            found.append(Elements(self.reader, item.start, item.stop, explicit, depth, item.endless))
            place = item.stop
        return found


def _text(value: memoryview) -> str:
    return bytes(value[:MAX_TEXT]).decode("latin-1").strip(" \0")


def _number(text: str) -> float | None:
    text = text.strip(" \0")
    if len(text) > MAX_DIGITS or not NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def read_transfer(data: bytes) -> tuple[str, int]:
    """Reads the preamble and the elements of group 2 alone.

    Returns:
        The transfer syntax, implicit little endian where none is named; and where the data set starts.

    Raises:
        ValueError: They are cut.
    """
    reader = Reader(data)
    place = MARK + 4 if data[MARK : MARK + 4] == b"DICM" else 0
    transfer = ""
    while place + 8 <= len(data) and reader.tag(place) >> 16 == 2:
        element = reader.element(place, len(data), explicit=True)
        if element.tag == Tag.TRANSFER:
            transfer = _text(memoryview(data)[element.start : element.stop])
        place = element.stop
    return transfer or IMPLICIT, place


def read_elements(data: bytes, transfer: str, place: int) -> Elements:
    """Reads a data set, whatever its transfer syntax says of the kinds of elements.

    Raises:
        ValueError: It is cut.
    """
    reader = Reader(data, "big" if transfer == BIG_ENDIAN else "little")
    return Elements(reader, place, len(data), reader.is_explicit(place))
