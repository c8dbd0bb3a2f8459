from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models
from edge_app.bundle import Label
from edge_app.classifier import Classifier
from edge_app.errors import BundleError
from edge_app.records import RecordError
from tests.benchmarks.conftest import MakeBundle
from tests.benchmarks.provenances import random_weights, trained


def names(folders: Iterable[Path]) -> list[tuple[str, str]]:
    return [(model.net, model.file.path) for model in models.load(folders)]


def test_every_file_of_every_bundle_once(make_bundle: MakeBundle) -> None:
    files = ["toy-float32.tflite", "toy-int8.tflite", "toy-float32.onnx"]
    toy, other = make_bundle(), make_bundle("other", name="mobilenetv2")
    assert names([toy, other, toy]) == [
        *(("toy@128", file) for file in files),
        *(("mobilenetv2@128", file) for file in files),
    ]


def test_bundles_of_one_name_are_told_apart_by_folder(make_bundle: MakeBundle) -> None:
    found = {name for name, _ in names([make_bundle("a"), make_bundle("b")])}
    assert found == {"toy@128 (a)", "toy@128 (b)"}


def test_a_fine_tuned_net_is_told_from_the_frozen_one(make_bundle: MakeBundle) -> None:
    tuned = make_bundle("b", provenance=trained(arch="mobilenetv2", fine_tune=True))
    assert {name for name, _ in names([make_bundle("a"), tuned])} == {"toy@128", "toy@128 tuned"}


def test_what_a_report_says_of_a_file(make_bundle: MakeBundle) -> None:
    folder = make_bundle()
    model = models.load([folder])[1]
    content = (folder / "toy-int8.tflite").read_bytes()
    file = model.describe()
    assert (file.name, file.net) == ("toy@128 toy-int8.tflite", "toy@128")
    assert (file.format, file.precision) == ("tflite", "int8")
    assert file.bytes == len(content)
    assert file.gzipped == len(gzip.compress(content)) < file.bytes
    assert file.trained
    assert model.is_default and model.open().file == model.file


def test_one_file_of_a_bundle_is_for_devices(make_bundle: MakeBundle) -> None:
    chosen = [model.file.path for model in models.load([make_bundle()]) if model.is_default]
    assert chosen == ["toy-int8.tflite"]


def test_each_opens_its_own_file(make_bundle: MakeBundle) -> None:
    opened: list[Classifier] = [model.open() for model in models.load([make_bundle()])]
    assert [classifier.runtime.name for classifier in opened] == ["LiteRT", "LiteRT", "ONNX Runtime"]


def test_random_weights_are_marked(make_bundle: MakeBundle) -> None:
    (model, *_) = models.load([make_bundle(provenance=random_weights())])
    assert not model.trained and not model.describe().trained
    with pytest.raises(BenchmarkError, match="toy: has random weights, and no protocol"):
        models.protocol(model)


def test_the_protocol_is_that_of_the_training(make_bundle: MakeBundle) -> None:
    (model, *_) = models.load([make_bundle(provenance=trained(protocol="paper"))])
    assert models.protocol(model) == "paper"


def test_different_classes(make_bundle: MakeBundle) -> None:
    labels = tuple(Label(name, name, name) for name in ("cat", "dog"))
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different classes, .* and cat, dog\."):
        models.load([make_bundle("a"), make_bundle("b", labels=labels)])


@pytest.mark.parametrize("content", [None, "", "{", "{}", '{"schema": 1}', '{"schema": 2}', "[" * 100_000])
def test_a_provenance_that_is_missing_or_broken(make_bundle: MakeBundle, content: str | None) -> None:
    path = make_bundle() / "provenance.json"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=r"provenance\.json: (can't be read|is broken|schema)"):
        models.load([path.parent])


def test_no_files(make_bundle: MakeBundle) -> None:
    with pytest.raises(BundleError, match="is none of its files"):
        models.load([make_bundle(files=())])


def test_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"bundle\.json: can't be read"):
        models.load([tmp_path])


def test_a_changed_file(make_bundle: MakeBundle) -> None:
    folder = make_bundle()
    with (folder / "toy-int8.tflite").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
        models.load([folder])
