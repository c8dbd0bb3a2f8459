"""``otak screen``: an archive's studies, the most suspicious first."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from edge_app.bundles.place import current
from edge_app.classifier import Classifier
from edge_app.commands.terminal import add_model, classifier_of, complain, say, spoken
from edge_app.errors import OtakError
from edge_app.process import Limits
from edge_app.reading import Reader
from edge_app.screen import progress
from edge_app.screen import run as screening
from edge_app.screen.journal import Journal
from edge_app.screen.local import LocalEngine
from edge_app.screen.paths import STANDARD_INPUT, files_of
from edge_app.screen.progress import Standing
from edge_app.screen.result import answering
from edge_app.screen.worker import Settings
from edge_app.screen.worklist import write_worklist
from edge_app.wording import label_names
from edge_app.workers import room


class ScreenError(OtakError):
    """The screening can't go on; the text says why."""


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument(
        "paths", nargs="+", metavar=say("cli.metavar.path"), help=say("cli.help.screen.paths")
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar=say("cli.metavar.folder"), help=say("cli.help.screen.out")
    )
    parser.add_argument(
        "--processes", type=_count, default=room(), metavar="N", help=say("cli.help.screen.processes")
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help=say("cli.help.screen.scheduler"))
    tell = parser.add_mutually_exclusive_group()
    tell.add_argument("--quiet", action="store_true", help=say("cli.help.screen.quiet"))
    tell.add_argument("--json", action="store_true", help=say("cli.help.screen.json"))


def run(arguments: argparse.Namespace) -> int:
    """Screens what is named; returns the exit code.

    Raises:
        OtakError: It can't begin or go on.
    """
    with classifier_of(arguments) as (classifier, reader):
        try:
            return _screen(arguments, classifier, reader)
        except BrokenPipeError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise ScreenError(say("screen.unwritable", folder=arguments.out, reason=error)) from None


def _screen(arguments: argparse.Namespace, classifier: Classifier, reader: Reader) -> int:
    same = answering(classifier)
    with Journal(arguments.out, same) as journal:
        done = _read(arguments, journal, same)
        if done is None:
            return 130
        slices, studies = screening.write_tables(journal, classifier.bundle, classifier.file.sha256)
        worklist = arguments.out / "worklist.html"
        found, names = screening.studies(journal, classifier.bundle), label_names(classifier, spoken())
        write_worklist(worklist, found, names, reader, classifier.bundle.input, spoken())
    if not arguments.json:
        print(say("screen.done", **asdict(done)))
        print(say("screen.results", worklist=worklist, studies=studies, slices=slices))
        print(say("disclaimer"))
    return 0


def _read(arguments: argparse.Namespace, journal: Journal, same: str) -> Standing | None:
    """Reads; returns how far it came, None where Ctrl-C ended it."""
    tell = progress.for_people(spoken())
    if arguments.json:
        tell = progress.for_machines
    elif arguments.quiet:
        tell = progress.silently
    told = progress.Progress(tell)
    if STANDARD_INPUT not in arguments.paths:
        told.count(_files(arguments))
    engine = _engine(arguments, same)
    try:
        screening.screen(_files(arguments), engine, journal, told)
    except KeyboardInterrupt:
        complain(say("screen.interrupted"))
        return None
    finally:
        engine.close()
    if sys.stderr.isatty() and not (arguments.quiet or arguments.json):
        print(file=sys.stderr)
    return told.standing()


def _files(arguments: argparse.Namespace) -> Iterator[str]:
    return files_of(arguments.paths, sys.stdin.buffer, arguments.out)


def _engine(arguments: argparse.Namespace, same: str) -> screening.Engine:
    if arguments.scheduler is None:
        settings = Settings(arguments.bundle or str(current()), arguments.precision, same, Limits())
        return LocalEngine(settings, arguments.processes)
    try:
        from edge_app.screen.cluster import ClusterEngine
    except ImportError:
        raise ScreenError(say("screen.no_dask")) from None
    return ClusterEngine(arguments.scheduler, arguments.bundle, arguments.precision, same)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(say("cli.at_least_one"))
    return count
