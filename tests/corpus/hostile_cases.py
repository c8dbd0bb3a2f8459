"""The bombs that are tried, each with what a reader under limits must say of it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.corpus import hostile_files as files


@dataclass(frozen=True)
class Bomb:
    """A file that costs more than its bytes.

    Attributes:
        name: With its ending.
        make: Returns its bytes.
        code: Of the error that it must give; None where it must be read all the same.
    """

    name: str
    make: Callable[[], bytes]
    code: str | None


MANY = 200_000
SEGMENT = b"\x81\0" * 40  # of run lengths: 128 zeros each

BOMBS = (
    # Pixels
    Bomb("64-megapixels.png", lambda: files.png_of(8000, 8000), "too_many_pixels"),
    Bomb("two-thousand-million.png", lambda: files.png_header_alone(2**31 - 1, 2**31 - 1), "too_many_pixels"),
    Bomb("25-megapixels-rgba.png", lambda: files.png_of(5000, 5000, 8, 6), "too_much_memory"),
    Bomb("25-megapixels-deep.png", lambda: files.png_of(5000, 5000, 16), None),
    Bomb("64-megapixels.jpg", lambda: files.jpeg_of(8000, 8000), "too_many_pixels"),
    Bomb("25-megapixels.jpg", lambda: files.jpeg_of(5000, 5000, "RGB"), None),
    Bomb(
        "25-megapixels-progressive.jpg",
        lambda: files.jpeg_of(5000, 5000, "RGB", progressive=True, subsampling=0),
        "too_much_memory",
    ),
    Bomb("64-megapixels.webp", lambda: files.webp_of_one_colour(8000, 8000), "too_many_pixels"),
    Bomb("25-megapixels.webp", lambda: files.webp_of_one_colour(5000, 5000), "too_much_memory"),
    Bomb("25-megapixels.bmp", lambda: files.bmp_of(5000, 5000, b"\0\1"), "damaged"),
    Bomb(
        "64-megapixels.dcm",
        lambda: files.dicom_of(files.unpacked(), rows=8000, columns=8000),
        "too_many_pixels",
    ),
    # PNG
    Bomb("texts.png", lambda: files.png_texts(200, 1_000_000), None),
    Bomb("text.png", lambda: files.png_texts(1, 500_000_000), None),
    Bomb("profile.png", lambda: files.png_profile(500_000_000), None),
    Bomb("chunks.png", lambda: files.png_chunks(MANY), "damaged"),
    Bomb("empty-rows.png", lambda: files.png_empty_rows(MANY), "damaged"),
    Bomb("rows-without-end.png", lambda: files.png_rows_without_end(500_000_000), "damaged"),
    Bomb("behind-the-rows.png", lambda: files.png_behind_the_rows(200_000), "damaged"),
    Bomb("frames-said.png", lambda: files.apng(2**31 - 1, 1), None),
    Bomb("frames.png", lambda: files.apng(20_000, 20_000), None),
    # JPEG
    Bomb("scans.jpg", lambda: files.jpeg_scans(1500, 1500, 1000), "damaged"),
    Bomb("fill.jpg", lambda: files.jpeg_with(b"\xff" * 2_000_000), None),
    Bomb("comments.jpg", lambda: files.jpeg_with(b"\xff\xfe\0\2" * MANY), "damaged"),
    Bomb("profiles.jpg", lambda: files.jpeg_profiles(200, 10_000), None),
    Bomb("exif.jpg", lambda: files.jpeg_exif(5000), None),
    # WebP
    Bomb("canvas.webp", lambda: files.webp_frames(16_383, 16_383, 1), "too_many_pixels"),
    Bomb("canvas-25.webp", lambda: files.webp_frames(5000, 5000, 1), "too_much_memory"),
    Bomb("cut-canvas.webp", files.webp_cut_canvas, "damaged"),
    Bomb("frames.webp", lambda: files.webp_frames(64, 64, 20_000), None),
    Bomb("chunks.webp", lambda: files.webp_chunks(MANY), "damaged"),
    # BMP
    Bomb("ends-of-lines.bmp", lambda: files.bmp_of(64, 64, b"\0\0" * 500_000), "damaged"),
    Bomb("jumps.bmp", lambda: files.bmp_of(64, 64, b"\0\2\0\0" * 500_000), "damaged"),
    # DICOM
    Bomb("elements.dcm", lambda: files.dicom_elements(2 * MANY), "dicom"),
    Bomb("items.dcm", lambda: files.dicom_items(2 * MANY), None),
    Bomb("endless-items.dcm", lambda: files.dicom_items(2 * MANY, endless=True), "dicom"),
    Bomb("nested.dcm", lambda: files.dicom_nested(100_000), "dicom"),
    Bomb("groups.dcm", lambda: files.dicom_functional_groups(60_000), "dicom"),
    Bomb("shared-groups.dcm", lambda: files.dicom_shared_groups(60_000, 100_000), "dicom"),
    Bomb("groups-below-the-limit.dcm", lambda: files.dicom_functional_groups(45_000), "dicom"),
    Bomb("fragments.dcm", lambda: files.dicom_fragments(2 * MANY), "dicom"),
    Bomb("texts.dcm", lambda: files.dicom_text(1_000_000), None),
    Bomb("deflated.dcm", lambda: files.dicom_deflated(500_000_000), "dicom_compressed"),
    Bomb("frames-said.dcm", lambda: files.dicom_of(files.unpacked(), frames=b"2147483647"), "dicom"),
    Bomb(
        "frames-said-packed.dcm",
        lambda: files.dicom_of(files.packed([b"12"]), b"1.2.840.10008.1.2.5", frames=b"2147483647"),
        "dicom",
    ),
    Bomb("overlap.dcm", lambda: files.dicom_rle(64, 64, SEGMENT, [64] * 15, 15), "dicom"),
    Bomb("nothing.dcm", lambda: files.dicom_rle(64, 64, b"\x80" * 2_000_000, [64]), "dicom"),
    Bomb("runs.dcm", lambda: files.dicom_rle(64, 64, b"\x81\0" * 1_000_000, [64]), "dicom"),
    Bomb("jpeg-larger.dcm", lambda: files.dicom_jpeg(5000, 5000, (64, 64)), "dicom"),
    Bomb("jpeg-2000-larger.dcm", lambda: files.dicom_jpeg_2000(8000, 8000, 64), "dicom"),
    Bomb("jpeg-2000-tiles.dcm", lambda: files.dicom_jpeg_2000(2000, 1, 2000), "dicom"),
    Bomb("jpeg-2000-large.dcm", lambda: files.dicom_jpeg_2000(5000, 5000, 5000), "too_many_pixels"),
    Bomb("jpeg-ls.dcm", lambda: files.dicom_jpeg_ls(30_000, 64), "dicom_compressed"),
    Bomb("directory-cut.dcm", lambda: files.dicom_of(struct.pack("<I", 0)), "dicom"),
)
