"""From a source to an upright RGB picture, with hostile files kept out."""

from __future__ import annotations

import io
import threading
import warnings
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from edge_app.dicom import DicomFile, is_dicom
from edge_app.errors import ImageTooLarge, NotAnImage, UnreadableImage

Source: TypeAlias = "str | Path | bytes | Image.Image | NDArray[np.uint8]"

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
MAX_MEGABYTES = 20
MAX_MEGAPIXELS = 64
MAX_SIDE = 12_000  # pixels; the square around a long strip would fill the memory
MIN_PIXELS = 32

# Warning filters belong to the whole process; and one big picture at a time is enough for a small device.
_pillow_lock = threading.Lock()


def read_file(path: Path, name: str) -> bytes:
    """Returns the bytes of a file, but no more than tell that it is too large.

    Raises:
        UnreadableImage: It is missing or a folder.
    """
    if path.is_dir():
        raise UnreadableImage("directory", name=name)
    try:
        with path.open("rb") as file:
            return file.read(MAX_MEGABYTES * 1_000_000 + 1)
    # A path with a null byte is a ValueError.
    except (OSError, ValueError):
        raise UnreadableImage("missing", name=name) from None


def count_frames(source: Source, name: str = "") -> int:
    """Returns how many frames a file has: 1, but for DICOM files of several.

    Raises:
        ImageError: As of ``decode``.
    """
    if isinstance(source, (str, Path)):
        name = name or str(source)
        source = read_file(Path(source), name)
    if not isinstance(source, bytes) or not is_dicom(source):
        return 1
    return DicomFile(source, name or "picture").frames


def decode(source: Source, name: str = "", frame: int | None = None) -> Image.Image:
    """Decodes a picture: upright by its EXIF tag, RGB, 8 bits, transparency flattened on black.

    Args:
        source: A path, the bytes of a file, a PIL image, or a uint8 array (H, W) or (H, W, 3).
        name: What errors call the picture; a path's own name where not given.
        frame: Which frame of a DICOM file, from 0; the middle one where not given.

    Returns:
        An RGB image. Embedded colour profiles are ignored.

    Raises:
        NotAnImage: The bytes are neither DICOM nor of a format in ``FORMATS``.
        UnreadableImage: The file is missing, empty, damaged or too small.
        ImageTooLarge: More than ``MAX_MEGABYTES``, ``MAX_MEGAPIXELS`` or ``MAX_SIDE``.
    """
    if isinstance(source, (str, Path)):
        name = name or str(source)
        source = read_file(Path(source), name)
    name = name or "picture"
    if isinstance(source, bytes) and is_dicom(source):
        return _decode_dicom(source, name, frame)
    with _pillow_lock, warnings.catch_warnings():
        # Of broken EXIF blocks, which don't matter, and of big pictures, which are judged here.
        warnings.simplefilter("ignore")
        image = _open(source, name)
        _check_size(image.size, name)
        try:
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image))
        except MemoryError:
            raise ImageTooLarge("too_much_memory", name=name) from None
        # Pillow's decoders raise many kinds on hostile bytes (OSError, SyntaxError, struct.error, ...).
        except Exception:
            raise UnreadableImage("damaged", name=name) from None


def _decode_dicom(data: bytes, name: str, frame: int | None) -> Image.Image:
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise ImageTooLarge("too_many_bytes", name=name, limit=MAX_MEGABYTES)
    # Of what a file does otherwise than the standard says.
    with _pillow_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = DicomFile(data, name)
        _check_size(file.size, name)
        return file.load(frame).convert("RGB")


def _open(source: bytes | Image.Image | NDArray[np.uint8], name: str) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim not in (2, 3) or source.shape[2:] not in ((), (3,)):
            raise NotAnImage("array", name=name)
        return Image.fromarray(source)
    if not source:
        raise UnreadableImage("empty", name=name)
    if len(source) > MAX_MEGABYTES * 1_000_000:
        raise ImageTooLarge("too_many_bytes", name=name, limit=MAX_MEGABYTES)
    try:
        return Image.open(io.BytesIO(source), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ImageTooLarge("too_many_pixels", name=name, limit=MAX_MEGAPIXELS) from None
    except UnidentifiedImageError:
        raise NotAnImage("no_image", name=name) from None
    except MemoryError:
        raise ImageTooLarge("too_much_memory", name=name) from None
    except Exception:
        raise UnreadableImage("damaged", name=name) from None


def _check_size(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MAX_MEGAPIXELS * 1_000_000:
        raise ImageTooLarge("too_many_pixels", name=name, limit=MAX_MEGAPIXELS)
    if max(size) > MAX_SIDE:
        raise ImageTooLarge("too_wide", name=name, limit=MAX_SIDE)
    if min(size) < MIN_PIXELS:
        raise UnreadableImage("too_small", name=name, limit=MIN_PIXELS)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow's own conversion clips 16 bits at 255; keep the high byte, as browsers do.
        high = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return Image.fromarray(high).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")
    return image.convert("RGB")
