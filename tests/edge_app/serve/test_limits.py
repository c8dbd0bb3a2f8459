from __future__ import annotations

import resource

import pytest

from edge_app.serve.limits import SPARE, Bytes, Limits, most_connections
from edge_app.serve.operation import FEW


def test_a_budget_is_shared() -> None:
    held = Bytes(100)
    assert held.take("a", 50) and not held.take("a", 1), "no address has more than half"
    assert held.take("b", 30) and held.take("c", 20) and not held.take("d", 1)
    held.give_back("a", 20)
    assert held.take("d", 20) and not held.take("d", 1)
    for address, count in (("a", 30), ("b", 30), ("c", 20), ("d", 20)):
        held.give_back(address, count)
    assert held.take("a", 50) and held.take("b", 50)


def test_strangers_leave_bytes_to_others() -> None:
    """Whoever isn't signed in may send small bodies alone, the PIN among them."""
    limits = Limits()
    assert FEW * limits.connections <= limits.held // 2


def test_a_longer_body_may_take_longer() -> None:
    limits = Limits(stall=15, rate=50_000)
    assert limits.whole(0) == 15
    assert limits.whole(20_000_000) == 415


@pytest.mark.parametrize(
    ("allowed", "most"), [(1024, 256), (SPARE + 40, 40), (SPARE, 1), (3, 1), (resource.RLIM_INFINITY, 256)]
)
def test_connections_leave_descriptors(allowed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert most_connections(256) == most
