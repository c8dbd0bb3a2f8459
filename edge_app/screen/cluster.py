"""The engine of a cluster: chunks of files for Dask's workers, which see the same paths as this process."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from distributed import Client, KilledWorker, wait
from distributed.client import Future

from edge_app.classifier import Classifier
from edge_app.errors import BundleError, OtakError
from edge_app.screen.result import CRASHED, FileResult, failed, screen_file, state_of

CHUNK = 64  # files, beside which Dask's work for a task is little
CONNECTING = 30  # seconds


class ClusterError(OtakError):
    """The cluster can't be used; the text says why."""


class ClusterEngine:
    """All workers of a Dask scheduler."""

    def __init__(self, address: str, bundle: str | None, precision: str | None, model: str) -> None:
        """Connects, and checks that every worker would answer by the same model.

        Args:
            address: Of the scheduler.
            bundle: As each worker sees it; None for the one that ships.
            precision: As of ``Classifier.load``.
            model: Hash of the file that must answer.

        Raises:
            ClusterError: The scheduler can't be reached, has no workers, or one has no such model.
        """
        self._model = (bundle, precision, model)
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

        A chunk that ends its worker is halved until it is one file. Dask blames what waited for that worker
        too, so that the file is tried again alone, and is to blame where it ends another.

        Yields:
            The results, in no order.

        Raises:
            OtakError: The model failed on a worker.
        """
        waiting = iter(paths)
        again: list[tuple[str, ...]] = []
        suspects: list[str] = []
        pending: dict[Future, tuple[str, ...]] = {}
        while True:
            while len(pending) < 2 * self._threads():
                chunk = again.pop() if again else tuple(islice(waiting, CHUNK))
                if not chunk:
                    break
                pending[self._submit(chunk)] = chunk
            if not pending:
                break
            for future in wait(list(pending), return_when="FIRST_COMPLETED").done:
                chunk = pending.pop(future)
                try:
                    yield from self._results(future)
                except KilledWorker:
                    middle = len(chunk) // 2
                    if middle:
                        again += [chunk[:middle], chunk[middle:]]
                    else:
                        suspects += chunk
        for path in suspects:
            try:
                yield from self._results(self._submit((path,)))
            except KilledWorker:
                yield failed(path, state_of(path), CRASHED)

    def close(self) -> None:
        """Leaves the cluster; what is under way there is dropped."""
        self._client.close()

    def _submit(self, chunk: tuple[str, ...]) -> Future:
        return self._client.submit(_screen_chunk, chunk, *self._model, pure=False)

    def _results(self, future: Future) -> list[FileResult]:
        try:
            results: list[FileResult] = future.result()
        except (CancelledError, OSError) as error:
            raise ClusterError(f"the cluster was lost ({error}); the same command goes on.") from None
        return results

    def _threads(self) -> int:
        return max(1, sum(map(int, self._client.nthreads().values())))

    def _check(self, address: str) -> None:
        # With Dask's own patience a file would take four workers with it, and each half of its chunk again.
        self._client.run_on_scheduler(_have_no_patience)
        found = self._client.run(_model_of, *self._model[:2])
        if not found:
            raise ClusterError(f"{address}: has no workers; start some first.")
        for worker, model in found.items():
            if model != self._model[2]:
                raise ClusterError(
                    f"{worker}: has another model ({model}); give every worker the same bundle."
                )


def _have_no_patience(dask_scheduler: object) -> None:
    dask_scheduler.allowed_failures = 0  # type: ignore[attr-defined]


def _model_of(bundle: str | None, precision: str | None) -> str:
    try:
        return _classifier(bundle, precision).file.sha256
    except BundleError as error:
        return str(error)


def _screen_chunk(
    paths: tuple[str, ...], bundle: str | None, precision: str | None, model: str
) -> list[FileResult]:
    classifier = _classifier(bundle, precision)
    # One that came later wasn't asked.
    if classifier.file.sha256 != model:
        raise BundleError(f"{classifier.bundle.folder}: is another bundle than the one that was asked for.")
    return [screen_file(path, classifier, lambda: None) for path in paths]


@cache
def _classifier(bundle: str | None, precision: str | None) -> Classifier:
    return Classifier.load(bundle, precision)
