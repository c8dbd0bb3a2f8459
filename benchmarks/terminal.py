"""What commands show on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

WIDTH = 190  # of tables where the output is no terminal


def console() -> Console:
    """Returns where tables are shown."""
    return Console(width=None if sys.stdout.isatty() else WIDTH)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Shows how far steps are; gives what is told of one: its name, what is done, and of how much."""
    # Without the thread that redraws, which would disturb the clock.
    progress = Progress(console=Console(stderr=True), auto_refresh=False)
    tasks: dict[str, TaskID] = {}

    def advance(name: str, done: int, total: int) -> None:
        if not tasks:
            progress.start()
        if name not in tasks:
            tasks[name] = progress.add_task(escape(name), total=total)
        progress.update(tasks[name], completed=done, refresh=True)

    try:
        yield advance
    finally:
        if tasks:
            progress.stop()
