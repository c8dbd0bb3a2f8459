import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_app import Classifier
from edge_app.bundle import Bundle, Label, sha256
from edge_app.errors import BundleError

Data = dict[str, Any]


@pytest.fixture
def bundle(toy_bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_bundle, tmp_path / "bundle")


def edit(folder: Path, change: Callable[[Data], object]) -> None:
    path = folder / "bundle.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_load(bundle: Path) -> None:
    loaded = Bundle.load(str(bundle))
    assert loaded.labels[2] == Label("no_tumor", "No tumour", "Tidak ada tumor")
    assert loaded.input.size == 128
    assert loaded.file().path == loaded.default["pi"] == "toy-int8.tflite"
    assert loaded.file("float32").format == "tflite"
    assert loaded.file("float32", "onnx").path == "toy-float32.onnx"
    for file in loaded.files:
        assert sha256(bundle / file.path) == file.sha256
        assert (bundle / file.path).stat().st_size == file.bytes


def test_saving_a_loaded_bundle_changes_nothing(bundle: Path) -> None:
    before = (bundle / "bundle.json").read_bytes()
    Bundle.load(bundle).save()
    assert (bundle / "bundle.json").read_bytes() == before


def test_a_changed_file(bundle: Path) -> None:
    path = bundle / "toy-int8.tflite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
        Bundle.load(bundle)


def test_a_missing_file(bundle: Path) -> None:
    (bundle / "toy-float32.onnx").unlink()
    with pytest.raises(BundleError, match=r"toy-float32\.onnx: is missing"):
        Bundle.load(bundle)


@pytest.mark.parametrize("name", ["../stolen.tflite", "/etc/hostname", "inner/a.tflite", "..", "."])
def test_a_file_outside_the_folder(bundle: Path, name: str) -> None:
    shutil.copy(bundle / "toy-int8.tflite", bundle.parent / "stolen.tflite")
    edit(bundle, lambda data: data["files"][1].update(path=name))
    with pytest.raises(BundleError):
        Bundle.load(bundle)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BundleError, match=r"bundle\.json: can't be read"):
            Bundle.load(folder)


@pytest.mark.parametrize("text", ["", "{", "\x00", '{"schema": 1'])
def test_broken_json(bundle: Path, text: str) -> None:
    (bundle / "bundle.json").write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=r"bundle\.json: is no JSON"):
        Bundle.load(bundle)


def test_json_that_is_no_text(bundle: Path) -> None:
    (bundle / "bundle.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BundleError, match=r"bundle\.json: is no JSON"):
        Bundle.load(bundle)


@pytest.mark.parametrize("text", ["[]", "null", "3", "{}", '{"schema": 2}', '{"schema": "1"}'])
def test_an_unknown_schema(bundle: Path, text: str) -> None:
    (bundle / "bundle.json").write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=r"schema .* is unknown"):
        Bundle.load(bundle)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("labels"),
        lambda data: data.pop("default"),
        lambda data: data["labels"][0].update(fr="gliome"),
        lambda data: data["input"].update(mean=0.5),
        lambda data: data.update(files=[3]),
        lambda data: data["files"][0].update(path=3),
        lambda data: data.update(default="toy-int8.tflite"),
        lambda data: data.update(outputs=None),
    ],
)
def test_missing_and_unknown_fields(bundle: Path, change: Callable[[Data], object]) -> None:
    edit(bundle, change)
    with pytest.raises(BundleError, match=r"bundle\.json: is incomplete or has unknown fields"):
        Bundle.load(bundle)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["labels"].pop(),
        lambda data: data["input"].update(size="large"),
        lambda data: data["input"].update(channels=3),
        lambda data: data["outputs"].update(probabilities="absent"),
        lambda data: data["thresholds"].update(unsure="often"),
    ],
)
def test_a_model_that_does_not_fit(bundle: Path, change: Callable[[Data], object]) -> None:
    edit(bundle, change)
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: doesn't fit"):
        Classifier.load(bundle)


def test_a_file_that_is_no_model(bundle: Path) -> None:
    path = bundle / "toy-int8.tflite"
    path.write_bytes(b"no model")
    edit(bundle, lambda data: data["files"][1].update(sha256=sha256(path)))
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: was not accepted"):
        Classifier.load(bundle)


def test_an_unknown_format(bundle: Path) -> None:
    edit(bundle, lambda data: data["files"][1].update(format="coreml"))
    with pytest.raises(BundleError, match="coreml"):
        Classifier.load(bundle, format="coreml")


@pytest.mark.parametrize(
    ("precision", "format"), [("float16", "tflite"), ("int8", "onnx"), ("int8", "coreml")]
)
def test_a_precision_that_is_not_there(bundle: Path, precision: str, format: str) -> None:
    with pytest.raises(BundleError, match=r"it has onnx float32, tflite float32, tflite int8"):
        Bundle.load(bundle).file(precision, format)


def test_a_default_that_is_not_there(bundle: Path) -> None:
    edit(bundle, lambda data: data.update(default={}))
    with pytest.raises(BundleError):
        Bundle.load(bundle).file()
