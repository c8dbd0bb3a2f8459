"""The rejection of out-of-distribution inputs: a dense op that knows a brain MRI from anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edge_app.bundle import sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from train.data.arrays import Arrays
from train.model.augmentation import Augmentation
from train.model.networks import with_map

PHOTOGRAPHS = "not_mri"  # a folder of the data set
CROPS = 14  # of every photograph
IN_HEADS = 5  # of them once more inside the outline of a head
OTHER_CROPS = 3  # of every other picture
GENERATED = 700
REGULARIZATION = 0.01
BATCH = 64


@dataclass(frozen=True)
class Rejection:
    """What the graph computes from the last feature map's maxima and means.

    Attributes:
        weights: float32 (2 x channels,), for the maxima, then the means.
        bias: Added.
        photographs: Hashes of those that it was fitted on; it can't be evaluated on them.
    """

    weights: NDArray[np.float32]
    bias: float
    photographs: tuple[str, ...]


def photographs(data: Path) -> list[Path]:
    """Returns every second photograph of a data set, to fit on; the others are to evaluate on."""
    folder = data / PHOTOGRAPHS
    return sorted(folder.iterdir())[::2] if folder.is_dir() else []


def fit(
    net: keras.Model,
    spec: InputSpec,
    train: Arrays,
    pictures: list[Path],
    seed: int,
    others: Sequence[Path] = (),
) -> Rejection | None:
    """Fits a rejection on a net's features by logistic regression.

    It is fitted on the training part, as it is and augmented, against crops of photographs, the same inside
    the outline of a head, and generated frames, noise, waves and shapes; and against other pictures, whole
    and cropped.

    Args:
        net: The net.
        spec: What it takes.
        train: The training part.
        pictures: Photographs that are no MRI.
        seed: For crops, drawings and augmentation.
        others: Pictures of other bodies, modalities and things.

    Returns:
        The rejection; None without photographs, or for a net that does not end in global pooling.
    """
    if not pictures or with_map(net) is None:
        return None
    generator = np.random.default_rng(seed)
    shown = chain(_out_of_distribution(pictures, generator), _whole_and_cropped(others, generator))
    foreign = np.stack([preprocess(image, spec)[0][0] for image in shown])
    brains = [_augmented(train, seed), train.pixels.astype(np.float32)]
    extractor = _features(net)
    ours = np.concatenate([_predict(extractor, pixels, spec.channels) for pixels in brains])
    theirs = _predict(extractor, foreign[..., :1].astype(np.float32), spec.channels)
    regression = LogisticRegression(C=REGULARIZATION, max_iter=1000, class_weight="balanced")
    pipeline = make_pipeline(StandardScaler(), regression)
    truth = np.r_[np.ones(len(ours)), np.zeros(len(theirs))]
    pipeline.fit(np.concatenate([ours, theirs]), truth)
    scaler = pipeline[0]
    weights = regression.coef_[0] / scaler.scale_
    bias = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    return Rejection(weights.astype(np.float32), bias, tuple(sha256(path) for path in pictures))


def _whole_and_cropped(paths: Sequence[Path], generator: np.random.Generator) -> Iterator[Image.Image]:
    for path in paths:
        image = decode(path).convert("RGB")
        yield image
        yield from (_crop(image, generator) for _ in range(OTHER_CROPS))


def _features(net: keras.Model) -> keras.Model:
    pooling = next(layer for layer in net.layers if "Global" in type(layer).__name__)
    maxima, means = (
        pool(pooling.input) for pool in (keras.layers.GlobalMaxPool2D(), keras.layers.GlobalAvgPool2D())
    )
    return keras.Model(net.inputs, keras.layers.Concatenate()([maxima, means]))


def _predict(extractor: keras.Model, pixels: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    features: NDArray[np.float32] = extractor.predict(
        np.repeat(pixels, channels, axis=3), batch_size=BATCH, verbose=0
    )
    return features


def _augmented(train: Arrays, seed: int) -> NDArray[np.float32]:
    augmentation = Augmentation(seed)
    batches = [slice(i, i + BATCH) for i in range(0, len(train.pixels), BATCH)]
    return np.concatenate(
        [
            keras.ops.convert_to_numpy(
                augmentation(train.pixels[rows].astype(np.float32), train.boxes[rows], train.targets[rows])[0]
            )
            for rows in batches
        ]
    )


def _out_of_distribution(pictures: list[Path], generator: np.random.Generator) -> Iterator[Image.Image]:
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
