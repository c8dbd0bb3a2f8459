from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measure.latency import Latency
from benchmarks.report import cost_tables
from evaluation.tables import Table
from tests.benchmarks import reports


@pytest.fixture
def timed(tmp_path: Path) -> Latency:
    found = reports.make(tmp_path).latency
    assert found
    return found


def cells(table: Table, row: int = 0) -> dict[str, str]:
    return dict(zip(table.columns, table.rows[row], strict=True))


def test_latency_stands_by_file_runtime_and_threads(timed: Latency) -> None:
    table = cost_tables.latency(timed)
    # The percentiles of both kinds are titled alike.
    assert table.rows[0] == (
        *("edge@128 edge@128.tflite", "LiteRT", "1", "1.000", "1.100", "2.000"),
        *("1.000 (1.000 to 1.000)", "1.000", "1.100", "2.000", "1.00"),
    )
    assert table.rows[-1] == ("edge@128 edge@128.tflite", "tflite-runtime", "1", "not installed", *["-"] * 7)
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_what_can_t_be_measured_is_named_once(timed: Latency) -> None:
    again = tuple(replace(speed, threads=2) for speed in timed.speeds)
    table = cost_tables.latency(replace(timed, speeds=(*timed.speeds, *again)))
    assert len(table.rows) == 2 * len(timed.speeds) - 1


def test_a_ratio_that_is_unknown_is_a_dash(timed: Latency) -> None:
    without = tuple(replace(speed, ratio=None) for speed in timed.speeds)
    assert cells(cost_tables.latency(replace(timed, speeds=without)))["Ratio (95%)"] == "-"


@pytest.mark.parametrize(
    ("throttled", "sentence"),
    [(True, " **The machine throttled meanwhile.**"), (False, " No throttling."), (None, "")],
)
def test_a_throttled_run_is_marked(timed: Latency, throttled: bool | None, sentence: str) -> None:
    note = cost_tables.latency(replace(timed, throttled=throttled)).note
    assert note.endswith(f"the median over rounds; 50 to 70 °C, 1500 to 1500 MHz.{sentence}")


def test_sensors_that_say_nothing_are_not_mentioned(timed: Latency) -> None:
    silent = replace(timed.before, celsius=None, megahertz=None)
    note = cost_tables.latency(replace(timed, before=silent)).note
    assert "°C" not in note and "MHz" not in note


def test_costs(timed: Latency) -> None:
    files = {file.name: file for file in reports.FILES}
    start = replace(timed.starts[1], macs=None)
    table = cost_tables.costs(replace(timed, starts=(timed.starts[0], start)), files)
    assert table.rows == (
        ("edge@128 edge@128.tflite", "LiteRT", "200.0", "200.0", "62.0", "60.0", "0.20"),
        ("mobilenetv2@224 mobilenetv2@224.tflite", "LiteRT", "2,700.0", "2,700.0", "-", "60.0", "0.20"),
    )


def test_loadgen_and_the_browser(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert report.mlperf and report.browser
    loadgen = cost_tables.mlperf(report.mlperf)
    assert loadgen.rows == ((reports.FILES[0].name, "1024", "1.100", "VALID", "90.0"),)
    browser = cost_tables.browser(report.browser)
    assert browser.rows[0][:4] == (reports.FILES[0].name, "900", "1000", "2000")
    assert browser.rows[0][-3:] == ("1.0", "0 of 40", "1.0e-08")
    assert "Chromium 150" in browser.note
    for table in (loadgen, browser):
        assert all(len(row) == len(table.columns) for row in table.rows)
