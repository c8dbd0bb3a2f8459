"""A DICOM file, opened: what it says is checked first, and its pixels are decoded one frame at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.dicom.body import is_of_head
from edge_app.dicom.codecs import (
    JPEG_2000,
    UNPACKED,
    NoDecoderError,
    ending,
    packed_frame,
    unpack,
)
from edge_app.dicom.colour import through_palette
from edge_app.dicom.display import show
from edge_app.dicom.elements import read_elements, read_transfer
from edge_app.dicom.frames import Frames
from edge_app.dicom.layout import PALETTE, Layout
from edge_app.dicom.tags import PIXEL_TAGS, Tag
from edge_app.errors import ImageTooLarge, UnreadableImage

# Screenshots and converted pictures may be of MRI too; the model's own rejection is left to decide on those.
MODALITIES = ("MR", "OT", "SC", "")
# Megapixels of what takes more memory than grey ones: in JPEG 2000 over ten bytes a pixel, in colours seven.
MAX_JPEG_2000 = 5
MAX_COLOURED = 12
SQUARE = 0.01  # a pixel's sides that differ by no more than this share are alike


class DicomFile:
    """An opened file, whose pixels are not decoded yet.

    Attributes:
        frames: How many frames there are.
        middle: Which of them stands for all, from 0.
        size: Width and height that a frame is shown at, in square pixels.
    """

    def __init__(self, data: bytes, name: str) -> None:
        """Reads what the file says of its picture.

        Raises:
            UnreadableImage: It is cut, holds no picture, says that it is no MRI or not of the head, or is
                compressed in an unknown way.
            ImageTooLarge: It has too many pixels for its kind.
        """
        self._name = name
        try:
            transfer, place = read_transfer(data)
            end = ending(transfer)
            if end is None:
                raise UnreadableImage("dicom_compressed", name=name)
            self._end = end
            self._file = file = read_elements(data, transfer, place)
            if file.text(Tag.MODALITY) not in MODALITIES:
                raise UnreadableImage("dicom_modality", name=name)
            self._groups = Frames(file)
            if not is_of_head(file, self._groups):
                raise UnreadableImage("dicom_body_part", name=name)
            self._layout = Layout.of(file)
            self._check_pixels()
            self._pixels = next((file.value(tag) for tag in PIXEL_TAGS if tag in file), memoryview(b""))
            self.frames = self._groups.count
            self._check_length()
            self.middle = self._groups.middle()
            self.size = self._square_size()
            self._steps = file.reader.steps
        except ValueError:
            raise UnreadableImage("dicom", name=name) from None

    def load(self, frame: int | None = None) -> Image.Image:
        """Decodes a frame.

        Args:
            frame: Which, from 0; the middle one where not given.

        Returns:
            An image of 8 bits: grey, or RGB where the file holds colours.

        Raises:
            UnreadableImage: There is no such frame, its pixels are cut or damaged, or compressed in a way
                that can't be opened here.
        """
        # To each frame it is as if it were the first one that is looked at.
        self._file.reader.steps = self._steps
        try:
            shown = self._shown(self.middle if frame is None else frame)
        except NoDecoderError:
            raise UnreadableImage("dicom_compressed", name=self._name) from None
        except ValueError:
            raise UnreadableImage("dicom", name=self._name) from None
        image = Image.fromarray(np.ascontiguousarray(shown))
        return image if image.size == self.size else image.resize(self.size, Image.Resampling.BILINEAR)

    def _shown(self, frame: int) -> NDArray[np.uint8]:
        """Returns a frame's levels, uint8 (rows, columns) or (rows, columns, 3), before any stretch."""
        layout = self._layout
        if not 0 <= frame < self.frames:
            raise ValueError("frame")
        if self._end in UNPACKED:
            raw = layout.unpacked(self._pixels, frame)
        else:
            raw = unpack(packed_frame(self._pixels, frame, self.frames), self._end, layout)
        if layout.samples == 3:
            return raw
        if layout.photometric == PALETTE:
            return through_palette(raw, layout.stored, self._file)
        return show(raw, layout, self._file, self._groups, frame)

    def _check_pixels(self) -> None:
        """Checks that a frame fits a small device's memory.

        Raises:
            ImageTooLarge: It doesn't.
        """
        layout = self._layout
        limit = math.inf
        if layout.samples == 3 or layout.photometric == PALETTE:
            limit = MAX_COLOURED
        if self._end in JPEG_2000:
            limit = MAX_JPEG_2000
        if layout.rows * layout.columns > limit * 1_000_000:
            raise ImageTooLarge("too_many_pixels", name=self._name, limit=limit)

    def _check_length(self) -> None:
        """Checks that there are no more frames than pixels, or than fragments.

        Raises:
            ValueError: There are.
        """
        packed = self._end not in UNPACKED
        # Packed pixels under the name of another syntax aren't told by their length alone.
        if self._file.is_endless(Tag.PIXELS) and not packed:
            raise ValueError("pixels")
        length = 8 if packed else self._layout.frame_bytes
        if self.frames > 1 and len(self._pixels) < self.frames * length:
            raise ValueError("pixels")

    def _square_size(self) -> tuple[int, int]:
        """Returns the width and height in square pixels; the side whose pixels are longer is stretched."""
        columns, rows = self._layout.columns, self._layout.rows
        pairs = [item.numbers(Tag.SPACING) for item in self._groups.about(self.middle, Tag.PIXEL_MEASURES)]
        for pair in [*pairs, self._file.numbers(Tag.ASPECT)]:
            sides = [side for side in pair if side is not None and 1e-6 <= side <= 1e6]
            if len(sides) == len(pair) == 2:
                down, across = sides
                if down > across * (1 + SQUARE):
                    return columns, math.floor(rows * down / across + 0.5)
                if across > down * (1 + SQUARE):
                    return math.floor(columns * across / down + 0.5), rows
                break
        return columns, rows
