from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.report import docs, results, tables
from benchmarks.report.docs import RESULTS, render
from edge_app import records
from edge_app.errors import OtakError
from evaluation import predictions
from evaluation.tables import SCHEMA, Table
from tests.benchmarks import reports

TEXT = "before\n<!-- table mine -->\nold\n<!-- end -->\nafter\n"
TABLE = Table("Sizes", ("Net", "kB"), (("edge", "203"), ("other", "2724")), "Measured once.")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of results whose one entry is a plain table."""
    records.write(tmp_path / "mine" / "table.json", TABLE, SCHEMA)
    return tmp_path


def marked(what: str) -> str:
    return f"<!-- table {what} -->\n<!-- end -->\n"


def test_a_table_is_made_from_its_result(mine: Path) -> None:
    text = render(TEXT, mine)
    assert text.startswith("before\n") and text.endswith("<!-- end -->\nafter\n")
    assert "| edge | 203 |" in text and "Measured once." in text and "old" not in text
    assert render(text, mine) == text


def test_texts_without_marks_stay(tmp_path: Path) -> None:
    for text in ("", "plain\n", "<!-- table mine -->\nno end\n", "<!-- tables mine -->\n<!-- end -->\n"):
        assert render(text, tmp_path) == text


def test_every_table_of_a_folder_of_results_can_be_quoted(tmp_path: Path) -> None:
    report = reports.make(tmp_path / "mine")
    for name, table in tables.all_tables(report).items():
        text = render(marked(f"mine {name}"), tmp_path)
        assert f"| {' | '.join(table.columns)} |" in text
        assert "`python -m benchmarks`." in text, "how it was measured"
    assert (
        render(marked("mine"), tmp_path).splitlines()[1:]
        == render(marked("mine summary"), tmp_path).splitlines()[1:]
    )
    assert "| no_tumor | 20 |" in render(marked("mine verdicts"), tmp_path)


def test_a_third_word_keeps_one_net_alone(tmp_path: Path) -> None:
    reports.write(tmp_path / "mine")
    for name in ("classes", "parts", "verdicts", "calibration"):
        assert "edge@128" not in render(marked(f"mine {name} mobilenetv2@224"), tmp_path)
    assert "| classic | 40 |" in render(marked("mine parts edge@128"), tmp_path), "the file goes without name"
    assert "| generated | 20 |" in render(marked("mine out-of-distribution edge@128"), tmp_path)
    with pytest.raises(BenchmarkError, match="mine: has no net cakes@9"):
        render(marked("mine parts cakes@9"), tmp_path)


def test_a_net_of_which_something_was_not_measured(tmp_path: Path) -> None:
    folder = reports.write(tmp_path / "mine")
    with pytest.raises(BenchmarkError, match="has no table corruptions"):
        render(marked("mine corruptions mobilenetv2@224"), tmp_path)
    predictions.write(folder / predictions.NAME, reports.rows()[:40])
    with pytest.raises(BenchmarkError, match="has no table parts"):
        render(marked("mine parts mobilenetv2@224"), tmp_path)
    assert "mobilenetv2@224" in render(marked("mine latency mobilenetv2@224"), tmp_path)


def test_the_committed_results_become_tables() -> None:
    report = results.assemble(RESULTS / "grouped")
    assert report.accuracy and report.latency
    text = render(marked("grouped parts"), RESULTS)
    for metrics in report.accuracy.files.values():
        classic = metrics.part("classic")
        assert classic and classic.right
        assert f"{100 * classic.right.estimate.value:.1f}" in text
    text = render(marked("grouped costs"), RESULTS)
    for start in report.latency.starts:
        assert start.file in text
    assert f"`{report.provenance['latency'].command}`" in text


def test_a_table_that_results_lack(tmp_path: Path) -> None:
    reports.write(tmp_path / "mine")
    with pytest.raises(BenchmarkError, match="has no table cakes; it has summary, parts"):
        render(marked("mine cakes"), tmp_path)


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"schema": 5, "columns": ["Net"]}', None])
def test_a_result_that_is_missing_or_broken(mine: Path, content: str | None) -> None:
    path = mine / "mine" / "table.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(OtakError, match=r"mine(/table\.json|: holds no results)"):
        render(TEXT, mine)


def test_a_text_is_renewed_once(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = mine / "README.md"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(docs, "RESULTS", mine)
    monkeypatch.setattr(docs, "texts", lambda: [path])
    monkeypatch.setattr(docs, "bundles", list)
    assert docs.renew(check=True) == [path]
    assert path.read_text(encoding="utf-8") == TEXT, "a check changes nothing"
    assert docs.renew(check=False) == [path]
    assert "| edge | 203 |" in path.read_text(encoding="utf-8")
    assert docs.renew(check=True) == []


@pytest.mark.slow
def test_the_committed_texts_are_current() -> None:
    assert docs.renew(check=True) == []
