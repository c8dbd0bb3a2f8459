from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from onnx import TensorProto

from convert.errors import ConversionError
from convert.foreign.contract import parse_scale
from convert.foreign.onnx import wrap
from edge_app.runtime import ONNXRuntime
from tests.convert.foreign.files import LABELS, PIXELS, SIZE, WEIGHTS, channels_first, net, onnx


def wrapped(path: Path, scale: str, logits: bool = False) -> ONNXRuntime:
    """Wraps a file and opens it."""
    data, _ = wrap(path.name, path.read_bytes(), SIZE, LABELS, parse_scale(scale), logits)
    path.with_suffix(".wrapped.onnx").write_bytes(data)
    return ONNXRuntime(path.with_suffix(".wrapped.onnx"), threads=1)


@pytest.mark.parametrize("batch", [1, None])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("logits", [False, True])
def test_a_file_with_its_channels_last(
    batch: int | None, channels: int, logits: bool, tmp_path: Path
) -> None:
    model, known = net(channels, softmax=not logits), parse_scale("-1..1")
    runtime = wrapped(onnx(tmp_path / "a.onnx", model, batch), "-1..1", logits)
    assert (runtime.shape, runtime.dtype) == ((1, SIZE, SIZE, channels), np.float32)
    for level in PIXELS:
        pixels = np.repeat(level[None], channels, axis=3)
        answers = model.predict(pixels * known.factor + known.offset, verbose=0)
        wanted = tf.nn.softmax(answers).numpy() if logits else answers
        assert runtime.run(pixels)["probabilities"] == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("batch", [1, "batch"])
@pytest.mark.parametrize(
    ("scale", "kind"),
    [
        ("imagenet", TensorProto.FLOAT),
        ("0..255", TensorProto.UINT8),
        ("-128..127", TensorProto.INT8),
    ],
)
def test_a_file_with_its_channels_first(batch: int | str, scale: str, kind: int, tmp_path: Path) -> None:
    runtime, known = (
        wrapped(channels_first(tmp_path / "a.onnx", kind, batch), scale, True),
        parse_scale(scale),
    )
    for level in PIXELS:
        pixels = np.repeat(level[None], 3, axis=3)
        means = (pixels * known.factor + known.offset).mean(axis=(1, 2))
        wanted = tf.nn.softmax(means @ WEIGHTS).numpy()
        assert runtime.run(pixels)["probabilities"] == pytest.approx(wanted, abs=1e-3)


def test_what_is_no_classifier(tmp_path: Path) -> None:
    fine = channels_first(tmp_path / "a.onnx")
    for path, scale, size, labels, message in (
        (fine, "0..1", 64, LABELS, "takes any x 3 x 32 x 32; expected one picture of 64 x 64"),
        (fine, "0..1", SIZE, 3, "gives any x 4; --labels names 3"),
        (channels_first(tmp_path / "half.onnx", TensorProto.FLOAT16), "0..1", SIZE, 4, "takes other numbers"),
        (channels_first(tmp_path / "eight.onnx", batch=8), "0..1", SIZE, 4, "takes 8 x 3 x 32 x 32"),
        (onnx(tmp_path / "grey.onnx", net(channels=1)), "imagenet", SIZE, 4, "the scale is for 3"),
    ):
        with pytest.raises(ConversionError, match=message):
            wrap(path.name, path.read_bytes(), size, labels, parse_scale(scale), False)
