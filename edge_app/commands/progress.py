"""How far a command is, on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from edge_app.commands.terminal import complain, say

PAUSE = 0.1  # seconds
CLEAR = "\r\x1b[K"


class Progress:
    """A line on stderr, where that is a terminal and nothing else shows how far it is."""

    def __init__(self, *, alone: bool) -> None:
        """Shows nothing yet.

        Args:
            alone: Whether nothing is printed before the end.
        """
        self._wanted = sys.stderr.isatty() and (alone or not sys.stdout.isatty())
        self._read = self._failed = 0
        self._last = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def step(self, failed: bool) -> None:
        """Counts one more."""
        self._read += not failed
        self._failed += failed
        now = time.monotonic()
        if self._wanted and now >= self._last + PAUSE:
            self._last = now
            text = say("cli.progress", read=self._read, failed=self._failed)
            print(f"{CLEAR}{text}", end="", file=sys.stderr, flush=True)

    def complain(self, text: str) -> None:
        """Writes what went wrong to stderr, on a line of its own."""
        self._clear()
        complain(text)

    def _clear(self) -> None:
        if self._wanted and self._last:
            print(CLEAR, end="", file=sys.stderr, flush=True)
