"""The stored values of a grey frame as indices of a table, whatever their bits, signs and padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge_app.dicom.elements import Elements
from edge_app.dicom.layout import Layout
from edge_app.dicom.tags import Tag
from edge_app.robust import OUTERMOST, robust_range

Floats: TypeAlias = NDArray[np.float64]
Bits: TypeAlias = NDArray[np.int64]

CHUNK = 1 << 18  # values that are looked at in one step; as an index each takes eight bytes
HIGHEST = 1e300  # that a value may be, so that differences are finite
LEVELS = 1 << 16  # that floats and values of 32 bits are brought to


@dataclass(frozen=True)
class Stored:
    """A frame's values.

    Attributes:
        indices: Unsigned (rows, columns), each below the table's length.
        levels: float64, what each index stands for.
        counts: int64, how many pixels have each, without padding.
        padding: bool, whether an index stands for no part of the picture.
    """

    indices: NDArray[Any]
    levels: Floats
    counts: Bits
    padding: NDArray[np.bool_]


def chunks(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yields a picture's rows, some at a time, so that what is made of them takes little memory."""
    rows = max(1, CHUNK // values.shape[1])
    for row in range(0, len(values), rows):
        yield values[row : row + rows]


def stored_values(raw: NDArray[Any], layout: Layout, file: Elements) -> Stored:
    """Tells what a frame's values stand for.

    Args:
        raw: (rows, columns) as they lie in the file.
        layout: Of the file.
        file: What it says.

    Raises:
        ValueError: They are more than the file says, or none at all.
    """
    if raw.itemsize > 2:
        return _narrowed(raw, layout, file)
    bits = 8 * raw.itemsize
    every = np.arange(1 << bits)
    levels = _meant(every, layout.shift, layout.stored, layout.signed)
    padding = _padding(every, levels, bits, layout, file)
    counts = _count(raw, every.size)
    counts[padding] = 0
    _check_higher_bits(raw, counts, layout)
    return Stored(raw, levels.astype(np.float64), counts, padding)


def _meant(values: Bits, shift: int, stored: int, signed: bool) -> Bits:
    """Takes the stored bits out of values, with their sign."""
    meant = (values >> shift) & ((1 << stored) - 1)
    return meant - ((meant >> (stored - 1)) << stored) if signed else meant


def _padding(every: Bits, levels: Bits, bits: int, layout: Layout, file: Elements) -> NDArray[np.bool_]:
    one, other = file.integer(Tag.PADDING), file.integer(Tag.PADDING_LIMIT)
    if one is None:
        return np.zeros(every.size, np.bool_)
    ends = np.array([one, one if other is None else other]) & (every.size - 1)
    # Within the stored bits, as which it is compared, or beyond them, where a pixel must be the very same.
    above = (ends >> layout.stored).tolist()
    inside = all(rest in (0, (1 << max(0, bits - layout.stored)) - 1) for rest in above)
    values = levels if inside else every
    first, last = np.sort(_meant(ends, 0, layout.stored, layout.signed) if inside else ends)
    within: NDArray[np.bool_] = (values >= first) & (values <= last)
    return within


def _count(indices: NDArray[Any], size: int) -> Bits:
    counts = np.zeros(size, np.int64)
    for chunk in chunks(indices):
        counts += np.bincount(chunk.ravel(), minlength=size)
    return counts


def _check_higher_bits(raw: NDArray[Any], counts: Bits, layout: Layout) -> None:
    """Checks that what lies above the stored bits is no part of the value.

    A sign, a constant or an overlay leaves two patterns there at most, and where these change, neighbours are
    no more alike with them.

    Raises:
        ValueError: There are more patterns, or a quarter of such neighbours are more alike.
    """
    shift, stored, signed = layout.shift, layout.stored, layout.signed
    patterns = np.unique(np.flatnonzero(counts) >> (shift + stored)).size
    changes = alike = 0
    for chunk in chunks(raw) if patterns == 2 else ():
        values = chunk.astype(np.int64)
        changed = np.diff(values >> (shift + stored), axis=1) != 0
        whole = np.abs(np.diff(_meant(values, shift, 8 * raw.itemsize - shift, signed), axis=1))
        part = np.abs(np.diff(_meant(values, shift, stored, signed), axis=1))
        changes += int(changed.sum())
        alike += int((changed & (whole < part)).sum())
    if patterns > 2 or alike * 4 > changes:
        raise ValueError("stored bits")


def _narrowed(raw: NDArray[Any], layout: Layout, file: Elements) -> Stored:
    """Brings floats and values of 32 bits to so many levels within their robust range; the first is none."""
    padding = _padding_range(layout, file)
    present = np.empty(raw.size)
    count = 0
    for chunk in chunks(raw):
        numbers = _numbers(chunk, layout, padding)
        numbers = numbers[np.isfinite(numbers)]
        present[count : count + numbers.size] = numbers
        count += numbers.size
    if count == 0:
        raise ValueError("values")
    present = present[:count]
    present.sort()
    skipped = count // OUTERMOST
    low, high = robust_range(present, float(present[skipped]), float(present[count - 1 - skipped]))
    if not max(-low, high) < HIGHEST:
        raise ValueError("values")
    step = (high - low) / (LEVELS - 2) or 1.0
    indices = np.zeros(raw.shape, np.uint16)
    for chunk, part in zip(chunks(raw), chunks(indices), strict=True):
        numbers = _numbers(chunk, layout, padding)
        there = np.isfinite(numbers)
        part[there] = np.floor((np.clip(numbers[there], low, high) - low) / step + 0.5) + 1
    none = np.arange(LEVELS) == 0
    counts = _count(indices, LEVELS)
    counts[none] = 0
    return Stored(indices, low + np.arange(-1.0, LEVELS - 1) * step, counts, none)


def _padding_range(layout: Layout, file: Elements) -> tuple[int, int] | None:
    """Returns the least and the greatest value that is padding; None where there is none, or floats."""
    one, other = file.integer(Tag.PADDING), file.integer(Tag.PADDING_LIMIT)
    if layout.floats or one is None:
        return None
    ends = _meant(np.array([one, one if other is None else other]), 0, layout.stored, layout.signed)
    return int(ends.min()), int(ends.max())


def _numbers(chunk: NDArray[Any], layout: Layout, padding: tuple[int, int] | None) -> Floats:
    """Returns values as they are meant; no finite number for what is padding."""
    if layout.floats:
        return chunk.astype(np.float64)
    values = _meant(chunk.astype(np.int64), layout.shift, layout.stored, layout.signed)
    numbers = values.astype(np.float64)
    if padding is not None:
        first, last = padding
        numbers[(values >= first) & (values <= last)] = np.nan
    return numbers
