"""The phantom that the corpus' pictures show, and how a case of it is made."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.corpus.case import Case
from tests.corpus.image_files import png, rows
from tests.phantoms import phantom

Levels = NDArray[np.uint8]

GREY = phantom("glioma", 1, size=128).crop((4, 0, 120, 127))  # neither side is a multiple of eight
LEVELS: Levels = np.asarray(GREY)
HEIGHT, WIDTH = LEVELS.shape
SIZE = (WIDTH, HEIGHT)
COLOUR = Image.merge("RGB", (GREY, GREY.rotate(5), GREY.rotate(-5)))
ALPHA = np.asarray(Image.linear_gradient("L").resize(SIZE))
HOT = np.stack([np.arange(256), np.arange(256) // 2, 255 - np.arange(256)], axis=1)
RAMP = np.repeat(np.arange(256)[:, None], 3, axis=1)
PACKED = zlib.compress(rows(LEVELS))


def read(name: str, data: bytes, levels: Levels | None = None) -> Case:
    """A file that must be read, and show these levels where they are given."""
    return Case(name=name, data=data, levels=levels)


def exact(name: str, data: bytes) -> Case:
    """A file that must show the phantom as it is."""
    return read(name, data, LEVELS)


def damaged(name: str, data: bytes) -> Case:
    return Case(name=name, data=data, error="damaged")


def plain_png(**options: Any) -> bytes:
    return png(SIZE, PACKED, **options)


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
