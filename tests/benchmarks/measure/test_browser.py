import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import browser, models, sample_images
from edge_app import Classifier


@pytest.fixture
def needed():
    if lack := browser.missing():
        pytest.skip(lack)


@pytest.fixture
def slices(data):
    return sorted(data.rglob("*.jpg"))[:3]


def measure(folder, slices, queries=4):
    parts = folder.parent / "parts"
    return browser.measure(models.load([folder]), slices, queries, parts, lambda *step: None)


def test_the_page_answers_as_python_does(needed, make_bundle, slices):
    bundle = make_bundle()
    result = measure(bundle, slices)
    (one,) = result.runs  # of three files the one for browsers
    assert one.file == f"toy@128 {Classifier.load(make_bundle('again')).bundle.default['browser']}"
    assert (one.queries, one.pictures, one.different) == (6, 3, 0)
    assert one.deviation < browser.STEP
    assert 0 < one.load < one.first
    assert one.visit > 0 and one.python.p50 > 0
    assert 0 <= one.model.p50 <= one.whole.p90
    assert result.chromium
    assert measure(bundle, slices) == result  # an interrupted call's file is not measured again


def test_another_answer_is_told(needed, make_bundle, slices, monkeypatch):
    predict = Classifier.predict

    def turned(self, source, name=""):
        prediction = predict(self, source, name)
        shares = prediction.probabilities
        turned = dict(zip(shares, reversed(shares.values()), strict=True))
        object.__setattr__(prediction, "probabilities", turned)
        return prediction

    monkeypatch.setattr(Classifier, "predict", turned)
    (one,) = measure(make_bundle(), slices).runs
    assert one.different > 0 and one.deviation > browser.STEP


def test_a_picture_that_is_none(needed, make_bundle, slices):
    slices[0].write_bytes(b"no picture")
    with pytest.raises(BenchmarkError, match=r"toy@128 .*the page can't read a picture"):
        measure(make_bundle(), slices)


def test_a_bundle_without_a_file_for_browsers(needed, make_bundle, tmp_path):
    bundle = make_bundle(default={"pi": "toy-int8.tflite"})
    with pytest.raises(BenchmarkError, match="names a file for browsers"):
        measure(bundle, sample_images.draw(tmp_path / "drawn"))


@pytest.mark.parametrize(
    ("name", "there", "sentence"),
    [
        ("util.find_spec", lambda name: None, "Playwright is not installed"),
        ("_chromium", lambda: None, "Chromium is not installed"),
        ("is_built", lambda: False, "page was not built"),
    ],
)
def test_what_is_not_installed_is_named(make_bundle, slices, monkeypatch, name, there, sentence):
    monkeypatch.setattr(browser.util, "find_spec", lambda name: name)
    monkeypatch.setattr(browser, "_chromium", lambda: "chromium")
    monkeypatch.setattr(browser, "is_built", lambda: True)
    monkeypatch.setattr(f"benchmarks.measure.browser.{name}", there)
    with pytest.raises(BenchmarkError, match=sentence):
        measure(make_bundle(), slices)
