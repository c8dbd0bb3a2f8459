from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_app import Classifier
from edge_app.bundle import MAX_JSON, Bundle, Label, StudyRule, Thresholds, sha256
from edge_app.classifier import SHIPPED
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


def refusal(folder: Path) -> str:
    """The one sentence by which a bundle is refused; it names the file."""
    with pytest.raises(BundleError) as caught:
        Bundle.load(folder)
    text = str(caught.value)
    assert text.startswith(f"{folder / 'bundle.json'}: ")
    assert text.endswith(".") and len(text) < 400 and "\n" not in text
    return text


def test_load(bundle: Path) -> None:
    loaded = Bundle.load(str(bundle))
    assert loaded.labels[2] == Label("no_tumor", "No tumour", "Tidak ada tumor")
    assert loaded.input.size == 128
    assert loaded.outputs.in_distribution == "brain"
    assert loaded.thresholds == Thresholds(unsure=0.5, no_tumour=0.5, refused=0.2)
    assert loaded.file().path == loaded.default == "toy-int8.tflite"
    assert loaded.file("float32").format == "tflite"
    assert loaded.file("float32", "onnx").path == "toy-float32.onnx"
    for file in loaded.files:
        assert sha256(bundle / file.path) == file.sha256
        assert (bundle / file.path).stat().st_size == file.bytes


def test_saving_a_loaded_bundle_changes_nothing(bundle: Path) -> None:
    before = (bundle / "bundle.json").read_bytes()
    Bundle.load(bundle).save()
    assert (bundle / "bundle.json").read_bytes() == before


def test_what_every_phone_fetches_is_small() -> None:
    assert (SHIPPED / "bundle.json").stat().st_size <= 2000


def test_other_files_are_not_read(bundle: Path) -> None:
    (bundle / "provenance.json").write_bytes(b"\xff")
    (bundle / "toy-int8.json").mkdir()
    assert len(Bundle.load(bundle).files) == 3


def test_a_changed_file(bundle: Path) -> None:
    path = bundle / "toy-int8.tflite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    for changed in (data, data[:-1], b""):
        path.write_bytes(changed)
        with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
            Bundle.load(bundle)


def test_a_missing_file(bundle: Path) -> None:
    (bundle / "toy-float32.onnx").unlink()
    with pytest.raises(BundleError, match=r"toy-float32\.onnx: is missing"):
        Bundle.load(bundle)


@pytest.mark.parametrize("name", ["../stolen.tflite", "/etc/hostname", "inner/a.tflite", "..", ".", "a\\b"])
def test_a_file_outside_the_folder(bundle: Path, name: str) -> None:
    shutil.copy(bundle / "toy-int8.tflite", bundle.parent / "stolen.tflite")
    edit(bundle, lambda data: data["files"][1].update(path=name))
    assert "files[1].path" in refusal(bundle)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        assert "can't be read; name a folder" in refusal(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"\x00", b'{"schema": 2', b"\xff\xfe\xff"])
def test_broken_json(bundle: Path, text: bytes) -> None:
    (bundle / "bundle.json").write_bytes(text)
    assert "is broken" in refusal(bundle)


@pytest.mark.parametrize("text", ["[]", "null", "3", "{}", '{"schema": 3}', '{"schema": "2"}'])
def test_an_unknown_schema(bundle: Path, text: str) -> None:
    (bundle / "bundle.json").write_text(text, encoding="utf-8")
    assert "this version of Otak reads 2" in refusal(bundle)


def test_a_bundle_of_the_first_version(bundle: Path) -> None:
    edit(bundle, lambda data: data.update(schema=1))
    assert "is of schema 1, which Otak 0.1 reads; convert the run again." in refusal(bundle)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("labels"),
        lambda data: data.pop("default"),
        lambda data: data["labels"][0].update(fr="gliome"),
        lambda data: data["labels"][0].update(name=""),
        lambda data: data["labels"][0].update(en="Gli\x1b[2Joma"),
        lambda data: data["labels"][0].update(name="x" * 101),
        lambda data: data["input"].update(mean=0.5),
        lambda data: data["input"].update(size="large"),
        lambda data: data["input"].update(size=10**9),
        lambda data: data["input"].update(size=15),
        lambda data: data["input"].update(size=128.0),
        lambda data: data["input"].update(channels=2),
        lambda data: data["input"].update(crop="some"),
        lambda data: data.update(files=[3]),
        lambda data: data["files"][0].update(path=3),
        lambda data: data["files"][0].update(sha256="abc"),
        lambda data: data["files"][0].update(bytes=0),
        lambda data: data["files"][0].update(format="coreml"),
        lambda data: data["files"][0].update(precision="int4"),
        lambda data: data["files"][0].update(temperature=0),
        lambda data: data["files"][0].update(metrics={}),
        lambda data: data.update(default={"pi": "toy-int8.tflite"}),
        lambda data: data.update(outputs=None),
        lambda data: data["outputs"].pop("heatmap"),
        lambda data: data.update(source={}),
    ],
)
def test_missing_unknown_and_senseless_fields(bundle: Path, change: Callable[[Data], object]) -> None:
    edit(bundle, change)
    assert "is broken" in refusal(bundle)


