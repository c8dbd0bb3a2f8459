from __future__ import annotations

from edge_app.lan.throttle import Throttle


class Seconds:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def throttle(free: int = 3, longest: float = 100, forgiven: float = 1000) -> tuple[Throttle, Seconds]:
    clock = Seconds()
    return Throttle(free, longest, forgiven, clock), clock


def test_waits_grow_up_to_the_longest() -> None:
    tried, clock = throttle()
    waits = []
    for _ in range(20):
        waits.append(tried.wait("a"))
        clock.now += tried.wait("a")
        tried.blame("a")
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, *[100] * 10]
    assert tried.wait("b") == 0


def test_silence_is_forgiven_step_by_step() -> None:
    tried, clock = throttle()
    for _ in range(100):
        tried.blame("a")
    clock.now += 1000 * 11
    assert tried.wait("a") == 0
    # Two are still known: one more is free, the next is not.
    tried.blame("a")
    assert tried.wait("a") == 1
    clock.now += 1000 * 1000
    assert tried.wait("a") == 0


def test_who_knows_it_is_acquitted() -> None:
    tried, _ = throttle()
    for _ in range(5):
        tried.blame("a")
    tried.acquit("a")
    tried.acquit("b")
    assert tried.wait("a") == 0


def test_many_addresses_take_no_memory() -> None:
    tried, _ = throttle()
    for number in range(10 * Throttle.ADDRESSES):
        tried.blame(f"10.0.{number // 256}.{number % 256}")
    assert len(tried._wrong) == Throttle.ADDRESSES
