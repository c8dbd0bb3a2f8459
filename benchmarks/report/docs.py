"""Writes the measured tables into the texts, or checks that they are current.

A text holds ``<!-- table FOLDER NAME -->`` and ``<!-- end -->``; what stands between them is made from
``benchmarks/results/FOLDER/`` alone: the table ``NAME`` of its report (``summary`` where not given), for the
files of one net alone where a third word names it, or from a plain ``table.json``. ``<!-- audit NAME -->`` is
the same for the figures of ``benchmarks/results/audit-NAME.json``, and ``<!-- targets -->`` for the targets.
The ``about.json`` of every committed bundle is made as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.report import about, results, tables, targets
from benchmarks.report.results import Report
from edge_app import records
from edge_app.about import NAME as ABOUT
from evaluation.tables import SCHEMA, Table
from train.audit import figures, summary

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
TABLE = re.compile(r"(<!-- table (\S+)(?: (\S+))?(?: (\S+))? -->\n).*?(<!-- end -->)", re.DOTALL)
TARGETS = re.compile(r"(<!-- targets -->\n).*?(<!-- end -->)", re.DOTALL)
AUDIT = re.compile(r"(<!-- audit (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def bundles() -> list[Path]:
    """Returns the folder of every committed bundle with a card."""
    return [
        ROOT / "edge_app" / "models",
        *(path.parent for path in sorted((ROOT / "benchmarks" / "bundles").glob("*/card.md"))),
        *(path.parent for path in sorted((ROOT / "benchmarks" / "baselines").glob("*/card.md"))),
    ]


def texts() -> list[Path]:
    """Returns every text that quotes results."""
    cards = [folder / "card.md" for folder in bundles()]
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *cards]


def renew(check: bool) -> list[Path]:
    """Makes the tables of all texts anew, and what is said about the committed bundles.

    Args:
        check: Whether to change nothing.

    Returns:
        The texts that differ from the results.

    Raises:
        OtakError: A table's result is missing or broken.
    """
    report_of = cache(results.assemble)  # which takes seconds, and is quoted a dozen times
    current = {path: render(path.read_text(encoding="utf-8"), RESULTS, report_of) for path in texts()}
    current |= {
        folder / ABOUT: text for folder in bundles() if (text := about.text(folder, RESULTS, report_of))
    }
    drifted = [path for path, text in current.items() if not _reads(path, text)]
    if not check:
        for path in drifted:
            path.write_text(current[path], encoding="utf-8")
    return drifted


def _reads(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def render(text: str, folder: Path, report_of: Callable[[Path], Report] = results.assemble) -> str:
    """Returns a text with its tables made anew.

    Args:
        text: Markdown.
        folder: That holds one folder a table.
        report_of: Makes the report of one of them.

    Raises:
        OtakError: A table's result is missing or broken.
    """

    def table(match: re.Match[str]) -> str:
        name, net = match[3] or "summary", match[4]
        return match[1] + _table(folder / match[2], name, net, report_of) + match[5]

    text = TABLE.sub(table, text)
    text = TARGETS.sub(lambda match: match[1] + targets.table(folder, report_of).markdown() + match[2], text)
    return AUDIT.sub(lambda match: match[1] + _audit(match[2]) + match[3], text)


def _table(folder: Path, name: str, net: str | None, report_of: Callable[[Path], Report]) -> str:
    path = folder / "table.json"
    if path.is_file():
        return records.read(path, Table, SCHEMA).markdown()
    return tables.quoted(report_of(folder), folder, name, net).markdown()


def _audit(name: str) -> str:
    return summary.markdown(figures.read(RESULTS / f"audit-{name}.json"))
