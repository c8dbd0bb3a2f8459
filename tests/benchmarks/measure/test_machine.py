from __future__ import annotations

import os

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import machine
from benchmarks.measure.machine import check_idle, this_machine


def test_the_machine_names_itself() -> None:
    found = this_machine()
    assert found.cpu
    assert found.cores == os.cpu_count()
    assert found.packages["numpy"]


@pytest.mark.parametrize(("idle", "busy"), [(190, None), (150, "25%"), (0, "100%")])
def test_timings_wait_until_a_machine_is_idle(
    monkeypatch: pytest.MonkeyPatch, idle: int, busy: str | None
) -> None:
    readings = iter([(1000, 5000), (1000 + idle, 5200)])
    monkeypatch.setattr(machine, "_cpu_times", lambda: next(readings))
    monkeypatch.setattr(machine, "WATCHED", 0)
    if busy is None:
        check_idle()
    else:
        with pytest.raises(BenchmarkError, match=f"is {busy} busy with other work"):
            check_idle()


def test_a_machine_that_does_not_tell_counts_as_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cpu_times", lambda: None)
    monkeypatch.setattr(machine, "WATCHED", 0)
    check_idle()


def test_the_time_of_all_cores_is_read() -> None:
    times = machine._cpu_times()
    assert times is None or 0 < times[0] <= times[1]
