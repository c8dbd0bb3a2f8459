from __future__ import annotations

import base64
import csv
import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from edge_app.image import decode
from edge_app.preprocessing import InputSpec, bright_level, content_box, preprocess, square, stretch
from tests.edge_app.make_golden import GOLDEN, encode, frames, vectors
from tests.phantoms import phantom

SPEC = InputSpec(size=64)


def framed(content: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    return np.pad(content, ((top, bottom), (left, right)))


@pytest.fixture(scope="module")
def content() -> NDArray[np.uint8]:
    """A patch without any margin, sides even."""
    return np.asarray(phantom("no_tumor", seed=3, size=256))[64:192, 80:176].clip(60, 200)


def test_golden_vectors() -> None:
    golden = json.loads(GOLDEN.read_text())["arrays"]
    results = encode(vectors())
    assert {name for name in golden if not name.startswith("frame-")} == set(results)
    for name, result in results.items():
        assert golden[name] == result, name


def test_golden_frames() -> None:
    golden = json.loads(GOLDEN.read_text())["arrays"]
    for name, frame in frames().items():
        expected = np.frombuffer(base64.b64decode(golden[f"frame-{name}"]), "<f4").reshape(frame.shape)
        np.testing.assert_allclose(frame, expected, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_type(channels: Literal[1, 3]) -> None:
    pixels, _ = preprocess(decode(phantom("glioma", 1)), InputSpec(size=96, channels=channels))
    assert pixels.shape == (1, 96, 96, channels)
    assert pixels.dtype == np.uint8
    assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize("margin", [(0, 0, 0, 0), (10, 10, 10, 10), (0, 40, 30, 0), (60, 2, 1, 70)])
def test_the_margin_does_not_matter(content: NDArray[np.uint8], margin: tuple[int, int, int, int]) -> None:
    expected, _ = preprocess(decode(content), SPEC)
    pixels, box = preprocess(decode(framed(content, *margin)), SPEC)
    # The bright level counts the margin's pixels too and may move by a few levels.
    assert np.abs(pixels.astype(int) - expected).max() <= 12
    left, top, _, _ = margin
    assert box == (left - 16, top, left + 112, top + 128)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_gives_a_turned_input(content: NDArray[np.uint8], turns: int) -> None:
    picture = framed(content, 20, 8, 4, 30)
    expected = np.rot90(preprocess(decode(picture), SPEC)[0][0], turns)
    pixels = preprocess(decode(np.rot90(picture, turns).copy()), SPEC)[0][0]
    assert np.abs(pixels.astype(int) - expected).max() <= 3  # the two passes round in turn


def test_brightness_does_not_matter(content: NDArray[np.uint8]) -> None:
    expected, _ = preprocess(decode(content), SPEC)
    darker, _ = preprocess(decode(content // 2), SPEC)
    assert np.abs(darker.astype(int) - expected).max() <= 8


@pytest.mark.parametrize("level", [0, 1, 77, 255])
def test_one_level_only(level: int) -> None:
    pixels, box = preprocess(decode(np.full((40, 50), level, np.uint8)), SPEC)
    assert box == (0, -5, 50, 45)
    assert set(np.unique(pixels)) <= ({0} if level == 0 else set(range(256)))
    assert pixels[0, 32, 32, 0] == (255 if level else 0)


@pytest.mark.parametrize("size", [(32, 4000), (4000, 32)])
def test_very_long_pictures_keep_their_proportions(size: tuple[int, int]) -> None:
    pixels, box = preprocess(decode(np.full(size, 200, np.uint8)), SPEC)
    assert (box[2] - box[0], box[3] - box[1]) == (4000, 4000)
    assert np.count_nonzero(pixels) <= 64 * 2


def test_without_crop_the_whole_picture_is_stretched(content: NDArray[np.uint8]) -> None:
    picture = Image.fromarray(framed(content, 30, 0, 0, 0))
    pixels, box = preprocess(decode(picture), InputSpec(size=64, crop="none", contrast="none"))
    assert box == (0, 0, *picture.size)
    assert np.array_equal(pixels[0, :, :, 0], np.asarray(picture.resize((64, 64), Image.Resampling.BILINEAR)))


def test_specks_in_the_margin_are_no_content() -> None:
    picture = np.zeros((200, 200), np.uint8)
    picture[50:150, 60:140] = 180
    picture[5:8, 5:8] = 255
    assert content_box(Image.fromarray(picture)) == (60, 50, 140, 150)


def test_bright_level_passes_over_the_brightest_half_percent() -> None:
    counts = np.zeros(256, np.int64)
    counts[[50, 250]] = 9950, 50
    assert bright_level(counts) == 50
    counts[[50, 250]] = 9949, 51
    assert bright_level(counts) == 250
    counts[[50, 250, 0]] = 0, 0, 10_000
    assert bright_level(counts) == 1


def test_stretch_makes_the_bright_level_white() -> None:
    picture = np.repeat(np.arange(101, dtype=np.uint8), 100).reshape(101, 100)
    assert stretch(picture).max() == 255
    assert (np.diff(stretch(picture)[:, 0].astype(int)) >= 0).all()


def test_square_holds_the_box() -> None:
    assert square((10, 20, 15, 50)) == (-2, 20, 28, 50)
    assert square((3, 3, 9, 9)) == (3, 3, 9, 9)


def test_real_slices(otak_data: Path) -> None:
    with (otak_data / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:: len(rows) // 19][:20]:
        image = decode(otak_data / row["path"])
        pixels, box = preprocess(image, InputSpec())
        assert pixels.shape == (1, 128, 128, 1)
        assert pixels.max() == 255, row["path"]
        # A head fills its box: the middle row and column reach into every quarter of it.
        assert (box[2] - box[0]) * (box[3] - box[1]) > image.width * image.height / 10, row["path"]
        assert pixels[0, :, :, 0].mean() > 20, row["path"]
