"""Pictures that are no slice of a brain MRI, to fit the rejection on: crops, drawings, sheets and screens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from edge_app.image import decode
from evaluation.out_of_distribution import PHOTOGRAPHS

CROPS = 14  # of every photograph
IN_HEADS = 5  # of them once more inside the outline of a head
OTHER_CROPS = 3  # of every other picture
GENERATED = 700
OF_SLICES = 300  # sheets, as many screens and half as many negatives of film
GRIDS = ((1, 2), (2, 1), (2, 2), (2, 3), (3, 4), (4, 5))  # rows and columns of a sheet
WORDS = (
    "Se: 4",
    "Im: 12/24",
    "TR: 500.0",
    "TE: 14.0",
    "W: 412 L: 206",
    "5.0 thk",
    "A",
    "R",
    "[H]",
    "FOV 24",
    "DOE",
)


def photographs(data: Path) -> list[Path]:
    """Returns every second photograph of a data set, to fit on; the others are to evaluate on."""
    folder = data / PHOTOGRAPHS
    return sorted(folder.iterdir())[::2] if folder.is_dir() else []


def of_photographs(pictures: Sequence[Path], generator: np.random.Generator) -> Iterator[Image.Image]:
    """Draws crops of photographs, the same inside the outline of a head, and frames, noise and shapes."""
    images = [decode(path).convert("RGB") for path in pictures]
    for _ in range(CROPS):
        yield from (_crop(image, generator) for image in images)
    for _ in range(IN_HEADS):
        yield from (_in_head(_crop(image, generator), generator) for image in images)
    kinds = (_frame, _noise, _waves, _shapes, _ellipses)
    for index in range(GENERATED):
        side = int(generator.choice([128, 200, 256, 400]))
        levels = kinds[index % len(kinds)](side, generator)
        yield Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")


def of_others(paths: Sequence[Path], generator: np.random.Generator) -> Iterator[Image.Image]:
    """Yields other pictures, each whole and then in ``OTHER_CROPS`` crops."""
    for path in paths:
        image = decode(path).convert("RGB")
        yield image
        yield from (_crop(image, generator) for _ in range(OTHER_CROPS))


def of_slices(pixels: NDArray[np.uint8], generator: np.random.Generator) -> Iterator[Image.Image]:
    """Draws sheets of several slices, screens of a viewer, and negatives of film.

    Args:
        pixels: uint8 (N, size, size, 1), slices of the training part; a whole one is what a net must accept.
        generator: For every choice.
    """
    for _ in range(OF_SLICES):
        yield _sheet(pixels, generator)
        yield _screen(pixels, generator)
    for _ in range(OF_SLICES // 2):
        yield ImageOps.invert(_sheet(pixels, generator, rows=1, columns=1))


def _sheet(
    pixels: NDArray[np.uint8], generator: np.random.Generator, rows: int = 0, columns: int = 0
) -> Image.Image:
    """Draws slices side by side, as film and consoles show them; how many is drawn where not given."""
    if not rows:
        rows, columns = GRIDS[generator.integers(len(GRIDS))]
    side, gap = pixels.shape[1], int(generator.integers(0, pixels.shape[1] // 8))
    ground = int(generator.choice([0, 0, 0, 20, 255]))
    image = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + gap) + gap), (ground,) * 3)
    # Of one examination as a rule, and so alike.
    first, apart = generator.integers(len(pixels)), int(generator.choice([0, 1, 7919]))
    for place in range(rows * columns):
        left, top = (gap + i * (side + gap) for i in (place % columns, place // columns))
        shown = Image.fromarray(pixels[(first + place * apart) % len(pixels), ..., 0])
        image.paste(shown, (left, top))
    return image


def _screen(pixels: NDArray[np.uint8], generator: np.random.Generator) -> Image.Image:
    """Draws a viewer's window: slices among bars and panels, with text upon them."""
    width, height = int(generator.integers(500, 900)), int(generator.integers(400, 700))
    image = Image.new("RGB", (width, height), (int(generator.integers(0, 60)),) * 3)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default()
    left, top = int(width * generator.uniform(0, 0.4)), int(height * generator.uniform(0.05, 0.25))
    for box in ((0, 0, width, top), (0, 0, left, height)):
        draw.rectangle(box, fill=(int(generator.integers(30, 256)),) * 3)
    rows, columns = GRIDS[generator.integers(3)] if generator.random() < 0.5 else (1, 1)
    shown = _sheet(pixels, generator, rows, columns)
    scale = generator.uniform(0.6, 1) * min((width - left) / shown.width, (height - top) / shown.height)
    shown = shown.resize((max(1, int(shown.width * scale)), max(1, int(shown.height * scale))))
    image.paste(shown, (left, top))
    for _ in range(int(generator.integers(10, 60))):
        place = (int(generator.integers(0, width)), int(generator.integers(0, height)))
        draw.text(place, str(generator.choice(WORDS)), (int(generator.integers(0, 256)),) * 3, font)
    return image


