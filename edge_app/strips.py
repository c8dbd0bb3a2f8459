"""A picture strip by strip: a whole copy of a large one is too much for a small device."""

from __future__ import annotations

from collections.abc import Iterator


def strips(box: tuple[int, int, int, int], rows: int = 256) -> Iterator[tuple[int, int, int, int]]:
    """Cuts a box (left, top, right, bottom) into strips of so many rows."""
    left, top, right, bottom = box
    for first in range(top, bottom, rows):
        yield left, first, right, min(bottom, first + rows)
