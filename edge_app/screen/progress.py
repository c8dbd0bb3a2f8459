"""How far a screening is: for people on a line of the terminal, for machines as JSON lines."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from edge_app.languages import sentence
from edge_app.screen.result import FileResult

EVERY = 1.0  # seconds
RECENT = 60.0  # seconds over which the rate is taken


@dataclass(frozen=True)
class Standing:
    """How far it is.

    Attributes:
        files: Done in this run.
        skipped: Done in an earlier one.
        slices: Of the files of this run.
        errors: Slices with an error among them.
        total: Files in all; None where they are not counted yet, or can't be.
        rate: Files a second, lately.
        left: Seconds that are left by that; None where nobody knows.
    """

    files: int
    skipped: int
    slices: int
    errors: int
    total: int | None
    rate: float
    left: float | None


class Progress:
    """Counts, and tells once a second."""

    def __init__(self, tell: Callable[[Standing], None]) -> None:
        """Begins.

        Args:
            tell: Called with how far it is.
        """
        self._tell = tell
        self._files = self._skipped = self._slices = self._errors = 0
        self._total: int | None = None
        self._told = time.monotonic()
        self._points = [(self._told, 0)]

    def count(self, paths: Iterable[str]) -> None:
        """Counts the files in all, beside the work; a list that ends in between is never counted."""

        def total() -> None:
            self._total = sum(1 for _ in paths)

        threading.Thread(target=total, daemon=True).start()

    def skip(self) -> None:
        """Tells of a file that was read earlier."""
        self._skipped += 1
        self._now_and_then()

    def add(self, result: FileResult) -> None:
        """Tells of a file that was read."""
        self._files += 1
        self._slices += len(result.rows)
        self._errors += sum(row.error != "" for row in result.rows)
        self._now_and_then()

    def standing(self) -> Standing:
        """Returns how far it is."""
        now = time.monotonic()
        (then, files), rate = self._points[0], 0.0
        if now > then:
            rate = (self._files - files) / (now - then)
        left = None
        if self._total is not None and rate > 0:
            left = max(0, self._total - self._skipped - self._files) / rate
        return Standing(self._files, self._skipped, self._slices, self._errors, self._total, rate, left)

    def end(self) -> None:
        """Tells a last time."""
        self._tell(self.standing())

    def _now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._told < EVERY:
            return
        self._told = now
        self._points.append((now, self._files))
        while len(self._points) > 2 and now - self._points[0][0] > RECENT:
            del self._points[0]
        self._tell(self.standing())


def for_people(language: str) -> Callable[[Standing], None]:
    """Returns what writes it on a terminal's line, and once a minute where there is none."""
    last = -RECENT

    def tell(standing: Standing) -> None:
        nonlocal last
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if terminal or now - last >= RECENT:
            last = now
            start, end = ("\r\x1b[K", "") if terminal else ("", "\n")
            print(f"{start}{_words(standing, language)}", end=end, file=sys.stderr, flush=True)

    return tell


def for_machines(standing: Standing) -> None:
    """Prints it as JSON."""
    print(json.dumps(asdict(standing)), flush=True)


def silently(_: Standing) -> None:
    """Says nothing."""


def _words(standing: Standing, language: str) -> str:
    done = standing.files + standing.skipped
    parts = [
        sentence(
            language,
            "screen.progress",
            files=f"{done:,}",
            rate=f"{standing.rate:.0f}",
            errors=f"{standing.errors:,}",
        )
    ]
    if standing.total is not None:
        parts.append(sentence(language, "screen.progress.total", total=f"{standing.total:,}"))
    if standing.left is not None:
        parts.append(sentence(language, "screen.progress.left", time=_clock(standing.left)))
    return " ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
