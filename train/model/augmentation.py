"""Augmentation on the accelerator, in operations that every Keras backend has."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from evaluation.labels import NO_TUMOUR_INDEX

Tensor = Any


class Augmentation(keras.layers.Layer):  # type: ignore[misc]
    """Makes each slice look as if it came from elsewhere: other pose, other sequence, other scanner.

    Intensities are remapped from black to anything, not only by rising curves, and lesions are copied and
    pasted between slices, so that neither a sequence nor a background stands for an answer.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(dtype="float32", autocast=False)
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, pixels: Tensor, boxes: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Augments a batch.

        Args:
            pixels: float32 (N, S, S, 1), 0 to 255.
            boxes: float32 (N, 4): centre x and y, width, height as fractions; NaN where unknown.
            targets: float32 (N, labels).

        Returns:
            The pixels, boxes and targets after blending, and the affine matrices float32 (N, 2, 3) that map
            a place (x, y, as fractions minus one half) of the new slice to its place in ``pixels``.
        """
        pixels, boxes, targets = self._paste_lesions(pixels, boxes, targets)
        matrices = self._poses(ops.shape(pixels)[0])
        pixels = warp(pixels, matrices)
        pixels = self._remap_intensities(pixels)
        pixels = self._photographed_screen(pixels)
        return self._acquisition_effects(pixels), boxes, targets, matrices

    def _uniform(self, shape: tuple[Any, ...], low: float = 0.0, high: float = 1.0) -> Tensor:
        return keras.random.uniform(shape, low, high, seed=self.seeds)

    def _paste_lesions(self, pixels: Tensor, boxes: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Copies the lesion of the next slice of the batch into some of those without a tumour."""
        no_tumour = ops.cast(targets[:, NO_TUMOUR_INDEX] == 1, "float32")
        donor_boxes, donor_targets = ops.roll(boxes, 1, axis=0), ops.roll(targets, 1, axis=0)
        known = ops.cast(~ops.isnan(donor_boxes[:, 0]), "float32")
        chosen = no_tumour * known * ops.cast(self._uniform(ops.shape(no_tumour)) < 0.3, "float32")
        mask = ellipse(_places(pixels.shape[1]), ops.nan_to_num(donor_boxes), 1.0)[..., None]
        mask = ops.clip(1.5 * (1 - mask), 0.0, 1.0) * chosen[:, None, None, None]
        blended = pixels * (1 - mask) + ops.roll(pixels, 1, axis=0) * mask
        pick = chosen[:, None] > 0
        return blended, ops.where(pick, donor_boxes, boxes), ops.where(pick, donor_targets, targets)

    def _poses(self, count: Tensor) -> Tensor:
        angle = self._uniform((count,), -math.pi / 9, math.pi / 9)
        scale_x = ops.exp(self._uniform((count,), -0.2, 0.2))
        scale_y = scale_x * ops.exp(self._uniform((count,), -0.1, 0.1))
        mirror = ops.where(self._uniform((count,)) < 0.5, 1.0, -1.0)
        shear = self._uniform((count,), -0.1, 0.1)
        shift_x, shift_y = self._uniform((count,), -0.1, 0.1), self._uniform((count,), -0.1, 0.1)
        cos, sin = ops.cos(angle), ops.sin(angle)
        rows = [
            ops.stack([cos * scale_x * mirror, (shear * cos - sin) * scale_y, shift_x], axis=1),
            ops.stack([sin * scale_x * mirror, (shear * sin + cos) * scale_y, shift_y], axis=1),
        ]
        return ops.stack(rows, axis=1)

    def _remap_intensities(self, pixels: Tensor) -> Tensor:
        """Remaps intensities by a gamma, in a quarter of the slices by a random line with bends."""
        count = ops.shape(pixels)[0]
        v = pixels / 255
        gamma = ops.exp(self._uniform((count, 1, 1, 1), -0.5, 0.5))
        v = ops.power(ops.clip(v, 1e-4, 1.0), gamma)
        wild = ops.cast(self._uniform((count, 1, 1, 1)) < 0.25, "float32")
        bent = 0.0 * v
        slope = self._uniform((count, 1, 1, 1), 1.0, 3.0)
        for knot in (0.0, 0.2, 0.4, 0.6, 0.8):
            bent = bent + slope * ops.clip(v - knot, 0.0, 0.2)
            slope = self._uniform((count, 1, 1, 1), -1.5, 2.5)
        bent = ops.clip(bent, 0.0, 1.2)
        bent = bent / ops.maximum(ops.max(bent, axis=(1, 2, 3), keepdims=True), 0.1)
        return 255 * (wild * bent + (1 - wild) * v)

    def _photographed_screen(self, pixels: Tensor) -> Tensor:
        """Makes a fifth of the slices look photographed off a screen: raised black, a reflection, stripes."""
        count, size = ops.shape(pixels)[0], pixels.shape[1]
        chosen = ops.cast(self._uniform((count, 1, 1, 1)) < 0.2, "float32")
        strength = chosen * self._uniform((count, 1, 1, 1))
        line = ops.linspace(-1.0, 1.0, size)
        x, y = line[None, None, :, None], line[None, :, None, None]
        away_x, away_y = (axis - self._uniform((count, 1, 1, 1), -1.0, 1.0) for axis in (x, y))
        reflection = ops.exp(-(ops.square(away_x) + ops.square(away_y)) / 0.12)
        angle = self._uniform((count, 1, 1, 1), 0.0, math.pi)
        waves = math.pi * self._uniform((count, 1, 1, 1), 10.0, 60.0)
        stripes = ops.sin(waves * (x * ops.cos(angle) + y * ops.sin(angle)))
        black = 30.0 * strength
        return black + pixels * (1 - black / 255) + strength * (125.0 * reflection + 12.0 * stripes)

    def _acquisition_effects(self, pixels: Tensor) -> Tensor:
        """Adds what scanners and cameras add: a bias field, blur, noise, other brightness."""
        count, size = ops.shape(pixels)[0], pixels.shape[1]
        line = ops.linspace(-1.0, 1.0, size)
        tilt_x = self._uniform((count, 1, 1, 1), -0.3, 0.3) * line[None, None, :, None]
        tilt_y = self._uniform((count, 1, 1, 1), -0.3, 0.3) * line[None, :, None, None]
        pixels = pixels * (1 + tilt_x + tilt_y)
        blurred = ops.average_pool(pixels, 3, strides=1, padding="same")
        blur = self._uniform((count, 1, 1, 1), -1.0, 1.0)
        pixels = pixels + ops.where(blur > 0, blur, 0.6 * blur) * (blurred - pixels)
        noise = keras.random.normal(ops.shape(pixels), seed=self.seeds)
        pixels = pixels + noise * ops.square(self._uniform((count, 1, 1, 1), 0.0, 4.0))
        gain = ops.exp(self._uniform((count, 1, 1, 1), -0.25, 0.25))
        return ops.clip(pixels * gain + self._uniform((count, 1, 1, 1), -8.0, 12.0), 0.0, 255.0)


