"""``otak page``: the page as one file, for phones."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_app.bundle import Bundle
from edge_app.bundles.place import current
from edge_app.commands.terminal import add_bundle, complain, say


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_bundle(parser)
    parser.add_argument("--out", required=True, metavar=say("cli.metavar.file"), help=say("page.help.out"))


def run(arguments: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    from edge_app.single_file import single_file

    text = single_file(Bundle.load(arguments.bundle or current()))
    try:
        size = _write(Path(arguments.out), text)
    except OSError as error:
        complain(say("page.unwritten", path=arguments.out, reason=error.strerror))
        return 1
    print(say("page.written", path=arguments.out, megabytes=f"{size / 1e6:.1f}"))
    return 0


def _write(path: Path, text: str) -> int:
    with path.open("w", encoding="utf-8") as file:
        try:
            size = file.write(text)
            file.flush()
        except OSError:
            # A page that is cut short would be handed on.
            if path.is_file():
                path.unlink()
            raise
    return size
