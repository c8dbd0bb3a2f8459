"""From stored values to what a screen shows (PS3.3, C.11 and C.7.6.16), in 8 bits only at the very end.

Floats of 64 bits in the same order of operations as the page's twin, on a table of the values that there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge_app.dicom.elements import Elements
from edge_app.dicom.frames import Frames
from edge_app.dicom.layout import Layout
from edge_app.dicom.stored import HIGHEST, Bits, Floats, chunks, stored_values
from edge_app.dicom.tags import Tag
from edge_app.robust import OUTERMOST, robust_range

# From levels to shares of white, 0 to 1 and beyond.
Window: TypeAlias = Callable[[Floats], Floats]

FEWEST_LEVELS = 32  # that a window must leave of a picture, or it is none for it


def show(raw: NDArray[Any], layout: Layout, file: Elements, frames: Frames, frame: int) -> NDArray[np.uint8]:
    """Returns the levels of a grey frame, uint8 (rows, columns).

    Args:
        raw: (rows, columns) as they lie in the file.
        layout: Of the file.
        file: What it says.
        frames: What it says of its frames.
        frame: Which one it is.

    Raises:
        ValueError: It can't be shown rightly.
    """
    stored = stored_values(raw, layout, file)
    with np.errstate(over="ignore"):  # beyond any number is white, or black
        levels = _rescale(stored.levels, layout, frames.about(frame, Tag.VALUE_TRANSFORMATIONS))
        table = _table(levels, stored.counts, _windows(layout, frames.about(frame, Tag.FRAME_VOIS)))
    if layout.photometric == "MONOCHROME1" or file.text(Tag.PRESENTATION_SHAPE) == "INVERSE":
        table = 255 - table
    table[stored.padding] = 0
    shown = np.empty(raw.shape, np.uint8)
    for chunk, part in zip(chunks(stored.indices), chunks(shown), strict=True):
        part[:] = table[chunk]
    return shown


def _rescale(levels: Floats, layout: Layout, sources: list[Elements]) -> Floats:
    """Applies the first table or line of the modality's.

    Raises:
        ValueError: It is broken.
    """
    for source in sources:
        luts = source.items(Tag.MODALITY_LUTS)
        if luts:
            table, first, _ = _lut(luts[0], layout)
            levels = table[np.clip(np.floor(levels) - first, 0, table.size - 1).astype(np.int64)]
            break
        if source.text(Tag.SLOPE) or source.text(Tag.INTERCEPT):
            slope = source.first(Tag.SLOPE) if source.text(Tag.SLOPE) else 1.0
            intercept = source.first(Tag.INTERCEPT) if source.text(Tag.INTERCEPT) else 0.0
            if slope is None or intercept is None:
                raise ValueError("rescale")
            levels = levels * (slope or 1.0) + intercept  # a slope of 0 would show nothing
            break
    if not (np.abs(levels) < HIGHEST).all():
        raise ValueError("rescale")
    return levels


def _table(levels: Floats, counts: Bits, windows: Iterator[Window]) -> NDArray[np.uint8]:
    """Returns what is shown for each level: by the first window that shows enough, or by the whole range."""
    if not counts.any():
        return np.zeros(levels.size, np.uint8)
    order = np.argsort(levels, kind="stable")
    order = order[counts[order] > 0]
    below = np.cumsum(counts[order])
    skipped = below[-1] // OUTERMOST
    first, last = np.searchsorted(below, [skipped, below[-1] - 1 - skipped], side="right")
    for window in windows:
        table = _to_bytes(window(levels))
        if np.unique(table[order[first : last + 1]]).size >= FEWEST_LEVELS:
            return table
    present = levels[order]
    lowest, highest = robust_range(present, float(present[first]), float(present[last]))
    return _to_bytes((levels - lowest) / ((highest - lowest) or 1.0))


def _to_bytes(shares: Floats) -> NDArray[np.uint8]:
    return np.floor(np.clip(shares, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)


def _windows(layout: Layout, sources: list[Elements]) -> Iterator[Window]:
    """Yields the windows, then the tables, of the frame, of all frames and of the file."""
    for source in sources:
        function = source.text(Tag.FUNCTION)
        for centre, width in zip(source.numbers(Tag.CENTRE), source.numbers(Tag.WIDTH), strict=False):
            if centre is None or width is None or width <= 0:
                continue
            if function == "SIGMOID":
                yield _sigmoid(centre, width)
            elif function == "LINEAR_EXACT":
                yield _linear(centre, width)
            elif width > 1:
                yield _linear(centre - 0.5, width - 1)
        for item in source.items(Tag.VOI_LUTS):
            yield _looked_up(*_lut(item, layout))


def _linear(centre: float, width: float) -> Window:
    return lambda levels: (levels - centre) / width + 0.5


def _sigmoid(centre: float, width: float) -> Window:
    return lambda levels: 1 / (1 + np.exp(np.clip(-4 * ((levels - centre) / width), -700, 700)))


def _looked_up(table: Floats, first: int, white: int) -> Window:
    return lambda levels: table[np.clip(np.floor(levels) - first, 0, table.size - 1).astype(np.int64)] / white


def _lut(item: Elements, layout: Layout) -> tuple[Floats, int, int]:
    """Returns a table's entries, the value that the first is for, and the highest that there can be.

    Raises:
        ValueError: It is cut.
    """
    count, first, bits = item.words(Tag.LUT_SHAPE, 3)
    if not 8 <= bits <= 16:
        raise ValueError("LUT")
    count = count or 1 << 16
    if layout.signed and first >= 1 << 15:
        first -= 1 << 16
    data = item.value(Tag.LUT)
    if len(data) >= 2 * count:
        entries = item.words(Tag.LUT, count)
    elif len(data) >= count and item.order == "little":
        entries = list(data[:count])
    else:
        raise ValueError("LUT")
    return np.array(entries, np.float64), first, (1 << bits) - 1
