"""The memory of a process and of those that it started, as Linux tells it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

EVERY = 0.2  # seconds between two looks


class Watch:
    """Looks at this process and those below it until it is left.

    Attributes:
        most: Bytes that they took together at most, shared ones divided among all that share them.
    """

    def __init__(self) -> None:
        self.most = 0
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._left.wait(EVERY):
            self.most = max(self.most, sum(map(pss, family(os.getpid()))))


def pss(pid: int) -> int:
    """Returns a process's bytes; 0 where it ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def family(pid: int) -> list[int]:
    """Returns a process and all below it."""
    found = [pid]
    for parent in found:
        try:
            threads = list(Path(f"/proc/{parent}/task").iterdir())
            found += [int(child) for thread in threads for child in (thread / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
