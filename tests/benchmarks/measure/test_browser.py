from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import browser, models, sample_images
from benchmarks.measure.browser import InBrowser
from edge_app import Classifier
from edge_app.bundle import Bundle
from edge_app.classifier import Prediction
from edge_app.files import Source
from tests.benchmarks.conftest import MakeBundle


@pytest.fixture
def needed() -> None:
    if lack := browser.missing():
        pytest.skip(lack)


@pytest.fixture
def slices(data: Path) -> list[Path]:
    return sorted(data.rglob("*.jpg"))[:3]


def measure(folder: Path, slices: list[Path], queries: int = 4) -> InBrowser:
    parts = folder.parent / "parts"
    return browser.measure(models.load([folder]), slices, queries, parts, lambda *step: None)


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_answers_as_python_does(needed: None, make_bundle: MakeBundle, slices: list[Path]) -> None:
    bundle = make_bundle()
    result = measure(bundle, slices)
    (run,) = result.runs  # of three files the one for devices
    assert run.file == f"toy@128 {Bundle.load(bundle).default}"
    assert (run.queries, run.pictures, run.different) == (6, 3, 0)
    assert run.deviation < browser.STEP
    assert 0 < run.load < run.first
    assert run.visit > 0 and run.python.p50 > 0
    assert 0 <= run.model.p50 <= run.whole.p90
    assert result.chromium
    assert measure(bundle, slices) == result  # an interrupted call's file is not measured again


@pytest.mark.browser
@pytest.mark.slow
def test_another_answer_is_told(
    needed: None, make_bundle: MakeBundle, slices: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = Classifier.predict

    def turned(self: Classifier, source: Source, name: str = "") -> Prediction:
        prediction = predict(self, source, name)
        shares = prediction.probabilities
        return replace(prediction, probabilities=dict(zip(shares, reversed(shares.values()), strict=True)))

    monkeypatch.setattr(Classifier, "predict", turned)
    (run,) = measure(make_bundle(), slices).runs
    assert run.different > 0 and run.deviation > browser.STEP


@pytest.mark.browser
@pytest.mark.slow
def test_a_picture_that_is_none(needed: None, make_bundle: MakeBundle, slices: list[Path]) -> None:
    slices[0].write_bytes(b"no picture")
    with pytest.raises(BenchmarkError, match=r"toy@128 .*the page can't read a picture"):
        measure(make_bundle(), slices)


def test_a_bundle_without_a_file_for_browsers(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "missing", lambda: None)
    bundle = make_bundle(default="toy-float32.onnx")
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
def test_what_is_not_installed_is_named(
    make_bundle: MakeBundle,
    slices: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    there: Callable[..., Any],
    sentence: str,
) -> None:
    monkeypatch.setattr("benchmarks.measure.browser.util.find_spec", lambda name: name)
    monkeypatch.setattr(browser, "_chromium", lambda: "chromium")
    monkeypatch.setattr(browser, "is_built", lambda: True)
    monkeypatch.setattr(f"benchmarks.measure.browser.{name}", there)
    with pytest.raises(BenchmarkError, match=sentence):
        measure(make_bundle(), slices)
