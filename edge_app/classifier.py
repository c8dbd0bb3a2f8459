"""The one prediction path: from a picture to a verdict."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.bundle import Bundle, ModelFile
from edge_app.errors import BundleError
from edge_app.image import Source, decode
from edge_app.preprocessing import Box, preprocess
from edge_app.quality import Quality, measure
from edge_app.runtime import Runtime, load_runtime
from edge_app.verdict import Verdict, judge

SHIPPED = Path(__file__).parent / "models"
# Multiplications at a time: so few that BLAS uses no threads, which wait for each other on busy cores.
PIECE = 2**17


@dataclass(frozen=True)
class Prediction:
    """What the classifier says of one picture.

    Attributes:
        verdict: ``answer``, ``unsure`` (a person should look first) or ``refused`` (no brain MRI).
        label: The most probable answer; None when refused.
        probabilities: By label; they sum to 1.
        heatmap: float32 (H, W) of the decoded picture, how likely the model holds a tumour at each place,
            0 to 1; None where the net has none.
        brain: How likely the picture is a slice of a brain MRI, 0 to 1; None where the model doesn't say.
        quality: Measures of the picture.
        reasons: Short codes behind ``unsure`` or ``refused``, and notes on the picture's quality.
        milliseconds: Time spent in ``decode``, ``preprocess`` and ``infer``.
        image: The decoded picture, upright and RGB.
    """

    verdict: Verdict
    label: str | None
    probabilities: dict[str, float]
    heatmap: NDArray[np.float32] | None
    brain: float | None
    quality: Quality
    reasons: tuple[str, ...]
    milliseconds: dict[str, float]
    image: Image.Image


class Classifier:
    """A bundle's model, ready to predict. Safe to share between threads."""

    def __init__(self, bundle: Bundle, file: ModelFile, runtime: Runtime) -> None:
        """Prefer ``Classifier.load``."""
        self.bundle = bundle
        self.file = file
        self.runtime = runtime
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        precision: str | None = None,
        threads: int = 1,
        format: str = "tflite",
    ) -> Classifier:
        """Loads a bundle and opens one of its files.

        Args:
            path: The bundle's folder; the one that ships where not given.
            precision: ``float32``, ``float16``, ``dynamic_range`` or ``int8``; the bundle's default for a Pi
                where not given.
            threads: For the interpreter.
            format: ``tflite``, or ``onnx`` for checks and benchmarks.

        Raises:
            BundleError: The bundle is broken, or has no such file.
        """
        bundle = Bundle.load(SHIPPED if path is None else path)
        file = bundle.file(precision, format)
        classifier = cls(bundle, file, load_runtime(file, bundle.folder / file.path, threads))
        try:
            classifier.predict(Image.new("L", (64, 64)))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BundleError(
                f"{bundle.folder / file.path}: doesn't fit its bundle.json ({error})."
            ) from None
        return classifier

    def predict(self, source: Source, name: str = "") -> Prediction:
        """Classifies one picture.

        Args:
            source: A path, the bytes of a file, a PIL image, or a uint8 array (H, W) or (H, W, 3).
            name: What errors call the picture; a path's own name where not given.

        Raises:
            NotAnImage: The bytes are no picture of a known format.
            UnreadableImage: The picture is missing, empty, damaged or too small.
            ImageTooLarge: The picture has too many bytes or pixels.
            BundleError: The model gave no finite numbers.
        """
        start = time.perf_counter()
        image = decode(source, name)
        decoded = time.perf_counter()
        pixels, box = preprocess(image, self.bundle.input)
        quality = measure(image, pixels, box)
        preprocessed = time.perf_counter()
        with self._lock:
            outputs = self.runtime.run(pixels)
        inferred = time.perf_counter()

        probabilities = self._probabilities(outputs)
        brain = self._brain(outputs)
        verdict, reasons = judge(probabilities, brain, quality, self.bundle.thresholds)
        label = None if verdict == "refused" else max(probabilities, key=probabilities.__getitem__)
        heatmap = outputs.get(self.bundle.outputs.heatmap or "")
        return Prediction(
            verdict=verdict,
            label=label,
            probabilities=probabilities,
            heatmap=None if heatmap is None else to_frame(heatmap[0], box, image.size),
            brain=brain,
            quality=quality,
            reasons=reasons,
            milliseconds={
                "decode": 1000 * (decoded - start),
                "preprocess": 1000 * (preprocessed - decoded),
                "infer": 1000 * (inferred - preprocessed),
            },
            image=image,
        )

    def _probabilities(self, outputs: dict[str, NDArray[np.float32]]) -> dict[str, float]:
        values = outputs[self.bundle.outputs.probabilities][0].astype(np.float64)
        total = float(values.sum())
        if not math.isfinite(total) or total <= 0:
            raise BundleError(f"{self.bundle.folder / self.file.path}: gave no finite probabilities.")
        # An int8 softmax counts in 256ths and need not sum to 1.
        return {
            label.name: float(value / total) for label, value in zip(self.bundle.labels, values, strict=True)
        }

    def _brain(self, outputs: dict[str, NDArray[np.float32]]) -> float | None:
        name = self.bundle.outputs.brain
        return None if name is None else float(outputs[name].reshape(-1)[0])


def to_frame(heatmap: NDArray[np.float32], box: Box, size: tuple[int, int]) -> NDArray[np.float32]:
    """Lays a heatmap over the picture that it was made from.

    Args:
        heatmap: float32 (rows, columns) over ``box``, 0 to 1.
        box: (left, top, right, bottom) of the picture in pixels; may reach beyond it.
        size: Width and height of the picture.

    Returns:
        float32 (height, width), 0 to 1; 0 outside the box.
    """
    left, top, right, bottom = box
    width, height = size
    rows = _bilinear(heatmap.shape[0], bottom - top, top, height) @ heatmap
    across = _bilinear(heatmap.shape[1], right - left, left, width).T
    frame = np.empty((height, width), np.float32)
    step = max(1, PIECE // across.size)
    for start in range(0, height, step):
        piece = frame[start : start + step]
        np.matmul(rows[start : start + step], across, out=piece)
        piece.clip(0.0, 1.0, out=piece)
    return frame


def _bilinear(inputs: int, outputs: int, start: int, length: int) -> NDArray[np.float32]:
    """Returns the weights of Pillow's antialiased bilinear resize along one axis.

    As a matrix, two of them resize a map and place it at once, several times faster than Pillow's floats.

    Args:
        inputs: Samples of the map.
        outputs: Pixels that it is stretched over.
        start: Where these begin in the frame.
        length: Pixels of the frame.

    Returns:
        float32 (length, inputs); 0 outside the stretched map.
    """
    scale = inputs / outputs
    centres = (np.arange(length) - start + 0.5) * scale
    distances = np.abs(np.arange(inputs) + 0.5 - centres[:, None])
    weights = np.maximum(1 - distances / max(scale, 1.0), 0)
    inside = (centres > 0) & (centres < inputs)
    weights[~inside] = 0
    weights[inside] /= weights[inside].sum(axis=1, keepdims=True)
    return weights.astype(np.float32)
