"""Bombs sent to a real server: each gets its code, and the next picture its answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpus.hostile_cases import BOMBS, Bomb
from tests.memory import Watch
from tests.phantoms import phantom, png
from tests.servers import post, serving

SERVER, WORKER, WHOLE = 110_000_000, 190_000_000, 300_000_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's share of memory"),
]


@dataclass(frozen=True)
class Served:
    address: str
    memory: Watch


@pytest.fixture(scope="module")
def served(toy_bundle: Path) -> Iterator[Served]:
    with serving(toy_bundle) as (process, address), Watch(process.pid) as memory:
        yield Served(address, memory)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.name)
def test_a_bomb_gets_its_code_and_the_next_picture_its_answer(bomb: Bomb, served: Served) -> None:
    status, said = post(served.address, bomb.make(), bomb.name)
    answer = json.loads(said)
    assert answer["name"] == bomb.name
    if bomb.code is None:
        assert status == 200
    else:
        assert (status, answer["code"]) == (422, bomb.code)
    status, said = post(served.address, png(phantom("glioma", 1)))
    assert (status, json.loads(said)["label"]) == (200, "glioma")


def test_none_of_them_took_more_memory_than_there_may_be(served: Served) -> None:
    memory = served.memory
    assert 0 < memory.server < SERVER and 0 < memory.worker < WORKER, memory
    assert memory.whole < WHOLE, memory
