"""Pictures that are no slice of a brain MRI, which should be refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_sample_images

from benchmarks.robustness.composed import screens, sheets
from edge_app.bundle import sha256
from edge_app.image import decode
from evaluation.out_of_distribution import PHOTOGRAPHS, read

SIDE = 256
Pictures = Iterator[tuple[str, Image.Image]]


def inputs(
    data: Path, seen: set[str], others: Path | None = None, slices: Sequence[Path] = ()
) -> dict[str, Pictures]:
    """Returns pictures by kind, each with a name.

    Args:
        data: May hold a folder ``not_mri`` of photographs.
        seen: Hashes of files that the rejection was fitted on; left out.
        others: A folder of other pictures with a ``sources.csv``; its half ``judge`` is shown, by kind.
        slices: Of the test part; shown several in one picture, and on a screen.
    """
    kinds: dict[str, Pictures] = {
        "generated": generated(),
        "scikit-learn": _sklearn(),
        "scikit-image": _skimage(),
    }
    if slices:
        kinds |= {"several slices": sheets(slices), "screenshots": screens(slices)}
    photographs = data / PHOTOGRAPHS
    if photographs.is_dir():
        kinds["photographs"] = _folder(photographs, seen, grey=False)
        kinds["photographs in grey"] = _folder(photographs, seen, grey=True)
    if others is not None:
        judged = [picture for picture in read(others) if picture.half == "judge"]
        for kind in sorted({picture.kind for picture in judged}):
            kinds[kind] = _pictures([picture.path for picture in judged if picture.kind == kind])
    return kinds


def _pictures(paths: Iterable[Path]) -> Pictures:
    for path in paths:
        yield path.name, decode(path)


def _folder(folder: Path, seen: set[str], grey: bool) -> Pictures:
    for path in sorted(folder.iterdir()):
        if sha256(path) not in seen:
            image = decode(path)
            yield path.name, image.convert("L").convert("RGB") if grey else image


def _skimage() -> Pictures:
    """Yields the sample images that come with the package, among them a simulated head, ``phantom.png``."""
    for path in sorted(Path(skimage.data.data_dir).iterdir()):
        if path.suffix in (".png", ".jpg"):
            yield path.name, decode(path)


def _sklearn() -> Pictures:
    samples = load_sample_images()
    for name, image in zip(samples.filenames, samples.images, strict=True):
        yield Path(name).name, Image.fromarray(image)


def generated() -> Pictures:
    """Yields frames, noise, patterns, text and drawings of things that hospitals photograph too."""
    generator = np.random.default_rng(11)
    for level in (0, 30, 128, 255):
        yield f"frame of {level}", Image.new("RGB", (SIDE, SIDE), (level,) * 3)
    for deviation in (5, 30, 100):
        noise = generator.normal(128, deviation, (SIDE, SIDE)).clip(0, 255).astype(np.uint8)
        yield f"noise of {deviation}", Image.fromarray(noise).convert("RGB")
        soft = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(deviation / 5))
        yield f"soft noise of {deviation}", soft.convert("RGB")
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    patterns = {
        "ramp": x,
        "rings": 127 + 127 * np.sin(np.hypot(x - 128, y - 128) / 6),
        "stripes": 255 * (x // 16 % 2),
        "chessboard": 255 * ((x // 32 + y // 32) % 2),
        "vignette": 255 - 1.4 * np.hypot(x - 128, y - 128),
    }
    for name, levels in patterns.items():
        yield name, Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")
    yield from _drawings()


def _drawings() -> Pictures:
    for name, paper, ink in (("letter", 255, 20), ("screen of text", 20, 230)):
        image = Image.new("RGB", (SIDE, SIDE), (paper,) * 3)
        draw = ImageDraw.Draw(image)
        for line in range(16):
            draw.text((12, 8 + 15 * line), "Rumah Sakit: hasil pemeriksaan 12.3 mm", fill=(ink,) * 3)
        yield name, image
    chest = Image.new("L", (SIDE, SIDE), 150)
    draw = ImageDraw.Draw(chest)
    draw.ellipse((30, 40, 118, 230), fill=50)
    draw.ellipse((138, 40, 226, 230), fill=50)
    for rib in range(7):
        draw.arc((20, 30 + 28 * rib, 236, 90 + 28 * rib), 190, 350, fill=190, width=5)
    yield "chest X-ray", chest.filter(ImageFilter.GaussianBlur(2)).convert("RGB")
    knee = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(knee)
    draw.rectangle((90, 0, 170, 110), fill=200)
    draw.rectangle((95, 130, 165, 256), fill=190)
    draw.rectangle((70, 0, 90, 256), fill=90)
    draw.rectangle((170, 0, 190, 256), fill=90)
    yield "knee", knee.filter(ImageFilter.GaussianBlur(3)).convert("RGB")
    hand = Image.new("L", (SIDE, SIDE), 10)
    draw = ImageDraw.Draw(hand)
    draw.ellipse((70, 130, 190, 250), fill=140)
    for finger in range(5):
        draw.line((80 + 25 * finger, 150, 40 + 45 * finger, 15), fill=170, width=18)
    yield "hand", hand.filter(ImageFilter.GaussianBlur(1.5)).convert("RGB")
