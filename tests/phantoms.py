"""Phantoms: drawn heads that look a little like MRI slices, for tests and as sample images.

A skull ellipse, brain texture, ventricles and a blob whose kind and place depend on the class. They hold
nothing of any patient and say nothing about how good a model is.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LABELS = ("glioma", "meningioma", "no_tumor", "pituitary")
FOLDERS = {
    "glioma": "glioma_tumor",
    "meningioma": "meningioma_tumor",
    "no_tumor": "no_tumor",
    "pituitary": "pituitary_tumor",
}

COLLECTIONS = {"extra/tumour": ("glioma", "pituitary"), "wide/one": LABELS, "wide/other": ("no_tumor",)}

Plane = NDArray[np.float64]


def phantom(label: str, seed: int, size: int = 256) -> Image.Image:
    """Draws one head.

    Args:
        label: One of ``LABELS``.
        seed: The same label, seed and size give the same pixels.
        size: Width and height.

    Returns:
        A grey image (mode L).
    """
    random = np.random.default_rng([LABELS.index(label), seed])
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    width, height = random.uniform(0.66, 0.74), random.uniform(0.82, 0.9)
    radius = np.hypot(x / width, y / height)

    fine, coarse = _texture(random, size, size // 6), _texture(random, size, 7)
    brain = 0.42 + 0.10 * coarse + 0.06 * fine - 0.08 * _soft(0.02, np.abs(x) - 0.012)
    for side in (-1, 1):
        ventricle = np.hypot((x - side * 0.13) / 0.08, (y + 0.05) / 0.28)
        brain -= 0.22 * _soft(0.15, ventricle - 1)
    brain += _tumour(label, random, x / width, y / height, coarse)

    head = brain * _soft(0.02, radius - 0.86)
    head += 0.75 * _soft(0.02, np.abs(radius - 0.96) - 0.03)
    head += 0.02 * np.abs(random.standard_normal((size, size)))
    return Image.fromarray((head.clip(0, 1) * 255).astype(np.uint8))


def png(image: Image.Image) -> bytes:
    """Returns a picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def write_dataset(folder: Path, per_class: int, seed: int) -> None:
    """Writes JPEGs as ``Training/<class>/`` and ``Testing/<class>/``.

    Args:
        folder: Made where absent.
        per_class: Images of each class in ``Training``; ``Testing`` holds a quarter of that, at least one.
        seed: The same seed gives the same pixels.
    """
    parts = {"Training": per_class, "Testing": max(1, per_class // 4)}
    for offset, (part, count) in enumerate(parts.items()):
        for label in LABELS:
            target = folder / part / FOLDERS[label]
            target.mkdir(parents=True, exist_ok=True)
            for index in range(count):
                image = phantom(label, seed=seed * 100_000 + offset * 50_000 + index)
                image.save(target / f"{index:03d}.jpg", quality=90)


def write_collections(folder: Path, per_class: int, seed: int) -> None:
    """Writes a data set of several collections with a ``manifest.csv`` of groups, folds and sequences.

    Args:
        folder: Made where absent; ``sartaj``, ``extra``, ``wide`` and ``not_mri`` go into it.
        per_class: Images of each class in each collection.
        seed: The same seed gives the same pixels.
    """
    write_dataset(folder / "sartaj", per_class, seed)
    for offset, (source, labels) in enumerate(COLLECTIONS.items(), start=1):
        for label in labels:
            for index in range(per_class):
                target = folder / source / label / f"{index:03d}.jpg"
                target.parent.mkdir(parents=True, exist_ok=True)
                phantom(label, seed=seed * 100_000 + offset * 10_000 + index).save(target, quality=90)
    _write_photographs(folder / "not_mri", seed)
    paths = sorted(path for name in ("sartaj", *COLLECTIONS) for path in (folder / name).rglob("*.jpg"))
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*_row(folder, paths[0], 0)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(_row(folder, path, index) for index, path in enumerate(paths))


def _row(folder: Path, path: Path, index: int) -> dict[str, str | int]:
    name = path.relative_to(folder).as_posix()
    source = "/".join(name.split("/")[:2])
    label = path.parent.name.removesuffix("_tumor") if path.parent.name != "no_tumor" else "no_tumor"
    return {
        "path": name,
        "label": "tumour" if source == "extra/tumour" else label,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "group": f"g{index // 2}",
        "fold": index // 2 % 5,
        "duplicate_of": "",
        "label_conflict": 0,
        "source": source,
        "modality": "MR",
        "sequence": ("T1", "T1C", "T2", "FLAIR")[index % 4],
        "plane": "axial",
        "use": "all",
    }


def _write_photographs(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for index in range(4):
        levels = random.integers(0, 256, (6, 8, 3), np.uint8)
        Image.fromarray(levels).resize((160, 120)).save(folder / f"{index}.jpg", quality=90)


def _tumour(label: str, random: np.random.Generator, x: Plane, y: Plane, coarse: Plane) -> Plane | float:
    side = random.choice([-1, 1])
    if label == "glioma":  # deep, ragged, with a dark core
        centre, radius = (
            (side * random.uniform(0.3, 0.45), random.uniform(-0.4, 0.3)),
            random.uniform(0.2, 0.28),
        )
        distance = np.hypot(x - centre[0], y - centre[1]) / radius + 0.25 * coarse
        return 0.45 * _soft(0.1, distance - 1) - 0.5 * _soft(0.1, distance - 0.55)
    if label == "meningioma":  # round and even, against the skull
        angle = random.uniform(-0.8, 0.8)
        centre, radius = (side * 0.66 * np.cos(angle), 0.66 * np.sin(angle)), random.uniform(0.16, 0.22)
        return 0.5 * _soft(0.1, np.hypot(x - centre[0], y - centre[1]) / radius - 1)
    if label == "pituitary":  # small, bright, low on the midline
        centre, radius = (random.uniform(-0.04, 0.04), random.uniform(0.42, 0.5)), random.uniform(0.1, 0.15)
        return 0.5 * _soft(0.1, np.hypot(x - centre[0], (y - centre[1]) * 1.2) / radius - 1)
    return 0.0


def _soft(edge: float, distance: Plane) -> Plane:
    """1 inside (negative distance), 0 outside, smooth over ``edge``."""
    return 1 / (1 + np.exp(np.clip(4 * distance / edge, -50, 50)))


def _texture(random: np.random.Generator, size: int, cells: int) -> Plane:
    """Smooth noise with about ``cells`` bumps a side, mostly within -1 to 1."""
    noise = Image.fromarray(random.standard_normal((cells, cells)).astype(np.float32))
    return np.asarray(noise.resize((size, size), Image.Resampling.BICUBIC), np.float64)


def main() -> None:
    """Writes sample images into a folder named on the command line."""
    parser = argparse.ArgumentParser(description="Writes phantoms as Training/<class>/ and Testing/<class>/.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--per-class", type=int, default=16)
    parser.add_argument(
        "--collections", action="store_true", help="several collections with a manifest.csv instead"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write = write_collections if arguments.collections else write_dataset
    write(arguments.out, arguments.per_class, arguments.seed)


if __name__ == "__main__":
    main()
