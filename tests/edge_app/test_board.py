from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge_app.board import Health, cpu, health, was_throttled


def test_the_board_names_itself() -> None:
    assert cpu().strip() == cpu() != ""


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
