"""How a picture is laid out: one slice alone, several of them, or a screen with text around it.

Integer arithmetic throughout, so that the page's twin gives the same numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MARGIN = 24  # a grey level of the model's input that no margin exceeds
CONTENT_SHARE = 32  # a row or column is content where 1/32 of its pixels are
SIDE_SHARE = 5  # what lies on either side of a gutter holds at least 1/5 of the whole
UNEVEN = 5  # a line of this many times less unevenness counts as much as an empty one

STRIP = 4  # samples, how deep a bar is at least
ALIKE = 8  # grey levels within which a strip is even; buttons may stand on it

TEXT_SAMPLES = 512  # at most so many rows and columns are searched for text
LETTERS = 24  # samples across that are looked at together: some three letters
STROKE = 40  # grey levels from paper to ink, at least
PAPER = 16  # grey levels above the darkest that are still paper
REACH = 8  # samples from a row of text to empty rows above and below


def content(plane: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the part of a model's input that holds more than margin, down to nothing at all.

    Args:
        plane: Grey levels (H, W).
    """
    filled = plane > MARGIN
    height, width = plane.shape
    rows = np.flatnonzero(filled.sum(axis=1) * CONTENT_SHARE > width)
    columns = np.flatnonzero(filled.sum(axis=0) * CONTENT_SHARE > height)
    if rows.size == 0 or columns.size == 0:
        return plane[:0, :0]
    return plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def aspect(part: NDArray[np.int64]) -> int:
    """Returns the width in percent of the height; 100 for nothing at all."""
    height, width = part.shape
    return width * 100 // height if height else 100


def gutter(part: NDArray[np.int64]) -> int:
    """Returns how full the emptiest row or column between two fuller ones is, in percent of the less full.

    Within one head no line is empty; between two it is, or is all of one level. 100 where nothing parts.
    """
    if part.size == 0:
        return 100
    return min(_emptiest(part), _emptiest(part.T))


def _emptiest(part: NDArray[np.int64]) -> int:
    middle = np.sort(part, axis=0)[part.shape[0] // 2]
    filled = (part > MARGIN).sum(axis=0)
    uneven = np.abs(part - middle).sum(axis=0)
    return min(_valley(filled), UNEVEN * _valley(uneven))


def _valley(profile: NDArray[np.int64]) -> int:
    before = np.cumsum(profile)
    total = int(before[-1])
    inside = (before * SIDE_SHARE >= total) & ((total - before) * SIDE_SHARE >= total)
    if total == 0 or not inside.any():
        return 100
    peaks = np.minimum(np.maximum.accumulate(profile), np.maximum.accumulate(profile[::-1])[::-1])
    return int((profile * 100 // np.maximum(peaks, 1))[inside].min())


def halves(part: NDArray[np.int64]) -> int:
    """Returns how much two halves differ, the less of left from right and upper from lower.

    In percent of how uneven they are. The same slice twice, without a gutter, gives 0; 100 is the most.
    """
    return min(_halves(part), _halves(part.T))


def _halves(part: NDArray[np.int64]) -> int:
    count = part.shape[0] // 2
    if count == 0:
        return 100
    first, second = part[:count], part[-count:]
    uneven = sum(np.abs(half - np.sort(half, axis=None)[half.size // 2]).sum() for half in (first, second))
    return min(100, int(np.abs(first - second).sum() * 100 // uneven)) if uneven else 100


def mirror(part: NDArray[np.int64]) -> int:
    """Returns how much the content differs from its mirror image, percent of how much from its inverse.

    Heads are alike left and right, in all but sagittal slices, and not above and below.
    """
    inverse = int(np.abs(part - part[::-1]).sum())
    return int(np.abs(part - part[:, ::-1]).sum()) * 100 // inverse if inverse else 100


def bar(grey: NDArray[np.int16]) -> int:
    """Returns how much brighter an even strip along one edge is than the edge that is darkest.

    Args:
        grey: Levels (H, W) of the sampled picture.
    """
    strips = [turned[:STRIP] for turned in (grey, grey[::-1], grey.T, grey.T[::-1])]
    levels = [int(np.sort(strip[0])[strip.shape[1] // 2]) for strip in strips]
    even = [
        level
        for strip, level in zip(strips, levels, strict=True)
        if ((np.abs(strip - level) <= ALIKE).sum(axis=1) * 5 >= strip.shape[1] * 3).all()
    ]
    return max(even) - min(levels) if even else 0


def text_lines(image: Image.Image) -> int:
    """Counts lines of bright letters on even paper, in the left and in the right half of a picture.

    They are counted twice, the second time a step more coarsely, where larger letters show.

    Args:
        image: From ``edge_app.image.decode``, grey (mode L) or RGB.
    """
    step = -(-max(image.size) // TEXT_SAMPLES)
    return _lines(image, step) + _lines(image, step + 1)


def _lines(image: Image.Image, step: int) -> int:
    grey = np.asarray(sample(image, step).convert("L"))
    height, width = grey.shape
    columns = max(1, width // LETTERS)
    # Bytes throughout, and letters along the first axis, which is several times as fast as along the last.
    blocks = grey[:, : columns * LETTERS].reshape(height, columns, -1).transpose(2, 0, 1).copy()
    paper = blocks <= np.minimum(blocks.min(axis=0), 255 - PAPER) + PAPER
    ink = blocks[1:] > np.minimum(blocks[:-1], 255 - STROKE) + STROKE
    strokes = (paper[:-1] & ink).sum(axis=0, dtype=np.uint8)
    papers = paper.sum(axis=0, dtype=np.uint8)
    across = blocks.shape[0]
    empty = papers == across
    # A head's own edge has no empty rows close above and below.
    above, below = np.zeros_like(empty), np.zeros_like(empty)
    for distance in range(1, REACH + 1):
        above[distance:] |= empty[:-distance]
        below[:-distance] |= empty[distance:]
    text = (strokes >= 2) & (papers * 5 >= across * 2) & above & below
    half = (columns + 1) // 2
    return _starts(text[:, :half].any(axis=1)) + _starts(text[:, half:].any(axis=1))


def _starts(rows: NDArray[np.bool_]) -> int:
    return int(rows[0]) + int((rows[1:] & ~rows[:-1]).sum())


def sample(image: Image.Image, step: int) -> Image.Image:
    """Takes the middle pixel of each ``step`` rows and columns; the last few beyond whole steps are left."""
    counts = [max(1, side // step) for side in image.size]
    # A box of whole steps makes Pillow take the middle pixel of each, exactly.
    right, lower = (count * min(step, side) for count, side in zip(counts, image.size, strict=True))
    return image.resize((counts[0], counts[1]), Image.Resampling.NEAREST, (0, 0, right, lower))
