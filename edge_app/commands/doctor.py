"""``otak doctor``: whether this device is well, and what to do where it isn't."""

from __future__ import annotations

import argparse
import json

from edge_app.commands.terminal import quiet_interpreter, say, spoken
from edge_app.doctor.finding import Finding

SCHEMA = 1


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("doctor.description")
    parser.add_argument("--json", action="store_true", help=say("cli.help.json"))


def run(arguments: argparse.Namespace) -> int:
    """Says what is found; returns the exit code, 1 where something is bad."""
    from edge_app.doctor.checks import checks

    with quiet_interpreter():
        findings = list(checks())
    if arguments.json:
        print(json.dumps({"schema": SCHEMA, "checks": [_plain(each) for each in findings]}))
    else:
        print("\n".join(_lines(findings)))
    return int(any(each.level == "bad" for each in findings))


def _plain(finding: Finding) -> dict[str, str | None]:
    language = spoken()
    return {
        "name": finding.name,
        "level": finding.level,
        "case": finding.case,
        "found": finding.found(language),
        "advice": finding.advice(language),
    }


def _lines(findings: list[Finding]) -> list[str]:
    language = spoken()
    width = max(len(each.title(language)) for each in findings)
    level = max(len(say(f"doctor.level.{name}")) for name in ("good", "attention", "bad"))
    lines = []
    for each in findings:
        told = say(f"doctor.level.{each.level}")
        lines.append(f"{told:{level}}  {each.title(language):{width}}  {each.found(language)}")
        if advice := each.advice(language):
            lines.append(f"{'':{level + width + 4}}{advice}")
    return lines
