"""The engine of a cluster: chunks of files for Dask's workers, which see the same paths as this process."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TypeAlias

from distributed import Client, KilledWorker, wait
from distributed.client import ClosedClientError, Future

from edge_app.classifier import Classifier
from edge_app.errors import BundleError, OtakError
from edge_app.screen.result import CRASHED, FileResult, answering, failed, screen_file, state_of

CHUNK = 64  # files, beside which Dask's work for a task is little
CONNECTING = 30  # seconds
PATIENCE = 300  # seconds that a cluster may be without workers

# What Dask says of a scheduler that is gone, wherever it comes to be known.
LOST = (asyncio.CancelledError, concurrent.futures.CancelledError, ClosedClientError, OSError)

Chunk: TypeAlias = tuple[str, ...]


class ClusterError(OtakError):
    """The cluster can't be used; the text says why."""


class ClusterEngine:
    """All workers of a Dask scheduler."""

    def __init__(self, address: str, bundle: str | None, precision: str | None, same: str) -> None:
        """Connects, and checks that every worker would answer by the same bundle.

        Args:
            address: Of the scheduler.
            bundle: As each worker sees it; None for the one that ships.
            precision: As of ``Classifier.load``.
            same: What must answer, as of ``edge_app.screen.result.answering``.

        Raises:
            ClusterError: The scheduler can't be reached, has no workers, or one has no such bundle.
        """
        self._bundle = (bundle, precision, same)
        try:
            self._client = Client(address, timeout=CONNECTING)
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no Dask scheduler answers there ({error}).") from None
        try:
            self._check(address)
        except OtakError:
            self._client.close()
            raise

    def screen(self, paths: Iterable[str]) -> Iterator[FileResult]:
        """Screens files as they are asked for; in flight are at most two chunks a thread of the workers.

        A chunk that was lost with its worker is halved until it is one file. Others may have been on that
        worker too, so each such file is tried once more with none beside it before it is to blame.

        Yields:
            The results, in no order.

        Raises:
            ClusterError: The cluster was lost, or has no workers left.
            OtakError: The model failed on a worker.
        """
        waiting = iter(paths)
        again: list[Chunk] = []
        suspects: list[str] = []
        pending: dict[Future, Chunk] = {}
        while True:
            while len(pending) < 2 * self._threads() and len(suspects) < CHUNK:
                chunk = again.pop() if again else tuple(islice(waiting, CHUNK))
                if not chunk:
                    break
                pending[self._submit(chunk)] = chunk
            if pending:
                for future in self._done(pending):
                    chunk = pending.pop(future)
                    results = self._results(future)
                    if results is not None:
                        yield from results
                    elif middle := len(chunk) // 2:
                        again += [chunk[:middle], chunk[middle:]]
                    else:
                        suspects += chunk
            elif suspects:
                yield from self._alone(suspects.pop())
            else:
                return

    def close(self) -> None:
        """Leaves the cluster; what is under way there is dropped."""
        self._client.close()

    def _submit(self, chunk: Chunk) -> Future:
        with _connected():
            return self._client.submit(_screen_chunk, chunk, *self._bundle, pure=False)

    def _alone(self, path: str) -> list[FileResult]:
        future = self._submit((path,))
        self._done([future])
        results = self._results(future)
        return [failed(path, state_of(path), CRASHED)] if results is None else results

    def _done(self, pending: Iterable[Future]) -> Iterable[Future]:
        """Waits until some are done, and returns them."""
        futures = list(pending)
        with _connected():
            while True:
                try:
                    found: Iterable[Future] = wait(futures, PATIENCE, "FIRST_COMPLETED").done
                    return found
                except TimeoutError:
                    if not self._client.nthreads():
                        raise ClusterError(
                            "the cluster has no workers left; the same command goes on."
                        ) from None

    def _results(self, future: Future) -> list[FileResult] | None:
        """Returns what a task gave; None where its worker died."""
        try:
            with _connected():
                results: list[FileResult] = future.result()
                return results
        except KilledWorker:
            return None

    def _threads(self) -> int:
        with _connected():
            return max(1, sum(map(int, self._client.nthreads().values())))

    def _check(self, address: str) -> None:
        # With Dask's own patience a file would take four workers with it, and each half of its chunk again.
        self._client.run_on_scheduler(_have_no_patience)
        found = self._client.run(_answering_on, *self._bundle[:2])
        if not found:
            raise ClusterError(f"{address}: has no workers; start some first.")
        for worker, same in found.items():
            if same != self._bundle[2]:
                raise ClusterError(
                    f"{worker}: has another bundle or version of Otak ({same}); give every worker the same."
                )


def _have_no_patience(dask_scheduler: object) -> None:
    dask_scheduler.allowed_failures = 0  # type: ignore[attr-defined]


@contextmanager
def _connected() -> Iterator[None]:
    try:
        yield
    except LOST as error:
        lost = f"the cluster was lost ({type(error).__name__}); the same command goes on."
        raise ClusterError(lost) from None


def _answering_on(bundle: str | None, precision: str | None) -> str:
    try:
        return answering(_classifier(bundle, precision))
    except BundleError as error:
        return str(error)


def _screen_chunk(chunk: Chunk, bundle: str | None, precision: str | None, same: str) -> list[FileResult]:
    classifier = _classifier(bundle, precision)
    # One that came later wasn't asked.
    if answering(classifier) != same:
        raise BundleError(f"{classifier.bundle.folder}: is another bundle than the one that was asked for.")
    return [screen_file(path, classifier, lambda: None) for path in chunk]


@cache
def _classifier(bundle: str | None, precision: str | None) -> Classifier:
    return Classifier.load(bundle, precision)
