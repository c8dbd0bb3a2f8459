"""Reading every picture of a data set once, faults and all."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

from edge_app import image, preprocessing
from edge_app.errors import OtakError
from edge_app.preprocessing import InputSpec
from train.data.dataset import Slice

SIDE = 64  # of a thumbnail; smaller ones confuse neighbouring slices of a patient with copies
WHOLE = InputSpec(SIDE, crop="none", contrast="none")
CONTENT = InputSpec(SIDE)


@dataclass(frozen=True)
class Fault:
    """A file that can't be used.

    Attributes:
        path: Relative to the data set's folder.
        reason: One sentence.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Pictures:
    """The readable pictures of a data set, in its order.

    Attributes:
        slices: What the data set says of them.
        sizes: Width and height.
        modes: Pillow's name of the pixel format.
        whole: uint8 (N, SIDE, SIDE), the whole picture, stretched to a square.
        content: uint8 (N, SIDE, SIDE), what is left once the dark margin is cut off.
        faults: The files that could not be read.
    """

    slices: list[Slice]
    sizes: list[tuple[int, int]]
    modes: list[str]
    whole: NDArray[np.uint8]
    content: NDArray[np.uint8]
    faults: list[Fault]


@dataclass(frozen=True)
class _Read:
    slice: Slice
    size: tuple[int, int]
    mode: str
    whole: NDArray[np.uint8]
    content: NDArray[np.uint8]


def read_pictures(root: Path, slices: list[Slice]) -> Pictures:
    """Reads and shrinks the pictures of a data set.

    Args:
        root: What the slices' paths are relative to.
        slices: The slices.
    """
    with ThreadPoolExecutor() as pool:
        jobs = pool.map(lambda slice_: _read(root, slice_), slices)
        results = list(track(jobs, "Reading slices", len(slices), transient=True))
    read = [result for result in results if isinstance(result, _Read)]
    empty = np.zeros((0, SIDE, SIDE), np.uint8)
    return Pictures(
        slices=[done.slice for done in read],
        sizes=[done.size for done in read],
        modes=[done.mode for done in read],
        whole=np.stack([done.whole for done in read]) if read else empty,
        content=np.stack([done.content for done in read]) if read else empty,
        faults=[result for result in results if isinstance(result, Fault)],
    )


def _read(root: Path, slice_: Slice) -> _Read | Fault:
    try:
        data = (root / slice_.path).read_bytes()
        decoded = image.decode(data, slice_.path)
    except OSError as error:
        return Fault(slice_.path, f"{slice_.path}: can't be read ({error.strerror}).")
    except OtakError as error:
        return Fault(slice_.path, str(error))
    if hashlib.sha256(data).hexdigest() != slice_.sha256:
        return Fault(slice_.path, f"{slice_.path}: is not the file that the manifest describes.")
    with Image.open(io.BytesIO(data)) as stored:
        mode = stored.mode
    whole, content = (preprocessing.preprocess(decoded, spec)[0][0, :, :, 0] for spec in (WHOLE, CONTENT))
    return _Read(slice_, decoded.size, mode, whole, content)
