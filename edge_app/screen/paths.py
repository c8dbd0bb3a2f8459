"""From what a person names to the files of an archive, one after the other, however many."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from edge_app.sources import is_skipped

STANDARD_INPUT = "-"
ANY_DEPTH = "**"


def files_of(named: Iterable[str], listed: BinaryIO, results: Path) -> Iterator[str]:
    """Finds every file, in an order that doesn't change unless there are patterns.

    Args:
        named: Files, folders, which are searched to the bottom, patterns, and ``-`` for the list.
        listed: A list of files, folders and patterns, one a line.
        results: The folder of the results, which may lie in the archive and is passed over.

    Yields:
        Absolute paths; those of folders that can't be opened too, for whoever reads them says so.
    """
    own = f"{os.path.realpath(results)}{os.sep}"
    for path in _found(_names(named, listed)):
        if not f"{_real(os.path.dirname(path))}{os.sep}".startswith(own):
            yield path


def _names(named: Iterable[str], listed: BinaryIO) -> Iterator[str]:
    for name in named:
        if name == STANDARD_INPUT:
            yield from (os.fsdecode(line.rstrip(b"\r\n")) for line in listed if line.strip())
        else:
            yield name


def _found(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if os.path.lexists(name):
            yield from _files(os.path.abspath(name))
            continue
        matched = False
        for path in _matching(name):
            matched = True
            yield path
        # What matches nothing is missing, and said to be.
        if not matched:
            yield os.path.abspath(name)


def _matching(pattern: str) -> Iterator[str]:
    """Finds the files that a pattern fits, and those of folders that it fits."""
    parts = Path(pattern).parts
    # Python's own search for these comes by the same folder again and again where a link leads to one above.
    start = parts.index(ANY_DEPTH) if ANY_DEPTH in parts else len(parts)
    for place in glob.iglob(os.path.join(*parts[:start])) if start else ["."]:
        folder = os.path.abspath(place)
        for path in _files(folder):
            if _fits(Path(path).relative_to(folder).parts, parts[start:]):
                yield path


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Tells whether a path, or a folder above it, is of a pattern."""
    if not pattern:
        return True
    if pattern[0] == ANY_DEPTH:
        return any(_fits(parts[depth:], pattern[1:]) for depth in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _files(path: str) -> Iterator[str]:
    """Finds the files of a folder, and of those that links in it lead to, each once."""
    if not os.path.isdir(path):
        yield path
        return
    met: set[Path] = set()
    above: set[Path] = set()
    # Links come last, so that what they lead to keeps its own name where it lies in the folder too.
    waiting = deque([path])
    while waiting:
        start = waiting.popleft()
        place = Path(os.path.realpath(start))
        if place not in above and met.isdisjoint((place, *place.parents)):
            met.add(place)
            above.update(place.parents)
            yield from _walked(start, waiting)


def _walked(path: str, links: deque[str]) -> Iterator[str]:
    closed: list[str] = []
    walk = os.walk(path, onerror=lambda error: closed.append(str(error.filename)))
    for place, folders, names in walk:
        folders[:] = sorted(name for name in folders if not is_skipped(name))
        links += [link for name in folders if os.path.islink(link := os.path.join(place, name))]
        yield from (os.path.join(place, name) for name in sorted(names) if not is_skipped(name))
        yield from closed
        closed.clear()
    # Where the first of them is.
    yield from closed


@lru_cache(maxsize=8)
def _real(folder: str) -> str:
    return os.path.realpath(folder)
