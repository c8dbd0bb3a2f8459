"""The pictures that latency is measured with; labels are not needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.errors import BenchmarkError

COUNT = 32
SIDE = 512
SUFFIXES = (".jpg", ".jpeg", ".png")


def choose(data: Path, slices: list[Path]) -> list[Path]:
    """Chooses pictures, evenly spaced: from the slices, or else from all pictures of a folder.

    Raises:
        BenchmarkError: It holds none.
    """
    found = slices or sorted(path for path in data.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise BenchmarkError(f"{data}: holds no JPEG or PNG pictures.")
    return found[:: max(1, len(found) // COUNT)][:COUNT]


def draw(folder: Path) -> list[Path]:
    """Draws JPEGs of 512 x 512, where no pictures are at hand.

    Args:
        folder: For the pictures; made where needed. The same pictures each time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, pixels in enumerate(drawn(SIDE)):
        paths.append(folder / f"{i:02}.jpg")
        Image.fromarray(pixels).save(paths[-1], quality=90)
    return paths


def drawn(side: int) -> Iterator[NDArray[np.uint8]]:
    """Yields grey ovals with noise, uint8 (side, side), the same each time."""
    generator = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    for _ in range(COUNT):
        width, height = generator.uniform(0.5, 0.8, 2)
        oval = ((x / width) ** 2 + (y / height) ** 2 < 1) * generator.uniform(90, 160)
        yield (oval + generator.normal(0, 8, oval.shape)).clip(0, 255).astype(np.uint8)
