from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.foreign.contract import parse_scale
from convert.foreign.tflite import wrap
from convert.inspect import read_ops
from edge_app.runtime import TFLiteRuntime
from tests.convert.foreign.files import LABELS, PIXELS, SIZE, net, tflite


def wrapped(path: Path, scale: str, logits: bool = False) -> TFLiteRuntime:
    """Wraps a file and opens it."""
    data, _ = wrap(path.name, path.read_bytes(), SIZE, LABELS, parse_scale(scale), logits)
    path.with_suffix(".wrapped.tflite").write_bytes(data)
    return TFLiteRuntime(path.with_suffix(".wrapped.tflite"), threads=1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("scale", ["0..255", "0..1", "-1..1", "imagenet"])
def test_a_float_file_is_shown_what_it_wants_to_see(
    channels: int, logits: bool, scale: str, tmp_path: Path
) -> None:
    if scale == "imagenet" and channels == 1:
        pytest.skip("that scale is of three channels")
    model, known = net(channels, softmax=not logits), parse_scale(scale)
    runtime = wrapped(tflite(tmp_path / "a.tflite", model), scale, logits)
    assert (runtime.shape, runtime.dtype) == ((1, SIZE, SIZE, channels), np.float32)
    for level in PIXELS:
        pixels = np.repeat(level[None], channels, axis=3)
        answers = model.predict(pixels * known.factor + known.offset, verbose=0)
        wanted = tf.nn.softmax(answers).numpy() if logits else answers
        assert runtime.run(pixels)["probabilities"] == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("kind", [tf.int8, tf.uint8])
@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("scale", ["0..255", "0..1", "-1..1"])
def test_a_quantized_file_likewise(kind: Any, logits: bool, scale: str, tmp_path: Path) -> None:
    model, known = net(softmax=not logits), parse_scale(scale)
    shown = np.repeat(PIXELS, 3, axis=3)
    seen = (shown * known.factor + known.offset).astype(np.float32)
    path = tflite(tmp_path / "a.tflite", model, kind, seen)
    runtime = wrapped(path, scale, logits)
    answers = by_itself(path, seen)
    wanted = tf.nn.softmax(answers).numpy() if logits else answers
    found = np.concatenate([runtime.run(pixels[None])["probabilities"].copy() for pixels in shown])
    assert found.dtype == np.float32
    assert found == pytest.approx(wanted, abs=0.02)
    # Where levels are its integers already, nothing is put before it that would cost time.
    added = len(read_ops(path.with_suffix(".wrapped.tflite"))) - len(read_ops(path))
    assert runtime.dtype is (np.float32 if kind == tf.int8 else np.uint8)
    assert added == 1 + logits + (3 if kind == tf.int8 else 0)


def by_itself(path: Path, seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Runs a quantized file as it was made, on what it wants to see."""
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for pixels in seen:
        scale, zero = taken["quantization"]
        limits = np.iinfo(taken["dtype"])
        levels = np.clip(np.rint(pixels[None] / scale) + zero, limits.min, limits.max)
        interpreter.set_tensor(taken["index"], levels.astype(taken["dtype"]))
        interpreter.invoke()
        scale, zero = given["quantization"]
        answers.append((interpreter.get_tensor(given["index"]).astype(np.float32) - zero) * scale)
    return np.concatenate(answers)


def test_what_is_no_classifier(tmp_path: Path) -> None:
    path = tflite(tmp_path / "a.tflite", net())
    for scale, size, labels, message in (
        ("0..1", 64, LABELS, r"takes any x 32 x 32 x 3; expected one picture of 64 x 64"),
        ("0..1", SIZE, 3, "gives any x 4; --labels names 3"),
    ):
        with pytest.raises(ConversionError, match=message):
            wrap("a.tflite", path.read_bytes(), size, labels, parse_scale(scale), False)
    grey = tflite(tmp_path / "grey.tflite", net(channels=1))
    with pytest.raises(ConversionError, match="takes 1 channel; the scale is for 3"):
        wrap("grey.tflite", grey.read_bytes(), SIZE, LABELS, parse_scale("imagenet"), False)
