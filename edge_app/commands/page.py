"""``otak page``: the page as one file, for phones."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_app.bundle import Bundle
from edge_app.classifier import SHIPPED
from edge_app.commands.terminal import add_bundle, complain


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_bundle(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="for example otak.html")


def run(arguments: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    from edge_app.single_file import single_file

    try:
        text = single_file(Bundle.load(arguments.bundle or SHIPPED))
        size = Path(arguments.out).write_text(text, encoding="utf-8")
    except OSError as error:
        complain(f"can't write {arguments.out} ({error.strerror}); choose another place with --out.")
        return 1
    print(f"{arguments.out}: {size / 1e6:.1f} MB; send it to a phone and open it there.")
    return 0