@pytest.mark.parametrize(
    "thresholds",
    [
        "{}",
        '{"unsure": 0.5, "no_tumour": 0.5}',
        '{"unsure": null, "no_tumour": null, "refused": null}',
        '{"unsure": 0.5, "no_tumour": 0.5, "refused": 0.5, "other": 0.5}',
        '{"unsure": NaN, "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": -5, "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": 1.0000001, "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": 1e999, "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": "often", "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": false, "no_tumour": 0.5, "refused": 0.5}',
        '{"unsure": 0, "unsure": 0.5, "no_tumour": 0.5, "refused": 0.5}',
        "0.5",
        '"none"',
        "[" * 50_000,
        '{"unsure":' * 5_000,
    ],
)
def test_thresholds_fail_closed(bundle: Path, thresholds: str) -> None:
    edit(bundle, lambda data: data.update(thresholds="HERE"))
    path = bundle / "bundle.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"HERE"', thresholds), encoding="utf-8")
    assert "is broken" in refusal(bundle)


def test_absent_thresholds(bundle: Path) -> None:
    edit(bundle, lambda data: data.pop("thresholds"))
    assert "lacks thresholds" in refusal(bundle)


def test_null_thresholds_mean_that_nothing_is_answered_for_sure(bundle: Path, glioma: Path) -> None:
    edit(bundle, lambda data: data.update(thresholds=None))
    prediction = Classifier.load(bundle).predict(glioma)
    assert (prediction.verdict, prediction.label) == ("unsure", "glioma")
    assert prediction.reasons == ("uncalibrated",)


def test_a_rule_for_studies(bundle: Path) -> None:
    assert Bundle.load(bundle).study is None
    edit(bundle, lambda data: data.update(study={"rank": 2, "threshold": 0.9}))
    loaded = Bundle.load(bundle)
    assert loaded.study == StudyRule(rank=2, threshold=0.9)
    loaded.save()
    assert Bundle.load(bundle) == loaded


@pytest.mark.parametrize(
    "study",
    [
        {},
        {"rank": 2},
        {"rank": 0, "threshold": 0.9},
        {"rank": 6, "threshold": 0.9},
        {"rank": 1.5, "threshold": 0.9},
        {"rank": True, "threshold": 0.9},
        {"rank": 2, "threshold": 1.1},
        {"rank": 2, "threshold": None},
        {"rank": 2, "threshold": 0.9, "mean": 0.5},
        0.9,
    ],
)
def test_a_senseless_rule_for_studies(bundle: Path, study: object) -> None:
    edit(bundle, lambda data: data.update(study=study))
    assert "is broken" in refusal(bundle)


def test_an_absent_rule_for_studies(bundle: Path) -> None:
    edit(bundle, lambda data: data.pop("study"))
    assert "lacks study" in refusal(bundle)


def test_a_bundle_json_that_is_far_too_large(bundle: Path) -> None:
    edit(bundle, lambda data: data.update(name="x" * MAX_JSON))
    assert "is larger than 65,536 bytes" in refusal(bundle)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: data["files"].append(data["files"][0]), "names a file twice"),
        (lambda data: data.update(default="other.tflite"), "its default, other.tflite, is none of its files"),
        (lambda data: data["labels"].append(data["labels"][0]), "needs at least two labels"),
        (lambda data: data.update(labels=[]), "needs at least two labels"),
        (lambda data: data["outputs"].update(in_distribution=None), "by an output that it doesn't name"),
        (
            lambda data: data.update(thresholds=None, study={"rank": 2, "threshold": 0.9}),
            "judges studies by slices that it has no thresholds for",
        ),
    ],
)
def test_what_no_type_can_say(bundle: Path, change: Callable[[Data], object], fault: str) -> None:
    edit(bundle, change)
    assert fault in refusal(bundle)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["labels"].pop(),
        lambda data: data["input"].update(channels=3),
        lambda data: data["input"].update(size=64),
        lambda data: data["outputs"].update(probabilities="absent"),
        lambda data: data["outputs"].update(probabilities="heatmap"),
        lambda data: data["outputs"].update(heatmap="probabilities"),
        lambda data: data["outputs"].update(in_distribution="absent"),
    ],
)
def test_a_model_that_does_not_fit(bundle: Path, change: Callable[[Data], object]) -> None:
    edit(bundle, change)
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: doesn't fit"):
        Classifier.load(bundle)


def test_a_file_that_is_no_model(bundle: Path) -> None:
    path = bundle / "toy-int8.tflite"
    path.write_bytes(b"no model")
    edit(bundle, lambda data: data["files"][1].update(sha256=sha256(path), bytes=8))
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: was not accepted"):
        Classifier.load(bundle)


@pytest.mark.parametrize(
    ("precision", "format"), [("float16", "tflite"), ("int8", "onnx"), ("int8", "coreml")]
)
def test_a_precision_that_is_not_there(bundle: Path, precision: str, format: str) -> None:
    with pytest.raises(BundleError, match=r"it has onnx float32, tflite float32, tflite int8"):
        Bundle.load(bundle).file(precision, format)


def test_a_default_of_another_format(bundle: Path) -> None:
    edit(bundle, lambda data: data.update(default="toy-float32.onnx"))
    with pytest.raises(BundleError, match="has no tflite file as its default"):
        Bundle.load(bundle).file()
    assert Bundle.load(bundle).file(format="onnx").path == "toy-float32.onnx"
