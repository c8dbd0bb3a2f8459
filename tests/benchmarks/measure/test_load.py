from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.errors import BenchmarkError
from benchmarks.measure import load
from benchmarks.measure.load import CLIENTS, ROUNDS, SCHEMA, Load
from edge_app import records
from tests.phantoms import phantom, png

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two cores",
)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WARM_UP", 8)


def test_both_servers_are_asked(toy_bundle: Path, toy_data: Path, tmp_path: Path) -> None:
    cores = os.sched_getaffinity(0)
    words = ["load", str(toy_bundle), "--data", str(toy_data), "--requests", "1", "--busy"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    found = records.read(tmp_path / "load.json", Load, SCHEMA)
    assert os.sched_getaffinity(0) == cores
    assert found.requests == 2 * ROUNDS * len(CLIENTS) * 32
    assert [server.workers for server in found.servers] == [1, 2]
    for server in found.servers:
        assert [burst.clients for burst in server.bursts] == list(CLIENTS)
        assert server.memory.before > 10_000_000
        for burst in server.bursts:
            assert 0 < burst.p50 <= burst.p99 and burst.cpu > 0
            assert burst.queue == pytest.approx(1000 * burst.clients / burst.a_second)
    shown = load.table(found)
    assert len(shown.rows) == 6 and all(len(row) == len(shown.columns) for row in shown.rows)


def test_a_request_that_fails_is_an_error(toy_bundle: Path) -> None:
    with pytest.raises(BenchmarkError, match="415"):
        load.measure(toy_bundle, [b"a letter"], 1, busy=True)
    with pytest.raises(BenchmarkError, match="didn't start"):
        load.measure(toy_bundle / "absent", [png(phantom("glioma", 1))], 1, busy=True)
