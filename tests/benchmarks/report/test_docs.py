import json

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.report.docs import ROOT, main, render
from benchmarks.report.results import read

TEXT = "before\n<!-- table mine -->\nold\n<!-- end -->\nafter\n"


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    table = {"columns": ["Net", "kB"], "rows": [["edge", 203], ["other", 2724]], "note": "Measured once."}
    (folder / "table.json").write_text(json.dumps(table))
    return tmp_path


def test_a_table_is_made_from_its_result(results):
    text = render(TEXT, results)
    assert text.startswith("before\n") and text.endswith("<!-- end -->\nafter\n")
    assert "| edge | 203 |" in text and "Measured once." in text and "old" not in text
    assert render(text, results) == text


def test_a_benchmarks_report_becomes_tables():
    folder = ROOT / "benchmarks" / "results"
    report = read(folder / "grouped" / "report.json")
    text = render("<!-- table grouped -->\n<!-- end -->\n", folder)
    for score in report.accuracy.scores:
        assert f"{100 * score.apart.part('classic').right.estimate.value:.1f}" in text
    text = render("<!-- table grouped costs -->\n<!-- end -->\n", folder)
    for start in report.latency.starts:
        assert start.file in text
    assert f"`{report.occasions['latency'].command}`" in text


def test_a_table_that_a_report_lacks():
    with pytest.raises(BenchmarkError, match="has no table cakes; it has summary, parts"):
        render("<!-- table grouped cakes -->\n<!-- end -->\n", ROOT / "benchmarks" / "results")


@pytest.mark.parametrize("content", ["{", "{}", "[]", None])
def test_a_result_that_is_missing_or_broken(results, content):
    path = results / "mine" / "table.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(BenchmarkError, match=r"mine/(table|report)\.json"):
        render(TEXT, results)


def test_the_committed_texts_are_current(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out