def ellipse(places: Tensor, boxes: Tensor, margin: float) -> Tensor:
    """Returns how far places lie from the ellipse inscribed in a box: below 1 inside.

    Args:
        places: float32 (..., rows, columns, 2), x and y as fractions of the slice.
        boxes: float32 (N, 4): centre x and y, width, height as fractions.
        margin: How much larger the ellipse is than the box's own.

    Returns:
        float32 (N, rows, columns), the squared distance in units of the ellipse.
    """
    centre = boxes[:, None, None, :2]
    half = ops.maximum(boxes[:, None, None, 2:] / 2, 1e-3) * margin
    return ops.sum(ops.square((places - centre) / half), axis=-1)


def grid(size: int, matrices: Tensor) -> Tensor:
    """Returns where the places of a new slice lie in the slice before its affine warp.

    Args:
        size: Rows and columns.
        matrices: float32 (N, 2, 3), as ``Augmentation`` returns them.

    Returns:
        float32 (N, size, size, 2), x and y as fractions.
    """
    centred = ops.concatenate([_places(size) - 0.5, ops.ones((size, size, 1))], axis=-1)
    return ops.einsum("nij,rcj->nrci", matrices, centred) + 0.5


def _places(size: int) -> Tensor:
    line = (ops.arange(size, dtype="float32") + 0.5) / size
    return ops.stack(ops.meshgrid(line, line), axis=-1)


def warp(pixels: Tensor, matrices: Tensor) -> Tensor:
    """Returns slices moved by affine matrices (see ``grid``), black beyond their edges.

    Args:
        pixels: float32 (N, S, S, 1).
        matrices: float32 (N, 2, 3).
    """
    size = pixels.shape[1]
    # The matrices act on fractions from the centre; affine_transform counts pixels from the corner.
    half = (size - 1) / 2
    linear, shift = matrices[:, :, :2], matrices[:, :, 2] * size
    offset = shift + half - ops.sum(linear, axis=2) * half
    zeros = ops.zeros_like(offset)
    rows = ops.concatenate([linear, offset[:, :, None]], axis=2)
    flat = ops.concatenate([ops.reshape(rows, (-1, 6)), zeros], axis=1)
    return ops.image.affine_transform(pixels, flat, interpolation="bilinear", data_format="channels_last")
