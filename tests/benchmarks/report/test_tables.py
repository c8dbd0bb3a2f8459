from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.report import results
from benchmarks.report.tables import all_tables, document, quoted
from edge_app.bundle import StudyRule
from evaluation import predictions
from tests.benchmarks import reports


def test_every_part_has_its_tables(tmp_path: Path) -> None:
    tables = all_tables(reports.make(tmp_path))
    assert list(tables) == [
        *("summary", "parts", "sequences", "planes", "accuracy", "classes", "calibration", "mcnemar"),
        *("corruptions", "out-of-distribution", "latency", "costs", "mlperf", "browser"),
    ]
    for table in tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
        lines = table.markdown().splitlines()
        assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_what_is_missing_says_why(tmp_path: Path) -> None:
    tables = all_tables(reports.make(tmp_path))
    assert ("other@9 x.onnx", "not installed") in {row[:2] for row in tables["accuracy"].rows}
    assert "not installed" in tables["latency"].rows[-1]


def test_the_summary_has_a_line_a_file(tmp_path: Path) -> None:
    summary = all_tables(reports.make(tmp_path))["summary"]
    rows = [dict(zip(summary.columns, row, strict=True)) for row in summary.rows]
    assert [(row["Net"], row["File"], row["kB"]) for row in rows] == [
        ("edge@128", "tflite int8", "200"),
        ("mobilenetv2@224", "tflite int8", "2,700"),
    ]
    for row in rows:
        assert row["Right, classic"] == "90.0 (80.0 to 97.5)" and row["Right, wide"] == "-"
        assert row["Wrong, classic"].endswith("[4 of 40]")
        assert (row["Lost"], row["Flipped"]) == ("10.0", "4")
        assert row["Latency ratio"] == "1.000 (1.000 to 1.000)"


def test_the_document_tells_how_it_was_measured(tmp_path: Path) -> None:
    text = document(reports.make(tmp_path))
    for piece in ("A board", "`python -m benchmarks`", "0" * 64, "1" * 64, "## Latency"):
        assert piece in text


def test_a_quoted_table_says_how_its_own_figures_came_about(tmp_path: Path) -> None:
    reports.write(tmp_path)
    path = tmp_path / "latency.json"
    path.write_text(path.read_text().replace("python -m benchmarks", "python -m benchmarks latency"))
    report = results.assemble(tmp_path)
    assert quoted(report, tmp_path, "costs", None).note.endswith("`python -m benchmarks latency`.")
    parts = quoted(report, tmp_path, "parts", None)
    assert parts.note.endswith("`python -m benchmarks`.") and "40 slices of 40 groups" in parts.note


def test_patients_have_a_table_where_a_rule_was_calibrated(tmp_path: Path) -> None:
    reports.write(tmp_path, rules={reports.FILES[1].name: StudyRule(rank=1, threshold=0.6)})
    assert "studies" not in all_tables(results.assemble(tmp_path)), "each slice is a group of its own"
    rows = [replace(row, group=str(int(row.group) // 10)) for row in reports.rows()]
    predictions.write(tmp_path / predictions.NAME, rows)
    report = results.assemble(tmp_path)
    table = all_tables(report)["studies"]
    assert table.rows[-1][:3] == ("all", "4", "40")
    # All are as likely to show a tumour, and the rule wants more.
    assert table.rows[-1][3].startswith("0.0 (") and table.rows[-1][3].endswith("[0 of 4]")
    assert table.rows[-1][4] == "-"
    net = reports.FILES[1].net
    assert quoted(report, tmp_path, "studies", net).rows == table.rows
    with pytest.raises(BenchmarkError, match="has no table studies"):
        quoted(report, tmp_path, "studies", reports.FILES[0].net)


def test_a_table_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="has no table cakes"):
        quoted(reports.make(tmp_path), tmp_path, "cakes", None)
