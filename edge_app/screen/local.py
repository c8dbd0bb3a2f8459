"""The engine of one machine: a process for each core, and one file a task, so that the culprit is known."""

from __future__ import annotations

import json
import os
import queue
import signal
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from itertools import islice

from edge_app import records
from edge_app.errors import OtakError
from edge_app.process import ENDING, Process
from edge_app.screen.result import CRASHED, TOO_LONG, TOO_MUCH_MEMORY, FileResult, failed, state_of
from edge_app.screen.worker import GOES_ON, Reply, Settings

MODULE = "edge_app.screen.worker"
MAX_REPLY = 10_000_000  # bytes; 2,000 slices take one million
KILLED = 5  # workers that may be killed one after another before they have begun


class Closed(Exception):
    """The engine was closed while a file was being read."""


class ScreenWorker:
    """One process, replaced when it dies. For one thread at a time."""

    def __init__(self, settings: Settings, module: str) -> None:
        """Starts it."""
        self._settings = settings
        self._module = module
        self._closed = False
        self._killed = 0
        self._start()

    @property
    def pid(self) -> int:
        """Of the process; another once it was replaced."""
        return self._process.pid

    def screen(self, path: str) -> FileResult:
        """Screens a file; of one that ends the process twice, a row says so.

        Raises:
            Closed: The worker was closed.
            OtakError: The process can't start, or its model failed.
        """
        for fresh in (False, True):
            self._wait()
            try:
                result = self._ask(path)
            except TimeoutError:
                self._restart()
                return failed(path, state_of(path), TOO_LONG)
            except (EOFError, OSError, TypeError, ValueError):
                # Somebody may have ended it who had nothing to do with the file.
                if self._restart(ENDING) == -signal.SIGXCPU:
                    return failed(path, state_of(path), TOO_LONG)
                continue
            if not any(row.error == TOO_MUCH_MEMORY for row in result.rows):
                return result
            # What was read before may have left too little of it.
            self._restart()
            if fresh:
                return result
        return failed(path, state_of(path), CRASHED)

    def kill(self) -> None:
        """Ends the process, whatever it does, and lets no other take its place."""
        self._closed = True
        self._process.kill()

    def close(self) -> None:
        """Ends the process."""
        self._process.end()

    def _start(self) -> None:
        self._process = Process(self._module, json.dumps(asdict(self._settings)))

    def _restart(self, patience: float = 0) -> int:
        code = self._process.end(patience)
        if self._closed:
            raise Closed
        if self._process.was_ready:
            self._killed = 0
        else:
            self._killed += 1
            # One that can't start ends by itself.
            if code >= 0 or self._killed == KILLED:
                raise OtakError(f"a worker ended with {code} before its first file; what it wrote says why.")
        self._start()
        # ``kill`` may have come meanwhile, and ended the old one.
        if self._closed:
            self._process.kill()
        return code

    def _wait(self) -> None:
        """Waits until the process takes files, and replaces one that somebody ended before."""
        while not self._process.was_ready:
            try:
                self._process.wait()
            except (EOFError, OSError):
                self._restart(ENDING)

    def _ask(self, path: str) -> FileResult:
        self._process.send(os.fsencode(path))
        message = GOES_ON
        while message == GOES_ON:
            message = self._process.receive(time.monotonic() + self._settings.limits.wall, MAX_REPLY)
        reply: Reply = records.build(Reply, json.loads(message))
        if reply.result is None:
            raise OtakError(reply.fault)
        if reply.result.path != path:
            raise ValueError("another file's")
        return reply.result


class LocalEngine:
    """As many workers as are asked for."""

    def __init__(self, settings: Settings, processes: int, module: str = MODULE) -> None:
        """Starts them.

        Args:
            settings: Of each.
            processes: How many.
            module: Whose ``main`` they run.
        """
        self.workers = [ScreenWorker(settings, module) for _ in range(processes)]
        self._idle: queue.SimpleQueue[ScreenWorker] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(processes)

    def screen(self, paths: Iterable[str]) -> Iterator[FileResult]:
        """Screens files as they are asked for; in flight are at most twice the workers.

        Yields:
            The results, in no order.

        Raises:
            OtakError: As of ``ScreenWorker.screen``.
        """
        waiting = iter(paths)
        pending: set[Future[FileResult]] = set()
        while True:
            for path in islice(waiting, 2 * len(self.workers) - len(pending)):
                pending.add(self._threads.submit(self._screen, path))
            if not pending:
                return
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()

    def close(self) -> None:
        """Ends the workers; what they were reading is read by whoever goes on."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self.workers:
            worker.kill()
        self._threads.shutdown()
        for worker in self.workers:
            worker.close()

    def _screen(self, path: str) -> FileResult:
        worker = self._idle.get()
        try:
            return worker.screen(path)
        finally:
            self._idle.put(worker)
