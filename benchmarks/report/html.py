"""The report as one page that needs nothing else: tables and figures, for 390 pixels, desktops and paper."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.report import figures
from benchmarks.report.results import Report
from benchmarks.report.tables import all_tables
from evaluation.predictions import SlicePrediction


def render(report: Report, rows: Mapping[str, Sequence[SlicePrediction]]) -> str:
    """Makes the page.

    Args:
        report: What was measured.
        rows: The predictions, by file; empty where there are none.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    summary, *tables = all_tables(report).values()
    drawn = [(alt, _address(svg)) for alt, svg in figures.draw(report, rows)]
    template = environment.get_template("report.html")
    return template.render(report=report, summary=summary, tables=tables, figures=drawn)


def _address(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
