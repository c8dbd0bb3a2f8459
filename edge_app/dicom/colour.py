"""Colours through a file's own palette, as some secondary captures have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_app.dicom.elements import Elements
from edge_app.dicom.tags import Tag

CHANNELS = ((Tag.RED_SHAPE, Tag.RED), (Tag.GREEN_SHAPE, Tag.GREEN), (Tag.BLUE_SHAPE, Tag.BLUE))


def through_palette(values: NDArray[Any], stored: int, file: Elements) -> NDArray[np.uint8]:
    """Returns uint8 (rows, columns, 3).

    Args:
        values: (rows, columns) of unsigned numbers.
        stored: Bits of each that are its value.
        file: What says what colour each has.

    Raises:
        ValueError: It doesn't.
    """
    shown = np.empty((*values.shape, 3), np.uint8)
    indices = np.arange(1 << stored)
    for channel, (shape_tag, tag) in enumerate(CHANNELS):
        count, first, bits = file.words(shape_tag, 3)
        if bits not in (8, 16):
            raise ValueError("palette")
        count, data = count or 1 << 16, file.value(tag)
        if len(data) >= 2 * count:
            entries = np.array(file.words(tag, count)) >> (bits - 8)
        elif len(data) >= count and bits == 8 and file.order == "little":
            entries = np.array(data[:count])
        else:
            raise ValueError("palette")
        table = entries[np.clip(indices - first, 0, count - 1)].astype(np.uint8)
        for row, line in zip(values, shown, strict=True):
            line[:, channel] = table[row.astype(np.int64) & (indices.size - 1)]
    return shown
