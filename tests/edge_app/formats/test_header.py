"""What files say of themselves; ``tests/corpus`` holds the readers to many more."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from edge_app.errors import NotAnImage, UnreadableImage
from edge_app.formats import exif
from edge_app.formats.header import read_header
from edge_app.formats.jpeg import Jpeg
from edge_app.formats.png import Png
from tests.corpus import image_files as files
from tests.corpus.image_cases import cases
from tests.phantoms import phantom

GREY = phantom("glioma", 1, size=96).crop((0, 0, 96, 80))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_size_and_orientation(kind: str) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    options = {} if kind == "BMP" else {"exif": tags}
    header = read_header(files.encode(GREY, kind, **options), "a")
    assert header.size == (96, 80)
    assert header.orientation == (1 if kind == "BMP" else 6)


def test_only_what_a_decoder_needs_is_kept() -> None:
    profile = Image.new("RGB", (99, 99)).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        data = files.encode(GREY, kind, icc_profile=profile, exif=files.exif(6), quality=90) + b"junk" * 99
        kept = read_header(data, "a").data
        assert len(kept) < len(data) - 400
        with Image.open(io.BytesIO(kept)) as image:
            assert not {"icc_profile", "exif"} & set(image.info)
            assert image.size == GREY.size


def test_every_beginning_of_a_file_is_damaged_or_none() -> None:
    for case in cases():
        if case.error is None:
            for length in (1, 11, 30, 60):
                with pytest.raises((UnreadableImage, NotAnImage)):
                    read_header(case.data[:length], "a")


def test_several_scans_are_looked_at_twice() -> None:
    for picture, options, doubtful in (
        (GREY, {}, False),
        (GREY.convert("RGB"), {}, False),
        (GREY, {"progressive": True}, True),
        (GREY.convert("CMYK"), {}, True),
    ):
        header = read_header(files.encode(picture, "JPEG", **options), "a")
        assert isinstance(header, Jpeg)
        assert header.doubtful is doubtful
        pixels = 96 * 80 * (1 if picture.mode == "L" else 4)
        assert header.memory == pixels + (96 * 80 * 2 if doubtful and picture.mode == "L" else 0)


@pytest.mark.parametrize("depth", [8, 16])
def test_unpacked_rows_are_counted_before_they_are_kept(depth: int) -> None:
    rows = files.rows(np.asarray(GREY).astype(np.uint16 if depth == 16 else np.uint8))
    whole = read_header(files.png(GREY.size, zlib.compress(rows), depth), "a")
    assert isinstance(whole, Png)
    whole.check()
    bomb = read_header(files.png(GREY.size, zlib.compress(bytes(50_000_000)), depth), "a")
    assert isinstance(bomb, Png)
    with pytest.raises(ValueError, match="rows"):
        bomb.check()


def test_a_broken_exif_block_says_nothing() -> None:
    whole = files.exif(6)
    assert exif.orientation(whole) == exif.orientation(whole[6:]) == exif.orientation(files.exif(6, ">")) == 6
    for block in (
        b"",
        whole[:20],
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + bytes(24),
        files.exif(9),
    ):
        assert exif.orientation(block) == 1
