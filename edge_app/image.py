"""From a source to an upright picture, with hostile files kept out."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.dicom import DicomFile, is_dicom
from edge_app.errors import ImageTooLarge, NotAnImage, UnreadableImage
from edge_app.files import MAX_BYTES, MAX_MEGABYTES, Source, read_file
from edge_app.formats import exif
from edge_app.formats.header import Header, read_header
from edge_app.formats.jpeg import Jpeg
from edge_app.formats.png import GREY, Png
from edge_app.formats.webp import Webp
from edge_app.levels import colour_levels, grey_levels, uses_all_bits
from edge_app.strips import strips

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
MAX_MEGAPIXELS = 25
MAX_SIDE = 12_000  # pixels; the square around a long strip would fill the memory
MIN_PIXELS = 32

# What turns a picture of each EXIF orientation upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's readers raise on hostile bytes. A want of memory is none of it: the picture may be whole.
DAMAGED = (
    Image.DecompressionBombError,  # of a size that the file's head doesn't say
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)

# Warning filters belong to the whole process; and one big picture at a time is enough for a small device.
_pillow_lock = threading.Lock()


@dataclass(frozen=True)
class Decoded:
    """A decoded picture, and which frame of how many it is.

    Attributes:
        image: Upright, grey (mode L) or RGB.
        frame: From 0.
        frames: How many the file has.
    """

    image: Image.Image
    frame: int = 0
    frames: int = 1


def count_frames(source: Source, name: str = "") -> int:
    """Returns how many frames a file has: 1, but for DICOM files of several.

    Raises:
        ImageError: As of ``decode``.
    """
    if isinstance(source, (str, Path)):
        name = name or str(source)
        source = read_file(Path(source), name)
    source = opened(source, name)
    return source.frames if isinstance(source, DicomFile) else 1


def opened(source: Source, name: str = "") -> Source:
    """Returns the bytes of a DICOM file opened, so that they are walked once for all frames; else the source.

    Raises:
        ImageError: As of ``decode``.
    """
    if not isinstance(source, bytes) or not is_dicom(source):
        return source
    return DicomFile(source, name or "picture")


def decode(source: Source, name: str = "", frame: int | None = None) -> Image.Image:
    """Decodes a picture as ``decode_frame`` does, and returns it alone."""
    return decode_frame(source, name, frame).image


def decode_frame(source: Source, name: str = "", frame: int | None = None) -> Decoded:
    """Decodes a picture: upright by its EXIF tag, 8 bits, transparency flattened on black.

    Args:
        source: A path, the bytes of a file, what ``opened`` gives, a PIL image, or a uint8 array (H, W) or
            (H, W, 3).
        name: What errors call the picture; a path's own name where not given.
        frame: Which frame of a DICOM file, from 0; the middle one by position where not given.

    Returns:
        A grey image (mode L) or an RGB one, whatever the source held. Colour profiles are ignored, and so is
        an orientation that is named anywhere but in EXIF.

    Raises:
        NotAnImage: The bytes are neither DICOM nor of a format in ``FORMATS``.
        UnreadableImage: The file is missing, empty, damaged or too small.
        ImageTooLarge: More than ``MAX_MEGABYTES``, ``MAX_MEGAPIXELS`` or ``MAX_SIDE``.
        MemoryError: There is too little memory for the picture.
    """
    if isinstance(source, (str, Path)):
        name = name or str(source)
        source = read_file(Path(source), name)
    name = name or "picture"
    # Of what a file does otherwise than the standard says.
    with _pillow_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(source, bytes):
            return _decode_file(source, name, frame)
        if isinstance(source, DicomFile):
            return _decode_dicom(source, name, frame)
        image = _open(source, name)
        _check_size(image.size, name)
        orientation = exif.orientation(image.info.get("exif", b""))
        try:
            image.load()
            return Decoded(_turn(_flatten(image), orientation))
        except DAMAGED as error:
            raise _damage(error, name) from None


def _decode_file(data: bytes, name: str, frame: int | None) -> Decoded:
    if not data:
        raise UnreadableImage("empty", name=name)
    if len(data) > MAX_BYTES:
        raise ImageTooLarge("too_many_bytes", name=name, limit=MAX_MEGABYTES)
    if is_dicom(data):
        return _decode_dicom(DicomFile(data, name), name, frame)
    header = read_header(data, name)
    _check_size(header.size, name)
    try:
        return Decoded(_turn(_decode_picture(header), header.orientation))
    except DAMAGED as error:
        raise _damage(error, name) from None


def _decode_dicom(file: DicomFile, name: str, frame: int | None) -> Decoded:
    _check_size(file.size, name)
    return Decoded(file.load(frame), file.middle if frame is None else frame, file.frames)


def _decode_picture(header: Header) -> Image.Image:
    """Decodes a file whose head is in order.

    Raises:
        Any of ``DAMAGED``.
        MemoryError: There is too little memory for it.
    """
    if isinstance(header, Png):
        header.check()
    if isinstance(header, (Jpeg, Webp)):
        # Their decoders don't tell a want of memory from damage.
        bytearray(header.memory)
    image = _load(header.data, header.size)
    if isinstance(header, Png) and header.depth == 16:
        return _decode_deep(header, image)
    if isinstance(header, Jpeg) and (header.doubtful or _ends_grey(image)):
        found = _digest(image)
        del image
        image = _load(header.filled, header.size)
        if _digest(image) != found:
            raise ValueError("broken off")
    return _flatten(image)


def _decode_deep(png: Png, image: Image.Image) -> Image.Image:
    """Decodes a PNG of 16 bits, of which Pillow keeps all in grey, and the upper eight in colour."""
    if png.colour == GREY:
        return grey_levels(image, png.transparent)
    if png.transparent is None and uses_all_bits(image):
        return _flatten(image)
    upper, lower = (_load(half, png.size) for half in png.halves())
    return _flatten(colour_levels(upper, lower, png.transparent))


def _load(data: bytes, size: tuple[int, int]) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.size != size:
        raise ValueError("size")
    image.load()
    return image


def _damage(error: Exception, name: str) -> Exception:
    """Returns what Pillow's error says: damage, or a want of memory."""
    return MemoryError(str(error)) if "memory" in str(error) else UnreadableImage("damaged", name=name)


