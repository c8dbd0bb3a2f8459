"""The one prediction path: from a picture to a verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.bundle import Bundle, ModelFile
from edge_app.errors import BundleError, Busy, ImageError
from edge_app.files import Source
from edge_app.preprocessing import Box
from edge_app.quality import Quality
from edge_app.reading import SHOWN_SIDE, Reader, Reading
from edge_app.runtime import Runtime, load_runtime
from edge_app.sources import Given, SliceSource, slices_of
from edge_app.study import StudyPrediction, StudySlice, study_of
from edge_app.verdict import Decision, decide

SHIPPED = Path(__file__).parent / "models"


@dataclass(frozen=True, kw_only=True)
class Prediction(Decision):
    """What the classifier says of one picture.

    Attributes:
        map: float32 (rows, columns), how likely the model holds a tumour at each place of the box, 0 to 1;
            None where the net has none.
        box: The part of the picture that the model saw: left, top, right, bottom in pixels; may reach beyond
            the picture.
        quality: Measures of the picture.
        milliseconds: Time spent in ``decode``, ``preprocess`` and ``infer``.
        image: The decoded picture, upright, grey (mode L) or RGB; from a worker, at most
            as wide and high as was asked for.
        size: Width and height of the decoded picture in pixels.
        frame: Which frame of the file was read, from 0.
        frames: How many the file has.
    """

    map: NDArray[np.float32] | None
    box: Box
    quality: Quality
    milliseconds: dict[str, float]
    image: Image.Image
    size: tuple[int, int]
    frame: int
    frames: int

    @property
    def decision(self) -> Decision:
        """What is said, without the picture and its map."""
        return Decision(**{field.name: getattr(self, field.name) for field in fields(Decision)})

    @cached_property
    def heatmap(self) -> NDArray[np.float32] | None:
        """The map over the whole picture, float32 (H, W), 0 outside the box; None where the net has none."""
        return self.heatmap_at(self.size)

    def heatmap_at(self, size: tuple[int, int]) -> NDArray[np.float32] | None:
        """Lays the map over the picture, drawn at some size.

        Args:
            size: Width and height that the picture is shown at.

        Returns:
            float32 (height, width), 0 to 1, 0 outside the box; None where the net has no map.

        Raises:
            ValueError: The width or the height is less than 1.
        """
        return None if self.map is None else lay_out(self.map, self.box, self.size, size)


class Classifier:
    """A bundle's model, ready to predict. Safe to share between threads."""

    def __init__(
        self, bundle: Bundle, file: ModelFile, runtime: Runtime, reader: Reader | None = None
    ) -> None:
        """Prefer ``Classifier.load``."""
        self.bundle = bundle
        self.file = file
        self.runtime = runtime
        self.reader = reader or Reader()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        precision: str | None = None,
        threads: int = 1,
        format: str = "tflite",
        reader: Reader | None = None,
    ) -> Classifier:
        """Loads a bundle and opens one of its files.

        Args:
            path: The bundle's folder; the one that ships where not given, whatever ``otak bundle install``
                installed.
            precision: ``float32``, ``float16``, ``dynamic_range`` or ``int8``; the bundle's default where not
                given.
            threads: For the interpreter.
            format: ``tflite``, or ``onnx`` for checks and benchmarks.
            reader: What reads pictures: this process where not given. With ``edge_app.workers.Workers`` no
                file ends or fills it.

        Raises:
            BundleError: The bundle is broken, or has no such file.
        """
        bundle = Bundle.load(SHIPPED if path is None else path)
        file = bundle.file(precision, format)
        place = bundle.folder / file.path
        classifier = cls(bundle, file, load_runtime(file, place, threads), reader)
        spec, shape = bundle.input, classifier.runtime.shape
        # An interpreter may take another size too, and then tell nonsense.
        if shape != (1, spec.size, spec.size, spec.channels):
            raise BundleError(f"{place}: doesn't fit its bundle.json (it takes {shape}).")
        try:
            classifier.predict(Image.new("L", (64, 64)))
        except (IndexError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BundleError(f"{place}: doesn't fit its bundle.json ({error}).") from None
        return classifier

    def predict(
        self, source: Source, name: str = "", frame: int | None = None, side: int = SHOWN_SIDE
    ) -> Prediction:
        """Reads and classifies one picture.

        Args:
            source: A path, the bytes of a file, a PIL image, or a uint8 array (H, W) or (H, W, 3).
            name: What errors call the picture; a path's own name where not given.
            frame: Which frame of a DICOM file, from 0; the middle one where not given.
            side: Pixels that the picture of a worker needs at most in width and height; 0 for none.

        Raises:
            NotAnImage: The bytes are no picture of a known format.
            UnreadableImage: The picture is missing, empty, damaged or too small.
            ImageTooLarge: The picture has too many bytes or pixels, or takes too much memory or time.
            ImageError: Too many pictures wait already.
            BundleError: The model gave no finite numbers.
        """
        return self.classify(self.reader.read(source, name, self.bundle.input, frame, side))

    def classify(self, reading: Reading) -> Prediction:
        """Classifies a picture that was read for this bundle's input.

        Raises:
            BundleError: The model gave no finite numbers.
        """
        start = time.perf_counter()
        with self._lock:
            outputs = self.runtime.run(reading.pixels)
        inferred = time.perf_counter()

        probabilities = self._probabilities(outputs)
        in_distribution = self._in_distribution(outputs)
        verdict, reasons = decide(probabilities, in_distribution, reading.quality, self.bundle.thresholds)
        return Prediction(
            verdict=verdict,
            label=None if verdict == "refused" else max(probabilities, key=probabilities.__getitem__),
            probabilities=probabilities,
            map=self._map(outputs),
            box=reading.box,
            in_distribution=in_distribution,
            quality=reading.quality,
            reasons=reasons,
            milliseconds=reading.milliseconds | {"infer": 1000 * (inferred - start)},
            image=reading.image,
            size=reading.size,
            frame=reading.frame,
            frames=reading.frames,
        )

    def predict_study(self, sources: Iterable[Given]) -> StudyPrediction:
        """Classifies the slices of one examination, one after the other; no picture is kept.

        Args:
            sources: Files, folders and ZIP files, by path or as name and bytes; pictures likewise.

        Returns:
            What is said of every slice, and of all together. A file that can't be read becomes a slice with
            an error.

        Raises:
            ImageTooLarge: There are more slices than an examination has.
            Busy: A slice was turned away; without it nothing may be said.
            BundleError: The model gave no finite numbers.
        """
        slices = slices_of(sources, self.reader.count_frames)
        return study_of((study_slice(each, self.predict_slice(each)) for each in slices), self.bundle.study)

    def predict_slice(self, each: SliceSource, side: int = 0) -> Prediction | ImageError:
        """Reads and classifies one slice of what somebody named.

        Args:
            each: The slice.
            side: As of ``predict``.

        Returns:
            What is said of it, or why it can't be read.

        Raises:
            Busy: It was turned away.
            BundleError: The model gave no finite numbers.
        """
        if isinstance(each.content, Busy):  # as its frames were counted
            raise each.content
        if isinstance(each.content, ImageError):
            return each.content
        try:
            return self.predict(each.content, each.name, each.frame, side)
        except Busy:
            raise
        except ImageError as error:
            # A new one, since one that was raised keeps alive what was being read.
            return ImageError(error.code, **error.details)

    def _probabilities(self, outputs: dict[str, NDArray[np.float32]]) -> dict[str, float]:
        values = self._finite(outputs[self.bundle.outputs.probabilities][0]).astype(np.float64)
        total = float(values.sum())
        if total <= 0 or values.min() < 0:
            raise BundleError(f"{self.bundle.folder / self.file.path}: gave no probabilities.")
        # An int8 softmax counts in 256ths and need not sum to 1.
        return {
            label.name: float(value / total) for label, value in zip(self.bundle.labels, values, strict=True)
        }

    def _map(self, outputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
        name = self.bundle.outputs.heatmap
        if name is None:
            return None
        values = self._finite(outputs[name][0])
        if values.ndim != 2:
            raise ValueError(f"its heatmap has {values.ndim} axes, not 2")
        # A copy, since an interpreter may hand out the same memory again.
        return values.copy()

    def _in_distribution(self, outputs: dict[str, NDArray[np.float32]]) -> float | None:
        name = self.bundle.outputs.in_distribution
        return None if name is None else float(self._finite(outputs[name]).reshape(-1)[0])

    def _finite(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        if not np.isfinite(values).all():
            raise BundleError(f"{self.bundle.folder / self.file.path}: gave no finite numbers.")
        return values


def study_slice(each: SliceSource, outcome: Prediction | ImageError) -> StudySlice:
    """Returns what a study keeps of a slice: no picture."""
    error = outcome if isinstance(outcome, ImageError) else None
    decision = None if isinstance(outcome, ImageError) else outcome.decision
    return StudySlice(name=each.name, frame=each.frame, decision=decision, error=error)


def lay_out(
    heatmap: NDArray[np.float32], box: Box, picture: tuple[int, int], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Lays a small map over the picture that it was made from; takes memory for what is shown alone.

    Args:
        heatmap: float32 (rows, columns) over ``box``, 0 to 1.
        box: (left, top, right, bottom) of the picture in pixels; may reach beyond it.
        picture: Width and height of the picture in pixels.
        size: Width and height that it is shown at; the box is moved to whole pixels there.

    Returns:
        float32 (height, width), 0 to 1; 0 outside the box.

    Raises:
        ValueError: The width or the height is less than 1.
    """
    if min(size) < 1:
        raise ValueError(f"a heatmap needs a width and a height of at least 1, not {size}")
    across = _stretch(box[0], box[2], picture[0], size[0], heatmap.shape[1])
    down = _stretch(box[1], box[3], picture[1], size[1], heatmap.shape[0])
    frame = np.zeros((size[1], size[0]), np.float32)
    if across is None or down is None:
        return frame
    (left, right), (first, last) = across
    (top, bottom), (upper, lower) = down
    shown = Image.fromarray(heatmap).resize(
        (right - left, bottom - top), Image.Resampling.BILINEAR, (first, upper, last, lower)
    )
    np.clip(np.asarray(shown), 0.0, 1.0, out=frame[top:bottom, left:right])
    return frame


def _stretch(
    start: int, stop: int, picture: int, shown: int, cells: int
) -> tuple[tuple[int, int], tuple[float, float]] | None:
    """Returns the pixels that show a map along one axis, and from where to where of the map they show.

    None where the box lies beside the picture.
    """
    first = round(start * shown / picture)
    last = max(first + 1, round(stop * shown / picture))
    low, high = max(first, 0), min(last, shown)
    if low >= high:
        return None
    step = cells / (last - first)
    return (low, high), (max(0.0, (low - first) * step), min(float(cells), (high - first) * step))
