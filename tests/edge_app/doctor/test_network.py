from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from edge_app import RELEASED
from edge_app.doctor import network
from edge_app.lan import certificates
from edge_app.lan.addresses import Names
from edge_app.lan.certificates import AUTHORITY, LEAF, authority, server_certificate
from edge_app.lan.state import State


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A device's secrets, a few days old."""
    state = State(tmp_path / "state" / "lan")
    signer, _ = authority(state, "otak.local")
    server_certificate(state, signer, Names(names=("otak.local",), addresses=()))
    return state.folder


def test_certificates(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert network.tls(tmp_path / "none").case == "none" and not (tmp_path / "none").exists()
    assert network.tls(folder).case == "valid"
    (folder / LEAF).unlink()
    assert network.tls(folder).case == "due"
    (folder / LEAF).write_text("nonsense")
    assert network.tls(folder).case == "broken"
    (folder / AUTHORITY).write_bytes(b"")
    assert network.tls(folder).case == "broken"


def test_what_phones_trust_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "AUTHORITY_LIFE", timedelta(seconds=1))
    state = State(tmp_path)
    monkeypatch.setattr(State, "now", lambda self: RELEASED)
    authority(state, "otak.local")
    assert network.tls(tmp_path).case == "ended"


def test_permissions(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = folder.parent
    assert network.permissions(tmp_path / "none").case == "none"
    assert network.permissions(state).case == "safe"
    (folder / AUTHORITY).chmod(0o644)
    found = network.permissions(state)
    assert (found.case, found.level) == ("open", "bad") and AUTHORITY in (found.advice("id") or "")
    (folder / AUTHORITY).chmod(0o600)
    folder.chmod(0o755)
    assert network.permissions(state).case == "open"
    folder.chmod(0o700)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert network.permissions(state).case == "closed"


def test_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "AVAHI", tmp_path / "pid")
    monkeypatch.setattr("socket.gethostname", lambda: "otak")
    assert network.name().case == "untold"
    (tmp_path / "pid").write_text("1")
    assert network.name().case == "told"
    monkeypatch.setattr("socket.gethostname", lambda: "raspberrypi")
    assert network.name().case == "other" and "raspberrypi.local" in network.name().found("en")


def test_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "SYNCHRONIZED", tmp_path / "synchronized")
    assert network.clock().case == "alone"
    (tmp_path / "synchronized").touch()
    assert network.clock().case == "set"
    monkeypatch.setattr(network, "RELEASED", RELEASED + timedelta(days=36500))
    assert network.clock().case == "past"
