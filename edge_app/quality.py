"""What a picture shows of its own quality, before any model: colour, size, cut edges, blur, a lit background.

Integer arithmetic throughout, so that the page's twin gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.preprocessing import Box

SAMPLES = 128  # about so many rows and columns of the picture are looked at
LIT = 90  # red + green + blue of a pixel bright enough to have a colour
TISSUE = 64  # a grey level of the model's input that no margin has


@dataclass(frozen=True)
class Quality:
    """Measures of one picture.

    Attributes:
        colour: How far hues differ, mean over lit pixels, thousandths of the brightness; an even tint is 0.
        side: Of the square that the model sees, in pixels of the picture.
        cut: The largest share of tissue along an edge of that square that is an edge of the picture, percent.
        sharpness: Mean step between neighbours, thousandths of the mean level.
        background: The level that a fiftieth of the picture is darker than, 0 to 255.
    """

    colour: int
    side: int
    cut: int
    sharpness: int
    background: int


def measure(image: Image.Image, pixels: NDArray[np.uint8], box: Box) -> Quality:
    """Measures a picture.

    Args:
        image: From ``edge_app.image.decode``, grey (mode L) or RGB.
        pixels: The model's input made from it, uint8 (1, size, size, channels).
        box: The part of the picture that the input shows.
    """
    # Planes are added much faster than along an axis of three.
    red, green, blue = np.moveaxis(np.asarray(_sample(image).convert("RGB")).astype(np.int32), 2, 0)
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
    return Quality(
        colour=_colour((red - green, blue - green), brightness),
        side=right - left,
        cut=max((int((edge > TISSUE).sum()) * 100 // edge.size for edge in edges), default=0),
        sharpness=int(steps * 1000 // (2 * max(int(plane.sum()), 1))),
        background=_background(brightness),
    )


def _sample(image: Image.Image) -> Image.Image:
    step = max(1, max(image.size) // SAMPLES)
    counts = [max(1, side // step) for side in image.size]
    # A box of whole steps makes Pillow take the middle pixel of each, exactly.
    right, lower = (count * min(step, side) for count, side in zip(counts, image.size, strict=True))
    return image.resize((counts[0], counts[1]), Image.Resampling.NEAREST, (0, 0, right, lower))


def _colour(differences: Sequence[NDArray[np.int32]], brightness: NDArray[np.int32]) -> int:
    lit = brightness > LIT
    count = int(lit.sum())
    if count == 0:
        return 0
    spread = 0
    for difference in differences:
        shares = difference[lit] * 1000 // brightness[lit]
        spread += int(np.abs(shares - shares.sum() // count).sum())
    return spread // (2 * count)


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
    }
    return tuple(code for code, present in found.items() if present)
