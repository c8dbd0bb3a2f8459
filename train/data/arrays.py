"""Decoding and preprocessing a data set once, into arrays that any backend can train on."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

import edge_app
from edge_app import image, preprocessing
from edge_app.errors import OtakError
from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from train.data.dataset import Slice
from train.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """Slices as a net's input, in the order they were asked for.

    Attributes:
        pixels: uint8 (N, size, size, 1).
        boxes: float32 (N, 4), each tumour's centre x, centre y, width and height as fractions of the net's
            input; NaN where unknown.
        targets: float32 (N, labels), 1 for each label that the slice may have.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    targets: NDArray[np.float32]

    def as_input(self, channels: int) -> NDArray[np.float32]:
        """Returns the pixels as a net takes them, float32 (N, size, size, channels)."""
        return np.repeat(self.pixels, channels, axis=3).astype(np.float32)


def load_arrays(root: Path, slices: list[Slice], spec: InputSpec, cache: Path) -> Arrays:
    """Decodes and preprocesses slices, or takes them from the cache.

    Args:
        root: What the slices' paths are relative to.
        slices: The slices.
        spec: The net's input; its channels do not matter here.
        cache: A folder for the cache; made where absent.

    Raises:
        DataError: An image can't be read, or its hash is not the manifest's.
    """
    spec = replace(spec, channels=1)
    path = cache / f"{_key(slices, spec)}.npz"
    if path.is_file():
        with np.load(path) as stored:
            pixels, boxes = stored["pixels"], stored["boxes"]
    else:
        with ThreadPoolExecutor() as pool:
            jobs = pool.map(lambda slice_: _load_one(root, slice_, spec), slices)
            results = list(track(jobs, "Reading slices", len(slices), transient=True))
        _raise_faults([result for result in results if isinstance(result, str)])
        loaded = [result for result in results if not isinstance(result, str)]
        pixels = np.concatenate([pixels for pixels, _ in loaded])
        boxes = np.array([box for _, box in loaded], np.float32)
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(unfinished, pixels=pixels, boxes=boxes)
        unfinished.replace(path)
    targets = np.array([target_of(slice_.label) for slice_ in slices], np.float32)
    return Arrays(pixels=pixels, boxes=boxes, targets=targets)


def target_of(label: str) -> list[float]:
    """Returns 1 for each of ``NAMES`` that a label allows, else 0."""
    if label == UNTYPED:
        return [float(index != NO_TUMOUR_INDEX) for index in range(len(NAMES))]
    return [float(name == label) for name in NAMES]


def decoded(root: Path, slice_: Slice) -> Image.Image:
    """Reads a slice's picture, grey (mode L) or RGB.

    Raises:
        OtakError: It can't be read, or its hash is not the manifest's.
    """
    path = root / slice_.path
    try:
        data = path.read_bytes()
    except OSError:
        raise DataError(f"{path}: can't be read.") from None
    if hashlib.sha256(data).hexdigest() != slice_.sha256:
        raise DataError(f"{path}: is not the file that the manifest describes.")
    return image.decode(data, str(path))


def _load_one(root: Path, slice_: Slice, spec: InputSpec) -> tuple[NDArray[np.uint8], list[float]] | str:
    try:
        picture = decoded(root, slice_)
    except OtakError as error:
        return str(error)
    pixels, crop = preprocessing.preprocess(picture, spec)
    return pixels, _box_in_crop(slice_, picture.size, crop)


def _box_in_crop(slice_: Slice, size: tuple[int, int], crop: preprocessing.Box) -> list[float]:
    if slice_.box is None:
        return [np.nan] * 4
    (width, height), (left, top, right, bottom) = size, crop
    x, y, w, h = slice_.box
    across, down = right - left, bottom - top
    return [
        (x * width - left) / across,
        (y * height - top) / down,
        w * width / across,
        h * height / down,
    ]


def _raise_faults(faults: list[str]) -> None:
    if faults:
        more = f" ({len(faults) - 3} more like it)" if len(faults) > 3 else ""
        raise DataError(" ".join(faults[:3]) + more)


def _key(slices: list[Slice], spec: InputSpec) -> str:
    code = [path.read_text(encoding="utf-8") for path in decoding()]
    content = [[slice_.sha256, slice_.box] for slice_ in slices]
    return hashlib.sha256(json.dumps([content, asdict(spec), code]).encode()).hexdigest()[:16]


def decoding() -> list[Path]:
    """Returns every module between a file and a net's input: once one changes, what was kept is stale."""
    folder = Path(edge_app.__file__).parent
    alone = ("files", "image", "levels", "preprocessing", "robust", "strips")
    packages = (path for name in ("dicom", "formats") for path in sorted((folder / name).glob("*.py")))
    return [*(folder / f"{name}.py" for name in alone), *packages]
