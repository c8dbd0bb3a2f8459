from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.measure.resume import key_of, resumed
from edge_app.records import RecordError


@dataclass(frozen=True)
class Figure:
    value: float


def counted(calls: list[int]) -> Callable[[], Figure]:
    def make() -> Figure:
        calls.append(1)
        return Figure(0.5 * len(calls))

    return make


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    path, calls = tmp_path / "parts" / "figure.json", list[int]()
    first = resumed(path, Figure, counted(calls))
    assert resumed(path, Figure, counted(calls)) == first == Figure(0.5)
    assert len(calls) == 1


def test_what_broke_off_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "figure.json"

    def broken() -> Figure:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resumed(path, Figure, broken)
    assert list(tmp_path.iterdir()) == []
    assert resumed(path, Figure, counted([])) == Figure(0.5)


@pytest.mark.parametrize("content", ["", "{", '{"schema": 4, "value": 1}', '{"schema": 5, "value": "much"}'])
def test_a_broken_record_is_named_and_not_overwritten(tmp_path: Path, content: str) -> None:
    path, calls = tmp_path / "figure.json", list[int]()
    path.write_text(content)
    with pytest.raises(RecordError, match=r"figure\.json: "):
        resumed(path, Figure, counted(calls))
    assert calls == [] and path.read_text() == content


def test_a_place_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="can't be written"):
        resumed(tmp_path / "file" / "figure.json", Figure, counted([]))


def test_a_key_tells_other_facts_apart() -> None:
    facts = ("net", "0" * 64, 8)
    assert key_of(*facts) == key_of(*facts)
    assert len({key_of(*facts), key_of("net", "1" * 64, 8), key_of(*facts[:2], 9), key_of(*facts[:2])}) == 4
    assert key_of(*facts).isalnum(), "it names a file"
