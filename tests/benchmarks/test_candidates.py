import pytest

from benchmarks import candidates
from benchmarks.errors import BenchmarkError
from edge_app.errors import BundleError


def names(folders):
    return [(each.bundle, each.classifier.file.path) for each in candidates.load(folders)]


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


def test_different_protocols(make_bundle):
    folders = [make_bundle("a"), make_bundle("b", source={"protocol": "paper"})]
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different protocols, grouped and paper"):
        candidates.load(folders)


def test_different_test_parts(make_bundle, rows):
    folders = [make_bundle("a"), make_bundle("b", rows=rows[1:])]
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different test parts"):
        candidates.load(folders)


def test_the_same_test_part_in_another_order(make_bundle, rows):
    assert len(candidates.load([make_bundle("a"), make_bundle("b", rows=rows[::-1])])) == 6


def test_no_protocol(make_bundle):
    with pytest.raises(BenchmarkError, match=r"bundle\.json: names no protocol"):
        candidates.load([make_bundle(source={})])


def test_no_files(make_bundle):
    with pytest.raises(BenchmarkError, match="toy: holds no model files"):
        candidates.load([make_bundle(files=[])])


def test_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"bundle\.json: can't be read"):
        candidates.load([tmp_path])


def test_a_changed_file(make_bundle):
    folder = make_bundle()
    with (folder / "toy-int8.tflite").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
        candidates.load([folder])
