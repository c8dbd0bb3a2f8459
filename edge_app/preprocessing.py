"""The one way from a decoded picture to the model's input.

Integer arithmetic throughout, so that the page's twin gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.records import Range
from edge_app.strips import strips

CONTENT_LEVEL = 8  # a pixel is content above 1/8 of the bright level
CONTENT_SHARE = 32  # a row or column is content where 1/32 of its pixels are
BRIGHT_SHARE = 200  # the bright level is exceeded by 1/200 of the pixels


@dataclass(frozen=True)
class InputSpec:
    """What a model's files take: a uint8 tensor (1, size, size, channels) of grey levels 0 to 255.

    The picture is brought to this size by Pillow's antialiased bilinear resize.

    Attributes:
        size: Height and width in pixels.
        channels: 1, or 3 for the same grey plane three times.
        crop: ``content`` cuts the dark margin off and pads to a square; ``none`` stretches the whole picture.
        contrast: ``stretch`` scales so that the brightest 0.5% are white; ``none`` leaves the levels.
    """

    size: Annotated[int, Range(16, 1024)] = 128
    channels: Literal[1, 3] = 1
    crop: Literal["content", "none"] = "content"
    contrast: Literal["stretch", "none"] = "stretch"


Box = tuple[int, int, int, int]


def preprocess(image: Image.Image, spec: InputSpec) -> tuple[NDArray[np.uint8], Box]:
    """Turns a decoded picture into a model's input.

    Args:
        image: From ``edge_app.image.decode``, grey (mode L) or RGB.
        spec: What the model takes.

    Returns:
        The input, uint8 (1, size, size, channels), and the box (left, top, right, bottom) of the picture
        that it shows, in pixels; it may reach beyond the picture, where it is black.
    """
    box = square(content_box(image)) if spec.crop == "content" else (0, 0, *image.size)
    return cut(image, box, spec), box


def cut(image: Image.Image, box: Box, spec: InputSpec) -> NDArray[np.uint8]:
    """Returns what a model takes of one box of a picture: uint8 (1, size, size, channels).

    Args:
        image: Grey (mode L) or RGB.
        box: As ``preprocess`` returns it.
        spec: What the model takes.
    """
    # Across, then down: left to itself, Pillow's order depends on its version, and so does the last bit.
    narrow = Image.new("L", (spec.size, box[3] - box[1]))
    for strip in strips(box):
        part = image.crop(strip).convert("L")
        place = (0, strip[1] - box[1])
        narrow.paste(part.resize((spec.size, part.height), Image.Resampling.BILINEAR), place)
    small = narrow.resize((spec.size, spec.size), Image.Resampling.BILINEAR)
    pixels = np.asarray(small)
    if spec.contrast == "stretch":
        pixels = stretch(pixels)
    return np.repeat(pixels[None, :, :, None], spec.channels, axis=3)


def bright_level(counts: NDArray[np.int64]) -> int:
    """Returns the lowest level that at most 1/``BRIGHT_SHARE`` of the pixels exceed, at least 1.

    Args:
        counts: How many pixels have each of 256 levels.
    """
    total = int(counts.sum())
    brighter = total - np.cumsum(counts)
    return max(1, int(np.argmax(brighter * BRIGHT_SHARE <= total)))


def content_box(image: Image.Image) -> Box:
    """Returns the box (left, top, right, bottom) around the rows and columns that hold more than margin.

    Args:
        image: Grey (mode L) or RGB.
    """
    width, height = image.size
    counts = np.zeros(256, np.int64)
    for strip in strips((0, 0, width, height)):
        counts += image.crop(strip).convert("L").histogram()
    level = bright_level(counts) // CONTENT_LEVEL
    in_rows, in_columns = np.zeros(height, np.int64), np.zeros(width, np.int64)
    for strip in strips((0, 0, width, height)):
        content = np.asarray(image.crop(strip).convert("L")) > level
        in_rows[strip[1] : strip[3]] = content.sum(axis=1)
        in_columns += content.sum(axis=0)
    rows = np.flatnonzero(in_rows * CONTENT_SHARE > width)
    columns = np.flatnonzero(in_columns * CONTENT_SHARE > height)
    if rows.size == 0 or columns.size == 0:
        return 0, 0, width, height
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def square(box: Box) -> Box:
    """Returns the smallest square around a box, centred on it to within a pixel."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    left -= (side - (right - left)) // 2
    top -= (side - (bottom - top)) // 2
    return left, top, left + side, top + side


def stretch(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scales levels so that the bright level becomes 255; what is brighter stays at 255."""
    scaled = grey.astype(np.uint32) * 255 // bright_level(np.bincount(grey.ravel(), minlength=256))
    return np.minimum(scaled, 255).astype(np.uint8)
