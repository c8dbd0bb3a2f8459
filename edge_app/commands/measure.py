"""``otak measure``: how fast this device reads."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from edge_app import records
from edge_app.bundles.place import current
from edge_app.classifier import Classifier
from edge_app.commands.terminal import add_model, complain, quiet_interpreter, say
from edge_app.measuring import SCHEMA, STAGES, Measured, measure

READINGS = 200
FEWEST, MOST = 10, 100_000


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("measure.description")
    add_model(parser)
    readings = say("measure.help.readings", readings=READINGS)
    parser.add_argument("--readings", type=_count, default=READINGS, help=readings)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help=say("cli.help.json"))
    shown.add_argument("--out", type=Path, metavar=say("cli.metavar.file"), help=say("measure.help.out"))


def run(arguments: argparse.Namespace) -> int:
    """Measures; returns the exit code."""
    with quiet_interpreter():
        classifier = Classifier.load(arguments.bundle or current(), arguments.precision)
    measured = measure(classifier, arguments.readings)
    if arguments.json:
        print(records.dumps({"schema": SCHEMA} | asdict(measured)), end="")
        return 0
    _tell(measured)
    if arguments.out is not None:
        records.write(arguments.out, measured, SCHEMA)
        print(say("measure.written", path=arguments.out))
    return 0


def _tell(measured: Measured) -> None:
    print(f"{measured.board}, {measured.model}, {measured.runtime}, {measured.precision}")
    for name in STAGES:
        stage = measured.stages[name]
        print(say("measure.line", stage=say(f"measure.stage.{name}"), p50=stage.p50, p90=stage.p90))
    if measured.throttled:
        complain(say("measure.throttled"))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and FEWEST <= int(text) <= MOST):
        raise argparse.ArgumentTypeError(say("measure.count"))
    return int(text)
