"""A state folder, and a clock of seconds that tests set."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_app.lan.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "otak")
