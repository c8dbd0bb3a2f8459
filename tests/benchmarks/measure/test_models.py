import gzip

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models
from edge_app.errors import BundleError


def names(folders):
    return [(each.net, each.file.path) for each in models.load(folders)]


def test_every_file_of_every_bundle_once(make_bundle):
    files = ["toy-float32.tflite", "toy-int8.tflite", "toy-float32.onnx"]
    toy, other = make_bundle(), make_bundle("other", name="mobilenetv2")
    assert names([toy, other, toy]) == [
        *(("toy@128", file) for file in files),
        *(("mobilenetv2@128", file) for file in files),
    ]


def test_bundles_of_one_name_are_told_apart_by_folder(make_bundle):
    found = {name for name, _ in names([make_bundle("a"), make_bundle("b")])}
    assert found == {"toy@128 (a)", "toy@128 (b)"}


def test_a_fine_tuned_net_is_told_from_the_frozen_one(make_bundle):
    tuned = make_bundle("b", source={"protocol": "grouped", "fine_tuned": True})
    assert {name for name, _ in names([make_bundle("a"), tuned])} == {"toy@128", "toy@128 tuned"}


def test_what_a_report_says_of_a_file(make_bundle):
    folder = make_bundle()
    file = models.load([folder])[1].describe()
    content = (folder / "toy-int8.tflite").read_bytes()
    assert (file.name, file.net) == ("toy@128 toy-int8.tflite", "toy@128")
    assert (file.format, file.precision) == ("tflite", "int8")
    assert file.bytes == len(content)
    assert file.gzipped == len(gzip.compress(content)) < file.bytes
    assert file.trained


def test_random_weights_are_marked(make_bundle):
    (subject, *_) = models.load([make_bundle(source={"weights": "random"})])
    assert not subject.describe().trained


def test_different_classes(make_bundle):
    labels = [{"name": name, "en": name, "id": name} for name in ("cat", "dog")]
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different classes, .* and cat, dog\."):
        models.load([make_bundle("a"), make_bundle("b", labels=labels)])


def test_no_protocol(make_bundle):
    (subject, *_) = models.load([make_bundle(source={})])
    with pytest.raises(BenchmarkError, match=r"bundle\.json: names no protocol"):
        models.protocol(subject.bundle)


def test_no_files(make_bundle):
    with pytest.raises(BenchmarkError, match="toy: holds no model files"):
        models.load([make_bundle(files=[])])


def test_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"bundle\.json: can't be read"):
        models.load([tmp_path])


def test_a_changed_file(make_bundle):
    folder = make_bundle()
    with (folder / "toy-int8.tflite").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
        models.load([folder])
