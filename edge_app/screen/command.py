"""The command ``otak screen``."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from dataclasses import asdict
from pathlib import Path

from edge_app.classifier import Classifier
from edge_app.errors import OtakError
from edge_app.languages import sentence
from edge_app.process import Limits
from edge_app.screen import progress, run
from edge_app.screen.journal import Journal
from edge_app.screen.local import LocalEngine
from edge_app.screen.paths import STANDARD_INPUT, files_of
from edge_app.screen.progress import Standing
from edge_app.screen.worker import Settings
from edge_app.screen.worklist import write_worklist
from edge_app.wording import label_names
from edge_app.workers import Workers, room


class ScreenError(OtakError):
    """The screening can't go on; the text says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what ``otak screen`` takes, beside the bundle and the precision."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file, a folder, a ZIP file or a pattern; - reads a list of them from standard input",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument(
        "--processes",
        type=_count,
        default=room(),
        metavar="N",
        help="how many read at a time (default: as cores and memory allow, here %(default)s)",
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, whose workers read instead")
    tell = parser.add_mutually_exclusive_group()
    tell.add_argument("--quiet", action="store_true", help="don't tell how far it is")
    tell.add_argument("--json", action="store_true", help="tell how far it is in JSON, one object a line")


def screen(arguments: argparse.Namespace, classifier: Classifier, language: str) -> int:
    """Runs it; see ``main`` for exit codes.

    Raises:
        OtakError: It can't begin or go on.
    """
    model = classifier.file.sha256
    labels = [label.name for label in classifier.bundle.labels]
    try:
        with Journal(arguments.out, model, labels) as journal:
            done = _read(arguments, journal, model, language)
            if done is None:
                return 130
            slices, studies = run.write_tables(journal, classifier.bundle, model)
            worklist = arguments.out / "worklist.html"
            with Workers(1) as reader:
                found = run.studies(journal, classifier.bundle)
                names = label_names(classifier, language)
                write_worklist(worklist, found, names, reader, classifier.bundle.input, language)
    except (OSError, sqlite3.Error) as error:
        raise ScreenError(
            f"{arguments.out}: can't be written ({error}); what was read before is kept."
        ) from None
    if not arguments.json:
        print(sentence(language, "screen.done", **asdict(done)))
        print(sentence(language, "screen.results", worklist=worklist, studies=studies, slices=slices))
        print(sentence(language, "disclaimer"))
    return 0


def _read(arguments: argparse.Namespace, journal: Journal, model: str, language: str) -> Standing | None:
    """Reads; returns how far it came, None where Ctrl-C ended it."""
    tell = progress.for_people(language)
    if arguments.json:
        tell = progress.for_machines
    elif arguments.quiet:
        tell = progress.silently
    told = progress.Progress(tell)
    if STANDARD_INPUT not in arguments.paths:
        told.count(files_of(arguments.paths, sys.stdin.buffer))
    engine = _engine(arguments, model)
    try:
        run.screen(files_of(arguments.paths, sys.stdin.buffer), engine, journal, told)
    except KeyboardInterrupt:
        print(f"\notak: {sentence(language, 'screen.interrupted')}", file=sys.stderr, flush=True)
        return None
    finally:
        engine.close()
    if sys.stderr.isatty() and not (arguments.quiet or arguments.json):
        print(file=sys.stderr)
    return told.standing()


def _engine(arguments: argparse.Namespace, model: str) -> run.Engine:
    if arguments.scheduler is None:
        settings = Settings(arguments.bundle, arguments.precision, Limits())
        return LocalEngine(settings, arguments.processes)
    try:
        from edge_app.screen.cluster import ClusterEngine
    except ImportError:
        raise ScreenError("--scheduler needs Dask; install it with pip install 'otak[cluster]'.") from None
    return ClusterEngine(arguments.scheduler, arguments.bundle, arguments.precision, model)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count
