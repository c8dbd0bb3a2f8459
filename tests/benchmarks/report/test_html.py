import base64
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.report.html import render
from benchmarks.robustness.corruptions import CORRUPTIONS
from tests.benchmarks import reports


@pytest.fixture
def trust(tmp_path):
    steps = [
        {"strength": None, "accuracy": 0.9, "answered": 0.8},
        {"strength": 1, "accuracy": 0.5, "answered": 0.2},
    ]
    bundle = {
        "headline": {"ece": 0.05},
        "reliability": [{"confidence": 0.5, "accuracy": 0.4}],
        "risk_coverage": {"coverage": [0.5, 1.0], "risk": [0.0, 0.1]},
        "corruptions": dict.fromkeys(CORRUPTIONS, steps),
    }
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"bundles": {"edge@128": bundle}}))
    return path


def figures(page):
    return [ElementTree.fromstring(base64.b64decode(one)) for one in re.findall(r"base64,([^\"]+)", page)]  # noqa: S314


def test_a_page_needs_nothing_else(trust):
    page = render(reports.make(), trust)
    assert "http" not in re.sub(r"data:[^\"]+", "", page)
    assert "viewport" in page
    HTMLParser().feed(page)
    found = figures(page)
    assert len(found) == 3 + 2 + 2 + len(CORRUPTIONS)
    assert all(one.tag.endswith("svg") for one in found)
    assert len(re.findall(r'<img alt="[^"]+', page)) == len(found)
    for piece in ("Confusion matrix of edge@128", "Reliability", "McNemar", "LoadGen says"):
        assert piece in page


def test_words_are_no_markup():
    report = reports.make()
    object.__setattr__(report.latency, "pictures", "<script>")
    assert "<script>" not in render(report, None)


def test_the_same_report_gives_the_same_page():
    assert render(reports.make(), None) == render(reports.make(), None)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"bundles": {"a": {}}}', '{"bundles": 3}', None])
def test_a_broken_trust_report(tmp_path, content):
    path = tmp_path / "trust.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BenchmarkError, match=r"trust\.json"):
        render(reports.make(), path)
