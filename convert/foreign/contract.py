"""What a file from elsewhere takes and gives, and what it must be told by its user."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError
from edge_app.bundle import Label
from evaluation.labels import LABELS, NAMES
from train.data.folders import parse_label

PIXELS, PROBABILITIES = "pixels", "probabilities"
# What torchvision's and Keras's ``torch`` preprocessing make of ImageNet's pictures.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Scale:
    """What a net wants to see of grey levels; between black and white it is linear.

    Attributes:
        black: What level 0 becomes, one number for all channels or one for each.
        white: What level 255 becomes, likewise.
    """

    black: tuple[float, ...]
    white: tuple[float, ...]

    @property
    def factor(self) -> NDArray[np.float32]:
        """What a level is multiplied by, float32 (1 or channels,)."""
        factor: NDArray[np.float32] = (np.subtract(self.white, self.black) / 255).astype(np.float32)
        return factor

    @property
    def offset(self) -> NDArray[np.float32]:
        """What is then added, float32 (1 or channels,)."""
        return np.array(self.black, np.float32)

    @property
    def keeps_levels(self) -> bool:
        """Whether levels of 0 to 255 are what the net wants."""
        return bool((self.factor == 1).all() and (self.offset == 0).all())


def parse_scale(text: str) -> Scale:
    """Reads a scale: ``imagenet``, or what black and white become, such as ``-1..1``.

    Raises:
        ArgumentTypeError: It is none.
    """
    if text == "imagenet":
        return Scale(tuple(-MEAN / DEVIATION), tuple((1 - MEAN) / DEVIATION))
    try:
        black, white = map(float, text.split(".."))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: expected LOW..HIGH or imagenet") from None
    if not (math.isfinite(black) and math.isfinite(white)) or black == white:
        raise argparse.ArgumentTypeError(f"{text}: black and white must be two finite numbers")
    return Scale((black,), (white,))


def parse_labels(text: str) -> tuple[Label, ...]:
    """Reads labels in the order of a file's outputs, such as ``glioma_tumor,meningioma,no,pituitary``.

    Raises:
        ArgumentTypeError: One is unknown, stands twice or is missing.
    """
    names = [parse_label(part) for part in text.split(",")]
    if sorted(map(str, names)) != sorted(NAMES):
        raise argparse.ArgumentTypeError(
            f"{text}: expected each of {', '.join(NAMES)} once, in the order of the file's outputs"
        )
    return tuple(LABELS[NAMES.index(name)] for name in names if name)


@dataclass(frozen=True)
class Ports:
    """The shapes of all inputs and outputs of a file; None where a side may be any.

    Attributes:
        inputs: Of its inputs.
        outputs: Of its outputs; empty where the file doesn't say.
    """

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]


@dataclass(frozen=True)
class Layout:
    """How a file takes a picture.

    Attributes:
        size: Height and width.
        channels: 1 or 3.
        channels_first: Whether as (1, channels, size, size), else as (1, size, size, channels).
    """

    size: int
    channels: int
    channels_first: bool


def layout_of(name: str, ports: Ports, size: int, labels: int) -> Layout:
    """Finds how a file takes a picture, and checks that it gives one number a label.

    Args:
        name: Of the file, for errors.
        ports: Its inputs and outputs.
        size: Height and width that it is said to take.
        labels: How many labels it is said to have.

    Raises:
        ConversionError: It is no classifier of one picture of that size into so many labels.
    """
    if len(ports.inputs) != 1 or len(ports.outputs) != 1:
        counts = f"inputs: {len(ports.inputs)}, outputs: {len(ports.outputs)}"
        raise ConversionError(f"{name}: has {counts}; a classifier has one of each.")
    taken, given = ports.inputs[0], ports.outputs[0]
    layout = next((found for found in _layouts(size) if _fits(taken, found)), None)
    if layout is None:
        raise ConversionError(
            f"{name}: takes {_shown(taken)}; expected one picture of {size} x {size} pixels, "
            "with 1 or 3 channels."
        )
    if given and not (len(given) == 2 and given[0] in (1, None) and given[1] in (labels, None)):
        raise ConversionError(f"{name}: gives {_shown(given)}; --labels names {labels}.")
    return layout


def check_scale(name: str, scale: Scale, layout: Layout) -> None:
    """Checks that a scale has as many channels as a file takes.

    Raises:
        ConversionError: It hasn't.
    """
    if len(scale.black) not in (1, layout.channels):
        raise ConversionError(
            f"{name}: takes {layout.channels} channel; the scale is for {len(scale.black)}."
        )


def _layouts(size: int) -> list[Layout]:
    return [Layout(size, channels, first) for first in (False, True) for channels in (1, 3)]


def _fits(shape: Shape, layout: Layout) -> bool:
    size, channels = layout.size, layout.channels
    wanted = (1, channels, size, size) if layout.channels_first else (1, size, size, channels)
    # A file must say how many channels it takes: none is guessed.
    known = shape[1:2] if layout.channels_first else shape[3:4]
    return (
        len(shape) == 4
        and known == (channels,)
        and all(side in (want, None) for side, want in zip(shape, wanted, strict=True))
    )


def _shown(shape: Shape) -> str:
    return " x ".join("any" if side is None else str(side) for side in shape) or "a number"
