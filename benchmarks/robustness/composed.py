"""Slices that are not shown alone: several in one picture, and on the screen of a viewer with text around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edge_app.image import decode

SEED = 13
SIDE = 256  # of a slice on a sheet, in pixels
LAYOUTS = ((1, 2), (2, 1), (2, 2), (2, 3))  # rows, columns
LEVELS = (0, 60, 128, 255)  # of what lies between slices
SCREENS = ((1280, 800), (1920, 1080), (1024, 768), (800, 600), (640, 640))
INKS = ((255, 255, 255), (180, 180, 180), (255, 230, 0), (60, 230, 60))
LINES = (
    "NOBODY, AT ALL",
    "ID 000000",
    "01-01-1970 M",
    "Hospital",
    "T1 TSE AX",
    "SE 5 IM 12/24",
    "TR 550 TE 12",
)


def sheets(slices: Sequence[Path]) -> Iterator[tuple[str, Image.Image]]:
    """Yields for each slice a sheet that begins with it: two, four or six in one picture."""
    for index, path in enumerate(slices):
        generator = np.random.default_rng((SEED, index))
        rows, columns = LAYOUTS[generator.integers(len(LAYOUTS))]
        gutter, level = int(generator.integers(0, 20)), LEVELS[generator.integers(len(LEVELS))]
        out = Image.new("RGB", _size(columns, rows, gutter), (level,) * 3)
        for place in range(rows * columns):
            image = _within(decode(slices[(index + place) % len(slices)]), SIDE, SIDE)
            left, top = (number * (SIDE + gutter) for number in (place % columns, place // columns))
            out.paste((0, 0, 0), (left, top, left + SIDE, top + SIDE))
            out.paste(image, (left + (SIDE - image.width) // 2, top + (SIDE - image.height) // 2))
        yield _name(path), out


def screens(slices: Sequence[Path]) -> Iterator[tuple[str, Image.Image]]:
    """Yields each slice on a viewer's screen, with text in three corners or four and often a bar."""
    for index, path in enumerate(slices):
        generator = np.random.default_rng((SEED, index))
        width, height = SCREENS[generator.integers(len(SCREENS))]
        paper = int(generator.choice([0, 0, 12, 30]))
        out = Image.new("RGB", (width, height), (paper,) * 3)
        share = generator.uniform(0.6, 0.95)
        image = _within(decode(path), round(width * share), round(height * share))
        out.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
        draw = ImageDraw.Draw(out)
        bar = int(generator.choice([0, 30, 60]))
        if bar:
            draw.rectangle((0, 0, width, bar), fill=(58, 62, 70))
        size = int(generator.integers(11, 20))
        ink = INKS[generator.integers(len(INKS))]
        for corner in generator.permutation(4)[: generator.integers(3, 5)]:
            _write(draw, generator.permutation(LINES)[:4].tolist(), corner, (bar, width, height), size, ink)
        yield _name(path), out


def _name(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _size(columns: int, rows: int, gutter: int) -> tuple[int, int]:
    return columns * (SIDE + gutter) - gutter, rows * (SIDE + gutter) - gutter


def _within(image: Image.Image, width: int, height: int) -> Image.Image:
    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _write(
    draw: ImageDraw.ImageDraw,
    lines: Sequence[str],
    corner: int,
    frame: tuple[int, int, int],
    size: int,
    ink: tuple[int, int, int],
) -> None:
    top, width, height = frame
    font = ImageFont.load_default(size)
    for index, line in enumerate(lines):
        x = 8 if corner % 2 == 0 else width - 8 - draw.textlength(line, font=font)
        y = top + 6 + 1.3 * size * index
        if corner >= 2:
            y = height - 6 - 1.3 * size * (len(lines) - index)
        draw.text((x, y), line, fill=ink, font=font)
