from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from edge_app.parallel import in_order


def test_in_order_and_at_once() -> None:
    together = threading.Barrier(3, timeout=60)

    def work(number: int) -> int:
        together.wait()  # that each waits for two others shows that three are worked on
        time.sleep(0.01 * (3 - number % 3))
        return number * number

    assert list(in_order(work, range(9), 3)) == [(number, number * number) for number in range(9)]


def test_however_many_there_are_few_are_held() -> None:
    taken = 0

    def given() -> Iterator[int]:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number

    for done, _ in enumerate(in_order(lambda number: number, given(), 2)):
        assert taken - done <= 3


@pytest.mark.parametrize("threads", [1, 4])
def test_an_error_ends_it(threads: int) -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    found = []
    with pytest.raises(ValueError, match="three"):
        for each, _ in in_order(work, range(1_000), threads):
            found.append(each)
    assert found == [0, 1, 2]


def test_who_stops_asking_ends_it() -> None:
    before = threading.enumerate()
    results = in_order(lambda number: number, range(1_000), 4)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) <= set(before)