def _open(source: Image.Image | NDArray[np.uint8], name: str) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    if source.dtype != np.uint8 or source.ndim not in (2, 3) or source.shape[2:] not in ((), (3,)):
        raise NotAnImage("array", name=name)
    return Image.fromarray(source)


def _check_size(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MAX_MEGAPIXELS * 1_000_000:
        raise ImageTooLarge("too_many_pixels", name=name, limit=MAX_MEGAPIXELS)
    if max(size) > MAX_SIDE:
        raise ImageTooLarge("too_wide", name=name, limit=MAX_SIDE)
    if min(size) < MIN_PIXELS:
        raise UnreadableImage("too_small", name=name, limit=MIN_PIXELS)


def _ends_grey(image: Image.Image) -> bool:
    """Tells whether the last corner is what decoders fill a broken-off JPEG with."""
    return image.getpixel((image.width - 1, image.height - 1)) in (128, (128, 128, 128))


def _digest(image: Image.Image) -> bytes:
    digest = hashlib.sha256()
    for strip in strips((0, 0, *image.size)):
        digest.update(image.crop(strip).tobytes())
    return digest.digest()


def _flatten(image: Image.Image) -> Image.Image:
    """Brings a picture of any mode to grey or RGB, without a copy where it is that already."""
    if image.mode.startswith("I"):
        return grey_levels(image)
    if image.mode == "CMYK":
        return _from_inks(image)
    mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)
    flat = Image.new(mode, image.size)
    for strip in strips((0, 0, *image.size)):
        part = image.crop(strip).convert("RGBA")
        ground = Image.new("RGBA", part.size, (0, 0, 0, 255))
        flat.paste(Image.alpha_composite(ground, part).convert(mode), strip)
    return flat


def _from_inks(image: Image.Image) -> Image.Image:
    """Turns CMYK into RGB, rounded as Chromium does; Pillow's own way is up to a level off."""
    flat = Image.new("RGB", image.size)
    for strip in strips((0, 0, *image.size)):
        paper = 255 - np.asarray(image.crop(strip)).astype(np.uint16)
        shown = paper[..., :3] * paper[..., 3:] // 255
        flat.paste(Image.fromarray(shown.astype(np.uint8)), strip)
    return flat


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image
