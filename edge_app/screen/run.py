"""One screening, from paths to tables. Only this process writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from edge_app.bundle import Bundle
from edge_app.screen.journal import Journal
from edge_app.screen.progress import Progress
from edge_app.screen.result import FileResult, state_of
from edge_app.screen.studies import Summary, most_suspicious_first, summaries
from edge_app.screen.tables import write_slices, write_studies


class Engine(Protocol):
    """What reads files, somewhere."""

    def screen(self, paths: Iterable[str]) -> Iterator[FileResult]:
        """Yields a result for each path, in any order; takes paths as it has room for them."""

    def close(self) -> None:
        """Ends what it has begun."""


def screen(paths: Iterable[str], engine: Engine, journal: Journal, progress: Progress) -> None:
    """Reads every file that the journal doesn't hold as it is now, and writes it down.

    Raises:
        OtakError: As of the engine; what was read before is written down.
    """
    underway: set[str] = set()

    def unread() -> Iterator[str]:
        for path in paths:
            if path in underway or journal.holds(path, state_of(path)):
                progress.skip()
            else:
                underway.add(path)
                yield path

    try:
        for result in engine.screen(unread()):
            journal.add(result)
            underway.discard(result.path)
            progress.add(result)
    finally:
        journal.commit()
    progress.end()


def write_tables(journal: Journal, bundle: Bundle, model: str) -> tuple[Path, Path]:
    """Writes the tables of all that a journal holds.

    Returns:
        That of the slices, and that of the studies.

    Raises:
        OSError: They can't be written.
    """
    labels = [label.name for label in bundle.labels]
    slices = write_slices(journal.folder, journal.slices(), labels, model)
    return slices, write_studies(journal.folder, studies(journal, bundle))


def studies(journal: Journal, bundle: Bundle) -> Iterator[Summary]:
    """Yields every study, the most suspicious first."""
    labels = tuple(label.name for label in bundle.labels)
    return most_suspicious_first(summaries(journal.by_study(), labels, bundle.study))
