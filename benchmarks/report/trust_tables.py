"""The tables of the trust report, for the texts and the model card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import part_tables
from edge_app.records import write_text
from evaluation.parts import Apart

VERDICTS = [
    "",
    "Slices",
    "Accuracy %",
    "Answered %",
    "Wrong of those %",
    "Tumours called none %",
    "Refused %",
]
STRANGERS = ["Pictures", "Count", "Refused %", "Let in"]
CORRUPTIONS = ["Right %, answered %", "none", "1", "2", "3", "4", "5"]
CALIBRATION = ["Bundle", "ECE", "Pointing game %", "Heat in the box %", "Tumours with a box"]
NAMED = 4  # more pictures than these are only counted


def write(folder: Path, report: dict[str, Any], kinds: Mapping[str, Apart]) -> None:
    """Writes a folder a table, each with a ``table.json`` as ``benchmarks.report.docs`` reads it.

    The tables of one bundle show the report's first.

    Args:
        folder: Where.
        report: As ``trust.json`` holds it.
        kinds: By bundle, how it does on slices of different kinds.
    """
    bundles: dict[str, dict[str, Any]] = report["bundles"]
    first = next(iter(bundles.values()))
    tables = {
        "calibration": (CALIBRATION, [_calibration(name, one["headline"]) for name, one in bundles.items()]),
        "by-class": (VERDICTS, [_verdicts(name, row) for name, row in first["by_class"].items()]),
        "strangers": (STRANGERS, [_strangers(name, row) for name, row in first["strangers"].items()]),
        "corruptions": (
            CORRUPTIONS,
            [
                [f"{name}: {corruption}", *(_step(step) for step in steps)]
                for corruption in first["corruptions"]
                for name, one in bundles.items()
                for steps in [one["corruptions"][corruption]]
            ],
        ),
    }
    for name, (columns, rows) in tables.items():
        _write_table(folder / name, columns, rows, _note(report))
    for name, table in part_tables.all_tables(kinds).items():
        _write_table(folder / name, table.columns, table.rows, f"{table.note} {_note(report)}")


def _write_table(folder: Path, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {"columns": columns, "rows": rows, "note": note}
    write_text(folder / "table.json", json.dumps(content, indent=2) + "\n")


def _verdicts(name: str, row: dict[str, Any]) -> list[str]:
    keys = ("accuracy", "answered", "wrong_of_answered", "tumours_called_none", "refused")
    return [name, str(row["slices"]), *(_percent(row[key]) for key in keys)]


def _calibration(name: str, row: dict[str, Any]) -> list[str]:
    shares = [_percent(row[key]) for key in ("pointing", "heat_inside")]
    return [name, f"{row['ece']:.3f}", *shares, str(row["pointed"])]


def _strangers(name: str, row: dict[str, Any]) -> list[str]:
    let_in = row["let_in"]
    named = ", ".join(let_in) if len(let_in) <= NAMED else f"{len(let_in)} pictures"
    return [name, str(row["pictures"]), _percent(row["refused"]), named]


def _step(step: dict[str, Any]) -> str:
    return f"{_percent(step['accuracy'])}, {_percent(step['answered'])}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _note(report: dict[str, Any]) -> str:
    files = ", ".join(
        f"{name} {one['file']} ({one['sha256'][:12]})" for name, one in report["bundles"].items()
    )
    return (
        f"Test part of `{report['protocol']}`; {files}; {report['machine']['cpu']}, "
        f"{report['date'][:10]}; `{report['command']}`."
    )
