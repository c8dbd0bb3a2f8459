"""The slices that both sides read: drawn ones in every format, and real ones where there are any."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from PIL import Image

from tests.dicoms import kinds
from tests.phantoms import LABELS, phantom, png

SIDES = (96, 256, 400)  # pixels; below, at and above what the model sees


def write_samples(folder: Path, real: int) -> int:
    """Writes them.

    Args:
        folder: Where they go, into ``drawn`` and ``real``.
        real: How many of ``OTAK_DATA``, those of the lowest hashes.

    Returns:
        How many are real.
    """
    drawn = folder / "drawn"
    drawn.mkdir(parents=True, exist_ok=True)
    for label in LABELS:
        for seed, side in enumerate(SIDES):
            image = phantom(label, seed, side)
            (drawn / f"{label}-{side}.png").write_bytes(png(image))
            (drawn / f"{label}-{side}.jpg").write_bytes(_saved(image, "JPEG"))
            (drawn / f"{label}-{side}.webp").write_bytes(_saved(image.convert("RGB"), "WEBP"))
    for name, data in kinds().items():
        (drawn / f"{name.replace(' ', '-').replace(',', '')}.dcm").write_bytes(data)
    return _write_real(Path(os.environ.get("OTAK_DATA", "../shared/data")), folder / "real", real)


def _saved(image: Image.Image, kind: str) -> bytes:
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


def _write_real(data: Path, folder: Path, count: int) -> int:
    manifest = data / "manifest.csv"
    if not manifest.is_file():
        return 0
    with manifest.open(encoding="utf-8", newline="") as file:
        paths = {row["sha256"]: row["path"] for row in csv.DictReader(file)}
    chosen = sorted(paths.items())[:count]
    folder.mkdir(exist_ok=True)
    for sha256, path in chosen:
        (folder / f"{sha256[:16]}{Path(path).suffix}").write_bytes((data / path).read_bytes())
    return len(chosen)
