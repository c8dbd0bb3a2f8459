"""The frames of a file: what is said of each, and which of them stands for all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge_app.dicom.elements import Elements
from edge_app.dicom.tags import Tag

ALIKE = 0.99  # the cosine between the normals of one stack's slices, at least
STEPS = 1000  # a millimetre; what lies nearer than one is the same place


class Frames:
    """What a file says of its frames, by their functional groups where it is an enhanced one.

    Attributes:
        count: How many there are.
    """

    def __init__(self, file: Elements) -> None:
        """Reads the functional groups.

        Raises:
            ValueError: They are cut, or the number of frames is none.
        """
        self._file = file
        count = file.first(Tag.FRAMES) if file.text(Tag.FRAMES) else 1.0
        if count is None or count < 0 or count != math.floor(count):
            raise ValueError("frames")
        self.count = max(1, int(count))
        self._shared = file.items(Tag.SHARED)[:1]
        self._own = file.items(Tag.PER_FRAME)

    def groups(self, frame: int) -> list[Elements]:
        """Returns what is said of a frame alone, and of all."""
        return self._own[frame : frame + 1] + self._shared

    def about(self, frame: int, macro: Tag) -> list[Elements]:
        """Returns what is said of a frame in some respect, the nearest first and the file itself last."""
        found = [item for group in self.groups(frame) for item in group.items(macro)[:1]]
        return [*found, self._file]

    def middle(self) -> int:
        """Returns the frame that stands for all.

        It is the middle one by position within the first stack, of the first echo; half way through the file
        where frames have no positions.
        """
        places = [_place(self.groups(frame)) for frame in range(min(self.count, len(self._own)))]
        first = places[0] if len(places) == self.count else None
        stack = [(place, frame) for frame, place in enumerate(places) if first and place.is_beside(first)]
        positions = sorted({position for place, _ in stack if (position := place.position) is not None})
        if not positions or any(place.position is None for place in places):
            return self.count // 2
        middle = positions[len(positions) // 2]
        return min((place.echo, frame) for place, frame in stack if place.position == middle)[1]


@dataclass(frozen=True)
class Place:
    """Where a frame lies.

    Attributes:
        stack: Its name; empty where it has none.
        normal: Of its plane; None where that isn't known.
        position: In its stack: a number, or steps along the normal; None where that isn't known.
        echo: Its time in milliseconds.
    """

    stack: str
    normal: tuple[float, float, float] | None
    position: int | None
    echo: float

    def is_beside(self, other: Place) -> bool:
        """Tells whether two frames belong to one stack."""
        if self.stack != other.stack:
            return False
        if self.normal is None or other.normal is None:
            return self.normal is other.normal
        return abs(_along(self.normal, other.normal)) > ALIKE


def _place(groups: list[Elements]) -> Place:
    contents = [item for group in groups for item in group.items(Tag.FRAME_CONTENTS)[:1]]
    stack = next((item.text(Tag.STACK) for item in contents), "")
    number = next((item.integer(Tag.IN_STACK) for item in contents), None)
    echoes = [item.double(Tag.ECHO_TIME) for group in groups for item in group.items(Tag.ECHOES)[:1]]
    orientation = _numbers(groups, Tag.PLANE_ORIENTATIONS, Tag.ORIENTATION, 6)
    at = _numbers(groups, Tag.PLANE_POSITIONS, Tag.POSITION, 3)
    normal = None
    if orientation is not None:
        a, b, c, d, e, f = orientation
        normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    if number is None and normal is not None and at is not None:
        along = _along((at[0], at[1], at[2]), normal)
        number = math.floor(along * STEPS + 0.5) if abs(along) < 1e9 else None
    return Place(stack, normal, number, next((echo for echo in echoes if echo is not None), 0.0))


def _numbers(groups: list[Elements], macro: Tag, tag: Tag, count: int) -> list[float] | None:
    for group in groups:
        for item in group.items(macro)[:1]:
            numbers = [number for number in item.numbers(tag) if number is not None]
            if len(numbers) == count:
                return numbers
    return None


def _along(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
