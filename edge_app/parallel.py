"""Work on many things at once, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Done = TypeVar("Done")


def in_order(
    work: Callable[[Given], Done], given: Iterable[Given], threads: int
) -> Iterator[tuple[Given, Done]]:
    """Yields each thing with what became of it, in the order that they came in.

    Args:
        work: For several threads at once.
        given: Is taken from as the work goes on: no more than ``threads`` + 1 are held at a time.
        threads: How many things are worked on at a time.

    Raises:
        Exception: As of ``work`` and ``given``; what waits is given up then.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[Given, Future[Done]]] = deque()
    try:
        for each in given:
            waiting.append((each, pool.submit(work, each)))
            if len(waiting) > threads:
                first, done = waiting.popleft()
                yield first, done.result()
        while waiting:
            first, done = waiting.popleft()
            yield first, done.result()
    finally:
        pool.shutdown(cancel_futures=True)
