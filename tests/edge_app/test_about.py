from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_app import about, records
from edge_app.about import About
from edge_app.bundle import Bundle
from edge_app.classifier import SHIPPED
from edge_app.records import RecordError


@pytest.fixture
def plain() -> dict[str, Any]:
    """What is said about the model that ships, as JSON."""
    found: dict[str, Any] = json.loads((SHIPPED / about.NAME).read_text(encoding="utf-8"))
    return found


def parse(plain: dict[str, Any]) -> About:
    return records.parse(json.dumps(plain).encode(), About, about.SCHEMA, about.NAME)


def test_what_ships_is_described() -> None:
    found = records.read(SHIPPED / about.NAME, About, about.SCHEMA)
    assert found.sha256 == Bundle.load(SHIPPED).file().sha256
    assert found.measured is not None
    wrong = [part.wrong.count / part.wrong.of for part in found.measured.parts if part.wrong]
    assert wrong == sorted(wrong, reverse=True), "the weakest first"
    assert about.find(SHIPPED) == (SHIPPED / about.NAME).read_bytes()


def test_a_bundle_without_one(toy_bundle: Path) -> None:
    assert about.find(toy_bundle) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "75e3"},
        {"unknown": ["everything"]},
        {"collections": ["a\nb"]},
        {"slices": {"train": -1, "validation": 0, "test": 0}},
        {"measured": {"date": "today", "parts": [], "sequences": [], "ct_passed": None}},
        {"schema": 2},
        {"more": 1},
    ],
)
def test_what_is_senseless_is_refused(plain: dict[str, Any], changes: dict[str, Any]) -> None:
    parse(plain)
    with pytest.raises(RecordError):
        parse(plain | changes)
