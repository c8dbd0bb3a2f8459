"""What a picture shows of its own quality, before any model: colour, size, edges, blur, background, layout.

Integer arithmetic throughout, so that the page's twin gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.layout import aspect, bar, content, gutter, halves, mirror, sample, text_lines
from edge_app.preprocessing import Box

SAMPLES = 128  # about so many rows and columns of the picture are looked at
LIT = 90  # red + green + blue of a pixel bright enough to have a colour
BAND = 96  # of that sum: pixels of like brightness, which a tint or a haze shifts alike
HUE_SHARE = 10  # a hue is another one where a difference of channels is off by 1/10 of the sum ...
DARKEST = 240  # ... and by no less than that of a pixel with this sum, which noise alone doesn't reach
TURNED = "turned"  # the note that a slice lies on its side
TISSUE = 64  # a grey level of the model's input that no margin has


@dataclass(frozen=True)
class Quality:
    """Measures of one picture.

    Attributes:
        colour: Pixels of another hue than the rest of their brightness, of 10,000; a tint or a haze is 0.
        side: Of the square that the model sees, in pixels of the picture.
        cut: The largest share of tissue along an edge of that square that is an edge of the picture, percent.
        sharpness: Mean step between neighbours, thousandths of the mean level.
        background: The level that a fiftieth of the picture is darker than, 0 to 255.
        gutter: How full the emptiest row or column between two fuller ones is, percent of the less full.
        halves: How much the content's two halves differ, percent of how uneven they are, at most 100.
        aspect: Width of the content that the model sees, percent of its height.
        mirror: How much the content differs from itself turned left to right, percent of upside down.
        bar: How much brighter an even strip along one edge of the picture is than the darkest edge, levels.
        lines: Lines of text, those left and right counted apart, in two scales.
    """

    colour: int
    side: int
    cut: int
    sharpness: int
    background: int
    gutter: int
    halves: int
    aspect: int
    mirror: int
    bar: int
    lines: int


def measure(image: Image.Image, pixels: NDArray[np.uint8], box: Box) -> Quality:
    """Measures a picture.

    Args:
        image: From ``edge_app.image.decode``, grey (mode L) or RGB.
        pixels: The model's input made from it, uint8 (1, size, size, channels).
        box: The part of the picture that the input shows.
    """
    sampled = sample(image, max(1, max(image.size) // SAMPLES))
    # Planes are added much faster than along an axis of three.
    red, green, blue = np.moveaxis(np.asarray(sampled.convert("RGB")).astype(np.int32), 2, 0)
    brightness = red + green + blue
    plane = pixels[0, :, :, 0].astype(np.int64)
    steps = np.abs(np.diff(plane, axis=0)).sum() + np.abs(np.diff(plane, axis=1)).sum()
    left, top, right, bottom = box
    # Where the square was cropped, tissue reaches its edge rightly.
    edges = [
        edge
        for edge, at_border in (
            (plane[:, 0], left <= 0),
            (plane[0], top <= 0),
            (plane[:, -1], right >= image.width),
            (plane[-1], bottom >= image.height),
        )
        if at_border
    ]
    part = content(plane)
    return Quality(
        colour=_colour((red - green, blue - green), brightness),
        side=right - left,
        cut=max((int((edge > TISSUE).sum()) * 100 // edge.size for edge in edges), default=0),
        sharpness=int(steps * 1000 // (2 * max(int(plane.sum()), 1))),
        background=_background(brightness),
        gutter=gutter(part),
        halves=halves(part),
        aspect=aspect(part),
        mirror=mirror(part),
        bar=bar(np.asarray(sampled.convert("L")).astype(np.int16)),
        lines=text_lines(image),
    )


def _colour(differences: Sequence[NDArray[np.int32]], brightness: NDArray[np.int32]) -> int:
    lit = brightness > LIT
    sums = brightness[lit]
    bands = sums // BAND
    counts = np.maximum(np.bincount(bands), 1)
    other = np.zeros(sums.shape, np.bool_)
    for difference in differences:
        values = difference[lit]
        means = np.bincount(bands, values).astype(np.int64) // counts
        other |= np.abs(values - means[bands]) * HUE_SHARE > np.maximum(sums, DARKEST)
    return int(other.sum()) * 10_000 // brightness.size


def _background(brightness: NDArray[np.int32]) -> int:
    levels = brightness // 3
    place = levels.size // 50
    return int(np.partition(levels, place, axis=None)[place])


def notes(quality: Quality) -> tuple[str, ...]:
    """Returns a code for each thing about a picture that makes its answer less certain.

    The limits lie beyond what all but one in a hundred of the training part's slices show.
    """
    found = {
        "small": quality.side < 128,
        "cropped": quality.cut >= 90,
        "blurred": quality.sharpness < 70,
        "photographed": quality.background > 40,
        TURNED: quality.mirror > 110 and quality.aspect > 105,
    }
    return tuple(code for code, present in found.items() if present)
