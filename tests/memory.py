"""The memory of processes, as Linux tells it."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from benchmarks.measure.memory import pss as pss


def children(pid: int) -> list[int]:
    """Returns the processes that a process's threads started and that still run a program of their own."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        found = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        # One that is just being started has the memory of its parent until then.
        return [child for child in found if _command(child) != _command(pid)]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


class Watch:
    """Measures a server and its workers again and again, until it is left.

    Attributes:
        server: The most bytes that the process took.
        worker: The most that one of its workers took.
        whole: The most that all took together.
    """

    def __init__(self, pid: int) -> None:
        self.server = self.worker = self.whole = 0
        self._pid = pid
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._left.wait(0.003):
            server, workers = pss(self._pid), [pss(child) for child in children(self._pid)]
            self.server = max(self.server, server)
            self.worker = max([self.worker, *workers])
            self.whole = max(self.whole, server + sum(workers))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()
