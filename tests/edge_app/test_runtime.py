from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle import Bundle
from edge_app.errors import BundleError, RuntimeMissing
from edge_app.runtime import load_runtime


@pytest.mark.parametrize(("format", "module"), [("onnx", "onnxruntime"), ("tflite", "ai_edge_litert")])
def test_an_interpreter_that_is_not_installed(
    format: str, module: str, toy_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ai_edge_litert.interpreter", "tflite_runtime.interpreter", "onnxruntime", "tflite_runtime"):
        monkeypatch.setitem(sys.modules, name, None)
    file = Bundle.load(toy_bundle).file("float32", format)
    with pytest.raises(RuntimeMissing, match=rf"{file.path}: can't be run, {module}.* is not installed"):
        load_runtime(file, toy_bundle / file.path)


def test_a_file_that_no_interpreter_accepts(toy_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(b"no model")
    with pytest.raises(BundleError, match=r"a\.tflite: was not accepted") as caught:
        load_runtime(Bundle.load(toy_bundle).file(), tmp_path / "a.tflite")
    assert not isinstance(caught.value, RuntimeMissing)


@pytest.mark.parametrize(
    ("precision", "format", "dtype"),
    [("int8", "tflite", np.uint8), ("float32", "tflite", np.float32), ("float32", "onnx", np.float32)],
)
def test_what_a_file_takes_and_gives(
    precision: str, format: str, dtype: type[np.generic], toy_bundle: Path
) -> None:
    file = Bundle.load(toy_bundle).file(precision, format)
    runtime = load_runtime(file, toy_bundle / file.path)
    assert runtime.shape == (1, 128, 128, 1)
    assert runtime.dtype == dtype
    outputs = runtime.run(np.zeros((1, 128, 128, 1), np.uint8))
    assert {name: values.shape for name, values in outputs.items()} == {
        "probabilities": (1, 4),
        "heatmap": (1, 16, 16),
        "brain": (1,),
    }
    assert all(values.dtype == np.float32 for values in outputs.values())
