from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.report import results
from benchmarks.report.html import render
from benchmarks.robustness.corruptions import CORRUPTIONS
from tests.benchmarks import reports


def page_of(folder: Path) -> str:
    return render(reports.make(folder), results.table(folder))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(tmp_path_factory.mktemp("results"))


def figures(page: str) -> list[ElementTree.Element]:
    return [
        ElementTree.fromstring(base64.b64decode(text))  # noqa: S314
        for text in re.findall(r"base64,([^\"]+)", page)
    ]


def test_a_page_needs_nothing_else(page: str) -> None:
    assert "http" not in re.sub(r"data:[^\"]+", "", page)
    assert "viewport" in page
    HTMLParser().feed(page)
    found = figures(page)
    assert len(found) == 3 + 2 + 2 + len(CORRUPTIONS)
    assert all(figure.tag.endswith("svg") for figure in found)
    assert len(re.findall(r'<img alt="[^"]+', page)) == len(found)
    for piece in ("Confusion matrix of edge@128", "Reliability", "McNemar", "LoadGen says"):
        assert piece in page
    for provenance in ("A board", "python -m benchmarks", "0" * 64, "1" * 64):
        assert provenance in page


def test_a_page_holds_every_cell(page: str) -> None:
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", page)
    for text in ("Right, classic", "other@9 x.onnx", "not installed", "90.0 (80.0 to 97.5)", "Let in"):
        assert text in cells


def test_words_are_no_markup(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert report.latency and report.accuracy
    hostile = '<script>alert("&")</script>'
    provenance = {hostile: replace(report.provenance["latency"], command=hostile)}
    data = replace(report.accuracy.data, without={hostile: hostile})
    page = render(
        replace(
            report,
            provenance=provenance,
            accuracy=replace(report.accuracy, data=data),
            latency=replace(report.latency, pictures=hostile),
        ),
        results.table(tmp_path),
    )
    assert "<script" not in page and "alert(&#34;&amp;&#34;)" in page


def test_the_same_results_give_the_same_page(page: str, tmp_path: Path) -> None:
    assert page_of(tmp_path) == page


def test_a_page_of_latency_alone(tmp_path: Path) -> None:
    reports.write(tmp_path)
    for name in ("predictions.json", "predictions.csv", "robustness.json", "mlperf.json", "browser.json"):
        (tmp_path / name).unlink()
    page = render(results.assemble(tmp_path), {})
    assert len(figures(page)) == 1
    assert "Latency" in page and "hash of the test part" not in page
