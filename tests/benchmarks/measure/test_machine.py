from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import machine
from benchmarks.measure.machine import Health, check_idle, health, this_machine, was_throttled


def test_the_machine_names_itself() -> None:
    found = this_machine()
    assert found.cpu
    assert found.cores == os.cpu_count()
    assert found.packages["numpy"]


def pi(flags: int | None) -> Health:
    return Health(50.0, 1500.0, flags)


def test_throttling_that_holds_or_came_up_meanwhile() -> None:
    assert was_throttled(pi(0), pi(0x50000)) is True
    assert was_throttled(pi(0x50000), pi(0x50000)) is False, "it was over before"
    assert was_throttled(pi(0x1), pi(0)) is True
    assert was_throttled(pi(0), pi(0)) is False
    assert was_throttled(pi(None), pi(0)) is None


def test_a_pis_sensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "vcgencmd"
    command.write_text("#!/bin/sh\necho throttled=0x50005\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert health().throttled == 0x50005
    command.write_text("#!/bin/sh\necho VCHI initialization failed\n")
    assert health().throttled is None


def test_a_machine_without_sensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert health().throttled is None


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
