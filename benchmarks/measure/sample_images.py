"""The pictures that latency is measured with; labels are not needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
    """Draws grey ovals with noise, JPEGs of 512 x 512, where no pictures are at hand.

    Args:
        folder: For the pictures; made where needed. The same pictures each time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    paths = []
    for i in range(COUNT):
        width, height = generator.uniform(0.5, 0.8, 2)
        oval = ((x / width) ** 2 + (y / height) ** 2 < 1) * generator.uniform(90, 160)
        pixels = (oval + generator.normal(0, 8, oval.shape)).clip(0, 255).astype(np.uint8)
        paths.append(folder / f"{i:02}.jpg")
        Image.fromarray(pixels).save(paths[-1], quality=90)
    return paths
