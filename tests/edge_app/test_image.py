import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from edge_app.errors import ImageError, ImageTooLarge, NotAnImage, UnreadableImage
from edge_app.files import MAX_MEGABYTES
from edge_app.image import decode
from tests.phantoms import phantom


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, data: bytes, depth: int = 8) -> bytes:
    """A PNG that says of itself what it likes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def grey() -> Image.Image:
    return phantom("glioma", seed=1, size=96)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
def test_lossless_kinds_give_the_same_pixels(grey: Image.Image, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    image = decode(encode(grey.convert("RGB"), kind, **options))
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), np.asarray(grey.convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG"])
def test_grey_stays_grey_and_takes_a_byte_a_pixel(grey: Image.Image, kind: str) -> None:
    assert decode(encode(grey, kind)).mode == "L"


def test_all_sources_agree(grey: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    grey.save(path)
    expected = np.asarray(grey.convert("RGB"))
    for source in (path, str(path), path.read_bytes(), grey, Image.open(path), np.asarray(grey), expected):
        assert np.array_equal(np.asarray(decode(source).convert("RGB")), expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP"])
def test_truncated_at_any_length(grey: Image.Image, kind: str) -> None:
    whole = encode(grey, kind)
    tail = {"JPEG": 2, "PNG": 16}.get(kind, 1)  # end marks, without which nothing is lost
    for length in [*range(1, 40), *range(40, len(whole) - tail, max(1, len(whole) // 60))]:
        with pytest.raises((UnreadableImage, NotAnImage)):
            decode(whole[:length], "cut")


def test_a_truncated_pil_image(grey: Image.Image) -> None:
    with pytest.raises(UnreadableImage):
        decode(Image.open(io.BytesIO(encode(grey, "JPEG")[:-500])))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP"])
def test_hostile_bytes_give_a_picture_or_an_error_of_ours(grey: Image.Image, kind: str) -> None:
    whole = encode(grey, kind, exif=exif(6)) if kind != "BMP" else encode(grey, kind)
    random = np.random.default_rng(7)
    for _ in range(150):
        data = bytearray(whole)
        for position in random.integers(0, min(len(data), 300), size=3):
            data[position] = random.integers(256)
        try:
            assert decode(bytes(data)).mode in ("L", "RGB")
        except ImageError as error:
            assert str(error)


@pytest.mark.parametrize("side", [10_000, 20_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    rows = zlib.compress(bytes(1 + side // 8) * 100)
    with pytest.raises(ImageTooLarge, match=r"bomb\.png: .*25 megapixels"):
        decode(png(side, side, rows, depth=1), "bomb.png")


@pytest.mark.parametrize("size", [(12_001, 40), (40, 20_000)])
def test_a_strip_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge, match=r"12000 pixels on one side"):
        decode(encode(Image.new("1", size), "PNG"))


def test_a_header_that_promises_more_than_it_holds() -> None:
    with pytest.raises(UnreadableImage):
        decode(png(4000, 4000, zlib.compress(b"\0" * 100)))


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"", UnreadableImage, "empty"),
        (b"not a picture, whatever its name says\n", NotAnImage, "no_image"),
        (b"\xff\xd8\xff\xe0", UnreadableImage, "damaged"),
        (b"GIF89a" + bytes(100), NotAnImage, "no_image"),
        (b"%PDF-1.7\n", NotAnImage, "no_image"),
        (bytes(MAX_MEGABYTES * 1_000_000 + 1), ImageTooLarge, "too_many_bytes"),
    ],
)
def test_bytes_that_are_no_picture(data: bytes, kind: type[ImageError], code: str, tmp_path: Path) -> None:
    path = tmp_path / "slice.jpg"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(kind) as caught:
            decode(source, "slice.jpg")
        assert caught.value.code == code
        assert str(caught.value).startswith("slice.jpg: ")


def test_a_gif_is_not_read(grey: Image.Image) -> None:
    with pytest.raises(NotAnImage):
        decode(encode(grey, "GIF"))


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    nowhere = (tmp_path / "absent.jpg", "a\0b", "a" * 300)
    for path, code in ((tmp_path, "directory"), *((path, "missing") for path in nowhere)):
        with pytest.raises(UnreadableImage) as caught:
            decode(path)
        assert caught.value.code == code
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("size", [(31, 500), (500, 31), (1, 1)])
def test_too_small(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableImage, match="32 x 32"):
        decode(encode(Image.new("L", size), "PNG"))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparency_is_flattened_on_black(grey: Image.Image, mode: str) -> None:
    picture = grey.convert(mode)
    picture.putalpha(Image.linear_gradient("L").resize(grey.size))
    image = np.asarray(decode(encode(picture, "PNG")).convert("RGB")).astype(int)
    levels, alpha = np.asarray(grey).astype(int), np.asarray(picture.getchannel("A")).astype(int)
    assert np.abs(image[..., 0] - levels * alpha / 255).max() <= 1


def test_a_palette_with_a_transparent_colour(grey: Image.Image) -> None:
    palette = grey.convert("RGB").quantize(16)
    image = np.asarray(decode(encode(palette, "PNG", transparency=0)))
    indices = np.asarray(palette)
    expected = np.asarray(palette.convert("RGB")) * (indices != 0)[..., None]
    assert np.array_equal(image, expected)


def test_cmyk_and_one_bit(grey: Image.Image) -> None:
    cmyk = decode(encode(grey.convert("RGB").convert("CMYK"), "JPEG", quality=95))
    assert np.abs(np.asarray(cmyk).astype(int) - np.asarray(grey.convert("RGB")).astype(int)).mean() < 3
    assert set(np.unique(np.asarray(decode(encode(grey.convert("1"), "PNG"))))) == {0, 255}


def test_a_want_of_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch, grey: Image.Image) -> None:
    for error in (MemoryError(), OSError("out of memory error when reading image file")):

        def fail(self: ImageFile.ImageFile, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
        with pytest.raises(MemoryError):
            decode(encode(grey, "BMP"))


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


@pytest.mark.parametrize(
    ("orientation", "turn"), [(1, None), (3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270)]
)
def test_pictures_stand_upright(orientation: int, turn: Image.Transpose | None) -> None:
    picture = Image.linear_gradient("L").crop((0, 0, 80, 120))
    expected = picture if turn is None else picture.transpose(turn)
    image = decode(encode(picture, "PNG", exif=exif(orientation)))
    assert np.array_equal(np.asarray(image.convert("L")), np.asarray(expected))


def test_a_broken_exif_block_is_no_reason_to_refuse(grey: Image.Image) -> None:
    data = encode(grey, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(data).size == grey.size


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((64, 64), np.float32),
        np.zeros((64, 64), np.uint16),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((1, 64, 64, 3), np.uint8),
        np.zeros(64, np.uint8),
    ],
)
def test_arrays_of_another_kind(array: Any) -> None:
    with pytest.raises(NotAnImage, match="uint8"):
        decode(array)


@pytest.mark.parametrize("shape", [(0, 64), (64, 0), (8, 8, 3)])
def test_arrays_that_are_too_small(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnreadableImage, match="32 x 32"):
        decode(np.zeros(shape, np.uint8))


def test_errors_speak_both_languages() -> None:
    with pytest.raises(NotAnImage) as caught:
        decode(b"text", "catatan.txt")
    assert caught.value.sentence("id").startswith("catatan.txt: ini bukan gambar")