def _crop(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    width, height = (int(side * generator.uniform(0.35, 1)) for side in image.size)
    left = int(generator.integers(0, image.width - width + 1))
    top = int(generator.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height))
    if generator.random() < 0.5:
        part = ImageOps.mirror(part)
    if generator.random() < 0.2:
        part = ImageOps.invert(part)
    if generator.random() < 0.3:
        part = part.rotate(generator.uniform(-180, 180), expand=True)
    if generator.random() < 0.3:
        part = part.filter(ImageFilter.GaussianBlur(generator.uniform(0.5, 6)))
    return part


def _in_head(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    side = 256
    outline = Image.new("L", (side, side))
    x, y = generator.uniform(70, 120, 2)
    ImageDraw.Draw(outline).ellipse((128 - x, 128 - y, 128 + x, 128 + y), fill=255)
    return Image.composite(image.resize((side, side)), Image.new("RGB", (side, side)), outline)


def _frame(side: int, generator: np.random.Generator) -> NDArray[np.floating]:
    return np.full((side, side), float(generator.integers(0, 256)))


def _noise(side: int, generator: np.random.Generator) -> NDArray[np.floating]:
    grain = Image.fromarray((generator.random((side, side)) * 255).astype(np.uint8))
    soft = grain.filter(ImageFilter.GaussianBlur(2 ** generator.uniform(-2, 6)))
    return np.asarray(ImageOps.autocontrast(soft)).astype(float)


def _waves(side: int, generator: np.random.Generator) -> NDArray[np.floating]:
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    angle = generator.uniform(0, 2 * np.pi)
    wave = np.sin((np.cos(angle) * x + np.sin(angle) * y) * generator.uniform(0.5, 40))
    levels: NDArray[np.floating] = 127 + 127 * wave
    return levels


def _shapes(side: int, generator: np.random.Generator) -> NDArray[np.floating]:
    image = Image.new("L", (side, side), int(generator.integers(0, 256)))
    draw = ImageDraw.Draw(image)
    for _ in range(int(generator.integers(1, 25))):
        (left, top), (right, bottom) = np.sort(generator.integers(0, side, (2, 2)), axis=0).tolist()
        shape = draw.ellipse if generator.random() < 0.5 else draw.rectangle
        shape((left, top, right, bottom), fill=int(generator.integers(0, 256)))
    return np.asarray(image).astype(float)


def _ellipses(side: int, generator: np.random.Generator) -> NDArray[np.floating]:
    """Draws smooth ellipses around the middle of a black frame, with some noise: a head without a brain."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for _ in range(int(generator.integers(1, 6))):
        x, y = generator.uniform(0.05, 0.48, 2) * side
        middle_x, middle_y = side / 2 + generator.normal(0, 0.05 * side, 2)
        box = (middle_x - x, middle_y - y, middle_x + x, middle_y + y)
        draw.ellipse(box, fill=int(generator.integers(20, 256)))
    return np.asarray(image) + generator.normal(0, generator.uniform(0, 20), (side, side))
