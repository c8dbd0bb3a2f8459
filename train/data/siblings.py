"""Other sequences of the same place: slices that lie on one another, which a net may see mixed.

A mixture looks like a sequence that no scanner made, and its answer stays: no sequence must stand for it.
"""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app import preprocessing
from edge_app.preprocessing import InputSpec
from train.data.arrays import decoded
from train.data.dataset import Slice

REGISTERED = ("wide/lgg_tcga",)  # whose sequences were laid on one another by those who published them


@dataclass(frozen=True, kw_only=True)
class Siblings:
    """The siblings of slices, each cut as the slice itself is: its own margin would shift it.

    Attributes:
        spec: How all of them are preprocessed.
        pixels: uint8 (M, size, size, 1), those of one slice after those of another.
        starts: int64 (N + 1,), where those of each slice begin, and the end.
    """

    spec: InputSpec
    pixels: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def mix(
        self, pixels: NDArray[np.uint8], row: int, share: float, random: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Returns a slice, or a mixture of it and its siblings by random weights that add up to one.

        Args:
            pixels: uint8 (size, size, 1), the slice.
            row: Its place among all slices.
            share: How often it is mixed, where it has siblings.
            random: Decides.
        """
        others = self.pixels[self.starts[row] : self.starts[row + 1]]
        if not len(others) or random.uniform() >= share:
            return pixels
        weights = random.dirichlet(np.ones(1 + len(others))).astype(np.float32)
        levels = weights[0] * pixels + np.tensordot(weights[1:], others, axes=1)
        mixture: NDArray[np.uint8] = levels[:, :, 0].astype(np.uint8)
        if self.spec.contrast == "stretch":
            mixture = preprocessing.stretch(mixture)
        return mixture[:, :, None]


def load_siblings(root: Path, slices: list[Slice], spec: InputSpec) -> Siblings:
    """Reads the siblings that slices have among each other.

    Args:
        root: What the slices' paths are relative to.
        slices: A training part: nothing else may be mixed into it.
        spec: The net's input; its channels do not matter here.

    Raises:
        OtakError: An image can't be read, or its hash is not the manifest's.
    """
    spec = replace(spec, channels=1)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, slice_ in enumerate(slices):
        if place := _place(slice_):
            places[place].append(row)
    each = [np.empty((0, spec.size, spec.size, 1), np.uint8)] * len(slices)
    several = [rows for rows in places.values() if len(rows) > 1]
    with ThreadPoolExecutor() as pool:
        jobs = pool.map(lambda rows: _cut_alike(root, [slices[row] for row in rows], spec), several)
        for rows, cut in zip(several, jobs, strict=True):
            for row, others in zip(rows, cut, strict=True):
                each[row] = others
    return Siblings(spec=spec, pixels=np.concatenate(each), starts=np.cumsum([0, *map(len, each)]))


def _place(slice_: Slice) -> tuple[str, ...] | None:
    """Names what a slice shows, whatever the sequence; None where that is not known."""
    name = Path(slice_.path).stem
    place = name.removesuffix(f"_{slice_.sequence}")
    if slice_.source not in REGISTERED or place == name:
        return None
    return slice_.source, slice_.label, place


def _cut_alike(root: Path, slices: list[Slice], spec: InputSpec) -> list[NDArray[np.uint8]]:
    """Returns for each slice of one place the others, cut as itself: uint8 (others, size, size, 1)."""
    pictures = [decoded(root, slice_).convert("L") for slice_ in slices]
    boxes = [preprocessing.preprocess(picture, spec)[1] for picture in pictures]
    return [
        np.concatenate(
            [preprocessing.cut(other, box, spec) for other in pictures[:row] + pictures[row + 1 :]]
        )
        for row, box in enumerate(boxes)
    ]
