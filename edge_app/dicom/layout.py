"""How a file's pixels lie in memory, and the stored values of a frame that isn't packed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_app.dicom.elements import MARKS, Elements, Order
from edge_app.dicom.tags import Tag

GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
# JPEG and JPEG 2000 have the other colours, which come out of their decoders as RGB.
COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


@dataclass(frozen=True)
class Layout:
    """What a file says of its pixels.

    Attributes:
        rows: Height of a frame in pixels.
        columns: Its width.
        photometric: How values become light.
        samples: 1, or 3 of a colour.
        planar: Whether each colour has a plane of its own.
        allocated: Bits of a value in memory: 8, 16 or 32, or 64 for floats.
        stored: How many of them are the value.
        shift: How many lie below those.
        signed: Whether the highest of them is a sign.
        floats: Whether values are floats.
        order: Of the bytes, ``little`` or ``big``.
    """

    rows: int
    columns: int
    photometric: str
    samples: int
    planar: bool
    allocated: int
    stored: int
    shift: int
    signed: bool
    floats: bool
    order: Order

    @classmethod
    def of(cls, file: Elements) -> Layout:
        """Reads what a file says.

        Raises:
            ValueError: It says too little, or of pixels that can't be shown.
        """
        floats = Tag.PIXELS not in file
        allocated = (64 if Tag.DOUBLE_PIXELS in file else 32) if floats else file.integer(Tag.ALLOCATED)
        stored = allocated if floats else file.integer(Tag.STORED)
        high = None if floats else file.integer(Tag.HIGH_BIT)
        rows, columns = file.integer(Tag.ROWS), file.integer(Tag.COLUMNS)
        samples = file.integer(Tag.SAMPLES)
        if not rows or not columns or not allocated or not stored:
            raise ValueError("pixels")
        if high is None:
            high = stored - 1
        layout = cls(
            rows=rows,
            columns=columns,
            photometric=file.text(Tag.PHOTOMETRIC),
            samples=1 if samples is None else samples,
            planar=bool(file.integer(Tag.PLANAR)),
            allocated=allocated,
            stored=stored,
            shift=high + 1 - stored,
            signed=bool(file.integer(Tag.SIGNED)),
            floats=floats,
            order=file.order,
        )
        if not (0 <= layout.shift <= allocated - stored) or not layout._is_known(floats):
            raise ValueError("pixels")
        # Where words are swapped, so are the two bytes in each.
        if layout.order == "big" and allocated == 8 and file.kind(Tag.PIXELS) != b"OB":
            raise ValueError("pixels")
        return layout

    def _is_known(self, floats: bool) -> bool:
        """Tells whether pixels are of a sort that can be shown."""
        if self.photometric in GREY:
            return self.samples == 1 and (floats or self.allocated in (8, 16, 32))
        if floats or self.signed or self.shift:
            return False
        if self.photometric == PALETTE:
            return self.samples == 1 and self.allocated in (8, 16)
        return self.photometric in COLOURS and self.samples == 3 and self.allocated == self.stored == 8

    @property
    def frame_bytes(self) -> int:
        """Of a frame that isn't packed."""
        return self.rows * self.columns * self.samples * self.allocated // 8

    def unpacked(self, pixels: memoryview, frame: int) -> NDArray[Any]:
        """Returns a frame of a file that isn't packed.

        Returns:
            (rows, columns) of unsigned numbers or floats as they are stored, or (rows, columns, 3).

        Raises:
            ValueError: It is cut, or of colours that only a packed one has.
        """
        if self.samples == 3 and self.photometric != "RGB":
            raise ValueError("colours")
        start = frame * self.frame_bytes
        kind = np.dtype(f"{MARKS[self.order]}{'f' if self.floats else 'u'}{self.allocated // 8}")
        values = np.frombuffer(pixels[start : start + self.frame_bytes], kind)
        if self.samples == 1:
            return values.reshape(self.rows, self.columns)
        if self.planar:
            return np.moveaxis(values.reshape(3, self.rows, self.columns), 0, 2)
        return values.reshape(self.rows, self.columns, 3)
