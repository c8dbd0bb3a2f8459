"""From what a person names to the files of an archive, one after the other, however many."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from edge_app.sources import is_skipped

STANDARD_INPUT = "-"


def files_of(named: Iterable[str], listed: BinaryIO) -> Iterator[str]:
    """Finds every file, in an order that doesn't change.

    Args:
        named: Files, folders, which are searched to the bottom, patterns, and ``-`` for the list.
        listed: A list of files, folders and patterns, one a line.

    Yields:
        Absolute paths; those of folders that can't be opened too, for whoever reads them says so.
    """
    for name in named:
        if name == STANDARD_INPUT:
            yield from files_of(
                (os.fsdecode(line.rstrip(b"\r\n")) for line in listed if line.strip()), listed
            )
        elif os.path.lexists(name):
            yield from _files(os.path.abspath(name))
        else:
            # What matches nothing is missing, and said to be.
            for found in sorted(glob.iglob(name, recursive=True)) or [name]:
                yield from _files(os.path.abspath(found))


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    closed: list[str] = []
    walk = os.walk(path, onerror=lambda error: closed.append(str(error.filename)))
    for place, folders, names in walk:
        folders[:] = sorted(name for name in folders if not is_skipped(name))
        yield from (os.path.join(place, name) for name in sorted(names) if not is_skipped(name))
        yield from closed
        closed.clear()
    # Where the first of them is.
    yield from closed
