"""DICOM files: one frame's grey levels, as a screen would show them.

Only the elements named here are read: no name or number of a patient is. The page's twin reads uncompressed
files to the same levels.
"""

from __future__ import annotations

import io
import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.errors import UnreadableImage

if TYPE_CHECKING:
    from pydicom import Dataset

TAGS = (
    "Modality",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "WindowCenter",
    "WindowWidth",
    "RescaleIntercept",
    "RescaleSlope",
    "PixelData",
)
# Screenshots and converted pictures may be of MRI too; the model's own rejection is left to decide on those.
MODALITIES = ("MR", "OT", "SC", "")
TRANSFER = "1.2.840.10008.1.2"
# Implicit and explicit, big endian, RLE, JPEG, JPEG lossless, JPEG-LS and JPEG 2000. Not the deflated one,
# whose size can't be told before it is unpacked.
RLE = ".5"
JPEG = (".4.50", ".4.51", ".4.90", ".4.91")  # that Pillow opens
ENDINGS = ("", ".1", ".2", ".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81", ".4.90", ".4.91")


def is_dicom(data: bytes) -> bool:
    """Tells whether a file is DICOM."""
    return data[128:132] == b"DICM"


class DicomFile:
    """An opened file, whose pixels are not decoded yet.

    Attributes:
        size: Width and height of a frame in pixels.
        frames: How many there are.
    """

    def __init__(self, data: bytes, name: str) -> None:
        """Reads what the file says of its picture.

        Raises:
            UnreadableImage: It is cut, holds no grey picture, says that it is no MRI, or is compressed in an
                unknown way.
        """
        self._name = name
        try:
            self._dataset = _read(data)
            self.size = (int(self._dataset.Columns), int(self._dataset.Rows))
            self.frames = int(self._dataset.get("NumberOfFrames") or 1)
            self._stored = int(self._dataset.BitsStored)
            whole = 1 <= self._stored <= self._dataset.BitsAllocated
            grey = self._dataset.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")
            known = self._dataset.BitsAllocated in (8, 16) and self._dataset.SamplesPerPixel == 1
            whole = whole and "PixelData" in self._dataset
            modality = self._dataset.get("Modality") or ""
            transfer = self._dataset.file_meta.TransferSyntaxUID
        except MemoryError:
            raise
        # Hostile bytes raise many kinds.
        except Exception:
            raise UnreadableImage("dicom", name=name) from None
        if not (whole and grey and known):
            raise UnreadableImage("dicom", name=name)
        if modality not in MODALITIES:
            raise UnreadableImage("dicom_modality", name=name)
        if not _can_decode(transfer):
            raise UnreadableImage("dicom_compressed", name=name)

    def load(self, frame: int | None = None) -> Image.Image:
        """Decodes a frame.

        Args:
            frame: Which, from 0; the middle one where not given.

        Returns:
            A grey image of 8 bits.

        Raises:
            UnreadableImage: The pixels are cut or damaged.
        """
        from pydicom.pixels.utils import pixel_array

        try:
            index = self.frames // 2 if frame is None else frame
            self._check_frame(index, self.frames)
            values = pixel_array(self._dataset, index=index, raw=True)
            return Image.fromarray(self._show(values.astype(f"u{values.itemsize}")))
        except MemoryError:
            raise
        except Exception:
            raise UnreadableImage("dicom", name=self._name) from None

    def _check_frame(self, index: int, frames: int) -> None:
        """Checks that a packed frame is no larger than the file says, since decoders unpack it first.

        Raises:
            ValueError: It would be.
        """
        from pydicom.encaps import get_frame

        ending = self._dataset.file_meta.TransferSyntaxUID.removeprefix(TRANSFER)
        if ending not in (RLE, *JPEG):
            return
        packed = get_frame(self._dataset.PixelData, index, number_of_frames=frames)
        if ending in JPEG:
            with Image.open(io.BytesIO(packed), formats=("JPEG", "JPEG2000")) as image:
                fits = image.size == self.size
        else:
            fits = all(
                _unpacks_within(segment, 2 * math.prod(self.size)) for segment in _rle_segments(packed)
            )
        if not fits:
            raise ValueError("PixelData")

    def _show(self, values: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.uint8]:
        # A table of what each stored value is shown as, since a slice of many pixels has few values.
        stored = np.arange(1 << self._stored)
        # What lies above the stored bits is no part of the value.
        last = values.dtype.type(stored[-1])
        if self._dataset.PixelRepresentation:
            stored[stored.size // 2 :] -= stored.size
        levels = stored * self._number("RescaleSlope", 1.0) + self._number("RescaleIntercept", 0.0)
        width = self._number("WindowWidth", 0.0)
        if "WindowCenter" in self._dataset and width > 1:
            # The linear window of DICOM's part 3, C.11.2.1.2.
            centre = self._number("WindowCenter", 0.0)
            shares = (levels - (centre - 0.5)) / (width - 1) + 0.5
        else:
            present = np.zeros(stored.size, bool)
            for row in values:
                present[row & last] = True
            lowest, highest = levels[present].min(), levels[present].max()
            shares = (levels - lowest) / max(float(highest - lowest), 1e-9)
        table = np.floor(shares.clip(0.0, 1.0) * 255 + 0.5).astype(np.uint8)
        if self._dataset.PhotometricInterpretation == "MONOCHROME1":
            table = 255 - table
        shown = np.empty(values.shape, np.uint8)
        for row, line in zip(values, shown, strict=True):  # as an index each value takes eight bytes
            line[:] = table[row & last]
        return shown

    def _number(self, name: str, default: float) -> float:
        value = self._dataset.get(name)
        if value is None:
            return default
        number = float(value if isinstance(value, (float, int, str)) else value[0])
        if not np.isfinite(number):
            raise ValueError(name)
        return number


def _rle_segments(frame: bytes) -> list[bytes]:
    """Splits a run-length encoded frame as PS3.5, annex G, says: a count, the places, the segments."""
    count, *places = struct.unpack_from("<16I", frame)
    ends = [*places[1:count], len(frame)]
    return [frame[start:end] for start, end in zip(places, ends, strict=False)]


def _unpacks_within(segment: bytes, limit: int) -> bool:
    place = unpacked = 0
    while place < len(segment) and unpacked <= limit:
        control = segment[place]
        if control < 128:  # so many bytes and one more, as they are
            unpacked += control + 1
            place += control + 2
        else:  # the next byte again and again; 128 does nothing
            unpacked += 257 - control if control > 128 else 0
            place += 2 if control > 128 else 1
    return unpacked <= limit


def _read(data: bytes) -> Dataset:
    # Most pictures are none, and it takes a while to import.
    from pydicom import dcmread

    return dcmread(io.BytesIO(data), specific_tags=list(TAGS))


def _can_decode(transfer: str) -> bool:
    from pydicom.pixels.decoders.base import get_decoder

    if transfer not in [TRANSFER + ending for ending in ENDINGS]:
        return False
    return bool(get_decoder(transfer).is_available)
