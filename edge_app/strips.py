"""A picture strip by strip: a whole copy of a large one is too much for a small device."""

from __future__ import annotations

from collections.abc import Iterator

Box = tuple[int, int, int, int]


def strips(box: Box, rows: int = 256) -> Iterator[Box]:
    """Cuts a box (left, top, right, bottom) into strips of so many rows."""
    left, top, right, bottom = box
    for first in range(top, bottom, rows):
        yield left, first, right, min(bottom, first + rows)
