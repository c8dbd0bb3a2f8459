"""What happens to a slice between scanner and phone, in five strengths each; the third is the middle one."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Corruption = Callable[[Image.Image, float, np.random.Generator], Image.Image]


def _jpeg(image: Image.Image, quality: float, _: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(quality))
    return Image.open(buffer).convert("RGB")


def _noise(image: Image.Image, deviation: float, generator: np.random.Generator) -> Image.Image:
    grain = generator.normal(0, deviation, (image.height, image.width, 1))
    return _picture(np.asarray(image) + grain)


def _blur(image: Image.Image, percent: float, _: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(image.size) * percent / 100))


def _gamma(image: Image.Image, exponent: float, _: np.random.Generator) -> Image.Image:
    return _picture(255 * (np.asarray(image) / 255) ** exponent)


def _rotation(image: Image.Image, degrees: float, generator: np.random.Generator) -> Image.Image:
    sign = 1 if generator.random() < 0.5 else -1
    return image.rotate(sign * degrees, Image.Resampling.BILINEAR, expand=True)


def _crop(image: Image.Image, percent: float, generator: np.random.Generator) -> Image.Image:
    width, height = (side * (1 - percent / 100) for side in image.size)
    left = generator.uniform(0, image.width - width)
    top = generator.uniform(0, image.height - height)
    return image.crop((round(left), round(top), round(left + width), round(top + height)))


def _thumbnail(image: Image.Image, side: float, _: np.random.Generator) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    return small


def _monitor(image: Image.Image, strength: float, generator: np.random.Generator) -> Image.Image:
    """A photograph of a screen: seen askew, lit background, a reflection, stripes, JPEG."""
    width, height = image.size
    shift = strength * 0.02 * generator.uniform(-1, 1, 8) * np.array([width, height] * 4)
    corners = np.array([0, 0, 0, height, width, height, width, 0]) + shift
    seen = image.transform(
        image.size, Image.Transform.QUAD, tuple(corners.tolist()), Image.Resampling.BILINEAR
    )
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    centre_x, centre_y = generator.uniform(0, width), generator.uniform(0, height)
    distance = ((x - centre_x) / width) ** 2 + ((y - centre_y) / height) ** 2
    glare = 25 * strength * np.exp(-distance / 0.03)
    angle, period = generator.uniform(0, np.pi), generator.uniform(3, 7)
    stripes = 2.5 * strength * np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    black = 6 * strength
    levels = black + np.asarray(seen) * (1 - black / 255) + (glare + stripes)[..., None]
    return _jpeg(_picture(levels), 90 - 8 * strength, generator)


def _picture(levels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


CORRUPTIONS: dict[str, tuple[Corruption, tuple[float, ...]]] = {
    "JPEG quality": (_jpeg, (90, 70, 50, 30, 10)),
    "Noise, levels": (_noise, (4, 8, 12, 20, 32)),
    "Blur, % of the width": (_blur, (0.15, 0.3, 0.5, 0.8, 1.2)),
    "Gamma": (_gamma, (0.85, 0.7, 1.4, 1.8, 2.4)),
    "Rotation, degrees": (_rotation, (4, 8, 12, 16, 20)),
    "Crop, % of the width": (_crop, (2, 5, 8, 12, 18)),
    "Thumbnail, pixels": (_thumbnail, (256, 192, 128, 96, 64)),
    "Photographed monitor": (_monitor, (1, 2, 3, 4, 5)),
}
