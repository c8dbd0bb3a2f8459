"""Writes the measured tables into the texts, or checks that they are current.

A text holds ``<!-- table NAME -->`` and ``<!-- end -->``; what stands between them is made from
``benchmarks/results/NAME/`` alone: from a plain ``table.json``, or from the ``report.json`` of a
benchmark: its summary or, with ``<!-- table NAME latency -->``, another of its tables.
``<!-- audit NAME -->`` is the same for the figures of ``train/results/audit-NAME.json``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.report.results import read
from benchmarks.report.tables import all_tables, made_by
from edge_app.errors import OtakError
from train.audit import figures, summary

ROOT = Path(__file__).parents[2]
TABLE = re.compile(r"(<!-- table (\S+?)(?: (\S+))? -->\n).*?(<!-- end -->)", re.DOTALL)
AUDIT = re.compile(r"(<!-- audit (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def render(text: str, results: Path) -> str:
    """Returns a text with its tables made anew.

    Args:
        text: Markdown.
        results: The folder that holds one folder a table.

    Raises:
        OtakError: A table's result is missing or broken.
    """
    text = TABLE.sub(
        lambda match: match[1] + _table(results / match[2], match[3] or "summary") + match[4], text
    )
    return AUDIT.sub(lambda match: match[1] + _audit(match[2]) + match[3], text)


def _table(folder: Path, name: str) -> str:
    path = folder / "table.json"
    if not path.is_file():
        report = read(folder / "report.json")
        tables = all_tables(report)
        if name not in tables:
            raise BenchmarkError(f"{folder}: has no table {name}; it has {', '.join(tables)}.")
        table = tables[name]
        if name != "summary":  # which says so itself
            table = replace(table, note=f"{table.note} {made_by(report, name)}")
        return table.markdown()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = [data["columns"], [":--", *["--:"] * (len(data["columns"]) - 1)], *data["rows"]]
        return "\n".join([*(f"| {' | '.join(map(str, row))} |" for row in rows), "", data["note"], ""])
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f"{path}: is broken ({error}).") from None


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code: 1 where a checked text has drifted."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report.docs", description="Renews the measured tables in README and docs."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a text has drifted")
    options = parser.parse_args(arguments)
    results = ROOT / "benchmarks" / "results"
    texts = dict.fromkeys((ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))), results)
    texts[ROOT / "edge_app" / "models" / "card.md"] = results / "trust"
    drifted = []
    try:
        for path, folder in texts.items():
            text = path.read_text(encoding="utf-8")
            current = render(text, folder)
            if current != text:
                drifted.append(path)
                if not options.check:
                    path.write_text(current, encoding="utf-8")
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    for path in drifted:
        name = path.relative_to(ROOT)
        print(f"{name}: differs from the results; run make docs." if options.check else f"{name}: renewed.")
    return 1 if options.check and drifted else 0


def _audit(name: str) -> str:
    return summary.markdown(figures.read(ROOT / "train" / "results" / f"audit-{name}.json"))


if __name__ == "__main__":
    sys.exit(main())
