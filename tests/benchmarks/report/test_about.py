from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.report import about, docs, results
from benchmarks.report.docs import RESULTS
from benchmarks.report.results import Report
from edge_app import records
from edge_app.about import SCHEMA, About
from edge_app.classifier import SHIPPED
from edge_app.errors import OtakError


@pytest.fixture(scope="module")
def report_of() -> Callable[[Path], Report]:
    return cache(results.assemble)


def told(folder: Path, results: Path, report_of: Callable[[Path], Report]) -> About:
    text = about.text(folder, results, report_of)
    assert text is not None
    found: About = records.parse(text.encode(), About, SCHEMA, "about.json")
    return found


def test_what_is_said_is_what_was_measured(report_of: Callable[[Path], Report]) -> None:
    report = report_of(RESULTS / "grouped")
    found = told(SHIPPED, RESULTS, report_of)
    name = next(file.name for file in report.files if file.sha256 == found.sha256)
    assert report.accuracy and found.measured
    metrics = report.accuracy.files[name]
    assert {part.name for part in found.measured.parts} == {part.name for part in metrics.parts} - {"wide"}
    for part in found.measured.parts:
        own = metrics.part(part.name)
        assert own and own.wrong and part.wrong
        assert (part.wrong.count, part.wrong.of) == (own.wrong.count, own.wrong.of)
        assert part.slices == own.slices
    assert found.slices.test == sum(part.slices for part in found.measured.parts)
    assert found.measured.ct_passed and found.measured.ct_passed.of > 0


def test_nothing_is_said_of_another_file_s_results(report_of: Callable[[Path], Report]) -> None:
    def of_others(folder: Path) -> Report:
        report = report_of(folder)
        return replace(report, files=tuple(replace(file, sha256="0" * 64) for file in report.files))

    assert told(SHIPPED, RESULTS, of_others).measured is None


def test_without_results(tmp_path: Path, report_of: Callable[[Path], Report]) -> None:
    assert told(SHIPPED, tmp_path, report_of).measured is None


def test_a_broken_bundle_is_named(tmp_path: Path, report_of: Callable[[Path], Report]) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "bundle")
    (folder / "provenance.json").write_text("{}")
    with pytest.raises(OtakError, match=r"provenance\.json"):
        about.text(folder, RESULTS, report_of)


def test_it_is_made_beside_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "bundle")
    path = folder / "about.json"
    text = path.read_text(encoding="utf-8")
    monkeypatch.setattr(docs, "texts", list)
    monkeypatch.setattr(docs, "bundles", lambda: [folder])
    assert docs.renew(check=True) == []
    path.write_text(text.replace('"count": 9', '"count": 8'), encoding="utf-8")
    assert docs.renew(check=True) == [path]
    path.unlink()
    assert docs.renew(check=False) == [path]
    assert path.read_text(encoding="utf-8") == text
