from __future__ import annotations

from pathlib import Path

import pytest

from edge_app import state_folder as module
from edge_app.state_folder import bundles_folder, state_folder


def test_systemd_s_folder_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}/one:{tmp_path}/two")
    assert state_folder() == tmp_path / "one"
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "otak"
    monkeypatch.setenv("HOME", str(tmp_path))
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", unusable)
        assert state_folder() == tmp_path / ".local" / "state" / "otak"


def test_the_service_s_own_user_and_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "SERVICE", tmp_path / "service")
    assert bundles_folder() == state_folder() / "bundles" == tmp_path / "otak" / "bundles"
    (tmp_path / "service").mkdir()
    assert state_folder() == tmp_path / "service", "its owner"
    assert bundles_folder() == tmp_path / "service" / "bundles"
    # Another user's: root alone puts bundles there, and keeps no secret there.
    for user, place in ((0, tmp_path / "service"), (1000, tmp_path / "otak")):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        monkeypatch.setattr(module, "_owner", lambda folder, user=user: user + 1)
        assert state_folder() == tmp_path / "otak"
        assert bundles_folder() == place / "bundles"
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "given"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert bundles_folder() == tmp_path / "given" / "bundles"
