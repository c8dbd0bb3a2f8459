"""What the commands share: the language, complaints, and the way to a classifier."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from edge_app.bundle import PRECISIONS
from edge_app.bundles.place import current
from edge_app.classifier import Classifier
from edge_app.languages import LANGUAGES, sentence
from edge_app.workers import Workers


def spoken() -> str:
    """Returns the language of whoever types, ``en`` or ``id``."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            chosen = value.partition("_")[0].partition(".")[0]
            return chosen if chosen in LANGUAGES else "en"
    return "en"


def say(key: str, **details: object) -> str:
    """Returns a sentence in that language."""
    return sentence(spoken(), key, **details)


def complain(text: str) -> None:
    """Writes what went wrong to stderr."""
    # Nobody may be reading, or there is no room for it.
    with suppress(OSError):
        print(f"otak: {text}", file=sys.stderr, flush=True)


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """Lets a command take another bundle than the one that is installed."""
    parser.add_argument("--bundle", metavar=say("cli.metavar.folder"), help=say("cli.help.bundle"))


def add_model(parser: argparse.ArgumentParser) -> None:
    """Lets a command take another bundle, and another of its files."""
    add_bundle(parser)
    parser.add_argument("--precision", choices=PRECISIONS, help=say("cli.help.precision"))


@contextmanager
def classifier_of(arguments: argparse.Namespace) -> Iterator[tuple[Classifier, Workers]]:
    """Loads the classifier that a command was asked for, and ends its workers.

    Raises:
        BundleError: The bundle is broken, or has no such file.
    """
    # Workers start while the model is loaded.
    with Workers() as workers:
        with quiet_interpreter():
            classifier = Classifier.load(arguments.bundle or current(), arguments.precision, reader=workers)
        yield classifier, workers


@contextmanager
def quiet_interpreter() -> Iterator[None]:
    """Hides the line that LiteRT's C++ writes to stderr on loading; it has no switch for it."""
    kept = os.dup(2)
    hidden = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(hidden, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(hidden)
