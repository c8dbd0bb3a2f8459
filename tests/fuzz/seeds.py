"""Whole files to start from, of every container and way of compression that is read."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, PngImagePlugin
from pydicom.uid import RLELossless

from tests.corpus import dicom_cases, image_cases
from tests.corpus import hostile_files as files
from tests.dicoms import dicom, kinds
from tests.fuzz.containers import is_known
from tests.phantoms import phantom

MAX_BYTES = 40_000


def seeds() -> list[bytes]:
    """Returns them, small ones, since each is read thousands of times; and the odd ones of the corpus."""
    corpus = [case.data for case in (*image_cases.cases(), *dicom_cases.cases()) if case.error is None]
    return plain_seeds() + [data for data in corpus if len(data) <= MAX_BYTES and is_known(data)]


def plain_seeds() -> list[bytes]:
    """Returns those that encoders write."""
    grey = phantom("glioma", 1, 64)
    colour = Image.merge("RGB", (grey, grey, grey))
    return [*_pngs(grey), *_jpegs(grey, colour), *_webps(grey), *_bmps(grey), *_dicoms(grey)]


def _encode(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _pngs(grey: Image.Image) -> list[bytes]:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("a", "text", zip=True)
    texts.add_itxt("b", "text", zip=True)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 200)
    modes = [grey.convert(mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")]
    plain = [_encode(image, "PNG") for image in modes]
    return [
        *plain,
        _encode(deep, "PNG"),
        _encode(grey, "PNG", pnginfo=texts, exif=_exif(), icc_profile=b"profile" * 40),
        _encode(grey, "PNG", transparency=7),
        _encode(grey.convert("P"), "PNG", transparency=bytes(range(200))),
        files.apng(3, 3),
    ]


def _jpegs(grey: Image.Image, colour: Image.Image) -> list[bytes]:
    return [
        _encode(grey, "JPEG"),
        _encode(colour, "JPEG", exif=_exif(), icc_profile=b"profile" * 40, comment=b"comment"),
        _encode(colour, "JPEG", progressive=True),
        _encode(grey, "JPEG", progressive=True, restart_marker_blocks=4),
        _encode(colour, "JPEG", subsampling=0, restart_marker_rows=1),
        _encode(grey.convert("CMYK"), "JPEG"),
    ]


def _webps(grey: Image.Image) -> list[bytes]:
    animation = io.BytesIO()
    grey.save(animation, "WEBP", save_all=True, append_images=[grey.rotate(90)], lossless=True)
    return [
        _encode(grey, "WEBP"),
        _encode(grey, "WEBP", lossless=True),
        _encode(grey.convert("RGBA"), "WEBP", exif=_exif(), icc_profile=b"profile" * 40, xmp=b"<x/>"),
        animation.getvalue(),
        files.webp_of_one_colour(64, 64),
    ]


def _bmps(grey: Image.Image) -> list[bytes]:
    modes = [_encode(grey.convert(mode), "BMP") for mode in ("1", "L", "P", "RGB", "RGBA")]
    row = b"\x40\x80\0\0"
    return [*modes, files.bmp_of(64, 64, row * 64 + b"\0\1")]


def _dicoms(grey: Image.Image) -> list[bytes]:
    wide = np.asarray(grey).astype(np.uint16) * 13
    baseline = _encode(grey, "JPEG")
    jpeg_2000 = _encode(grey, "JPEG2000", no_jp2=True)
    return [
        *kinds().values(),
        dicom(wide, RLELossless),
        dicom(np.asarray(grey), RLELossless),
        dicom(np.stack([wide, wide]), WindowCenter=["300", "1"], WindowWidth=["600", "2"]),
        files.dicom_of(files.packed([baseline]), b"1.2.840.10008.1.2.4.50"),
        files.dicom_of(files.packed([jpeg_2000]), b"1.2.840.10008.1.2.4.90"),
        files.dicom_jpeg_ls(64, 64),
        files.dicom_functional_groups(3, files.unpacked(3 * 64 * 64)),
    ]
