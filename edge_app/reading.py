"""From a source to what the classifier takes: decoded, measured and preprocessed."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.errors import ImageTooLarge
from edge_app.files import Source
from edge_app.preprocessing import Box, InputSpec, preprocess
from edge_app.quality import Quality, measure

SHOWN_SIDE = 1024  # pixels


@dataclass(frozen=True)
class Reading:
    """One picture, ready to be classified.

    Attributes:
        pixels: The model's input, uint8 (1, size, size, channels).
        box: The part of the picture that it shows: left, top, right, bottom in pixels; may reach beyond the
            picture.
        quality: Measures of the picture.
        image: The decoded picture, upright; where it comes from another process, at most as wide and high as
            was asked for.
        size: Width and height of the decoded picture in pixels.
        frame: Which frame of the file it is, from 0.
        frames: How many the file has.
        milliseconds: Time spent in ``decode`` and ``preprocess``.
    """

    pixels: NDArray[np.uint8]
    box: Box
    quality: Quality
    image: Image.Image
    size: tuple[int, int]
    frame: int
    frames: int
    milliseconds: dict[str, float]


class Reader:
    """Reads pictures in this process; ``edge_app.workers.Workers`` does so under limits."""

    def read(
        self, source: Source, name: str, spec: InputSpec, frame: int | None = None, side: int = SHOWN_SIDE
    ) -> Reading:
        """Reads one picture.

        Args:
            source: A path, the bytes of a file, a PIL image, or a uint8 array (H, W) or (H, W, 3).
            name: What errors call the picture; a path's own name where empty.
            spec: What the model takes.
            frame: Which frame of a DICOM file, from 0; the middle one by position where not given.
            side: Pixels that the picture of another process needs at most in width and height; 0 for none.

        Raises:
            ImageError: As of ``edge_app.image.decode_frame``, and ``too_much_memory``.
        """
        from edge_app.image import decode_frame  # not by a process that leaves it to workers

        start = time.perf_counter()
        try:
            found = decode_frame(source, name, frame)
            image = found.image
            decoded = time.perf_counter()
            pixels, box = preprocess(image, spec)
            quality = measure(image, pixels, box)
        except MemoryError:
            raise _too_much(name) from None
        preprocessed = time.perf_counter()
        return Reading(
            pixels=pixels,
            box=box,
            quality=quality,
            image=image,
            size=image.size,
            frame=found.frame,
            frames=found.frames,
            milliseconds={"decode": 1000 * (decoded - start), "preprocess": 1000 * (preprocessed - decoded)},
        )

    def opened(self, source: Source, name: str) -> Source:
        """Returns a file opened for several frames, as of ``edge_app.image.opened``.

        Raises:
            ImageError: As of ``read``.
        """
        from edge_app.image import opened

        try:
            return opened(source, name)
        except MemoryError:
            raise _too_much(name) from None

    def count_frames(self, source: Source, name: str) -> int:
        """Returns how many frames a file has.

        Raises:
            ImageError: As of ``read``.
        """
        from edge_app.image import count_frames

        try:
            return count_frames(source, name)
        except MemoryError:
            raise _too_much(name) from None


def _too_much(name: str) -> ImageTooLarge:
    return ImageTooLarge("too_much_memory", name=name or "picture")


def shrink(image: Image.Image, side: int = SHOWN_SIDE) -> Image.Image:
    """Returns a picture as it is shown: at most so many pixels wide and high; an empty one of 0."""
    if not side:
        return Image.new(image.mode, (0, 0))
    if max(image.size) <= side:
        return image
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, reducing_gap=2.0)
