"""The report as one page that needs nothing else: tables and figures, for 390 pixels, desktops and paper."""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.report import figures
from benchmarks.report.results import Report
from benchmarks.report.tables import all_tables
from evaluation.tables import Table

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 1100px; padding: 0 16px 48px; }
h1 { font-size: 1.6rem; margin: 1.5rem 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p { max-width: 110ch; margin: .5rem 0; overflow-wrap: anywhere; }
.note, dl { font-size: .85rem; color: #444; }
.figures { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
figure { margin: 0; break-inside: avoid; } figure img { width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .82rem; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #ddd;
  font-variant-numeric: tabular-nums; }
td { white-space: nowrap; } th { vertical-align: bottom; }
th { border-bottom: 2px solid #888; } th:first-child, td:first-child { text-align: left; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } table { font-size: 6.5pt; }
  th, td { padding: 1pt 3pt; } .scroll { overflow: visible; } tr { break-inside: avoid; }
  .figures { grid-template-columns: 1fr 1fr; } }
"""


def render(report: Report, trust: Path | None) -> str:
    """Makes the page.

    Args:
        report: What was measured.
        trust: A ``trust.json`` whose curves are shown too.

    Raises:
        BenchmarkError: ``trust`` is missing or broken.
    """
    drawn = figures.draw(report) + (figures.draw_trust(_trusted(trust)) if trust else [])
    tables = all_tables(report)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Otak: benchmark</title><style>{STYLE}</style></head><body>",
        "<h1>Otak: benchmark</h1>",
        _table(tables.pop("summary")),
        '<h2>Figures</h2><div class="figures">',
        *(f'<figure><img alt="{escape(alt)}" src="{_uri(svg)}"></figure>' for alt, svg in drawn),
        "</div>",
        *(f"<h2>{escape(table.title)}</h2>{_table(table)}" for table in tables.values()),
        "<h2>How it was measured</h2><dl>",
        *_occasions(report),
        "</dl></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = escape(table.note.replace("**", "").replace("`", ""))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<p class="note">{note}</p>'
    )


def _occasions(report: Report) -> list[str]:
    lines = []
    for name, one in report.occasions.items():
        machine = one.machine
        packages = ", ".join(f"{package} {version}" for package, version in machine.packages.items())
        text = (
            f"{one.date}; {machine.cpu}, {machine.cores} cores, {machine.system}; Python {machine.python}, "
            f"{packages}; {one.command}"
        )
        lines.append(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>")
    if report.accuracy:
        digest = report.accuracy.test_part.sha256
        lines.append(f"<dt>hash of the test part</dt><dd>{digest}</dd>")
    for file in report.files:
        lines.append(f"<dt>{escape(file.name)}, {escape(file.version)}</dt><dd>{file.sha256}</dd>")
    return lines


def _uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def _trusted(path: Path) -> dict[str, dict[str, Any]]:
    try:
        bundles: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["bundles"]
        for one in bundles.values():
            _ = one["reliability"], one["risk_coverage"], one["corruptions"], one["headline"]["ece"]
    except OSError:
        raise BenchmarkError(f"{path}: can't be read.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchmarkError(f"{path}: is no trust.json ({error}).") from None
    return bundles
