"""The folder of secrets: nobody else reads it, and it is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_app import RELEASED
from edge_app.lan.state import State, StateError, default_folder
from edge_app.languages import LANGUAGES
from tests.edge_app.lan.clocks import set_clock


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_have_a_folder_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert default_folder() == tmp_path / "lan"


def test_nobody_else_reads_it(state: State) -> None:
    old = os.umask(0)
    try:
        state.write("secret", b"1")
        state.write("secret", b"22")
        state.remember()
        other = State(state.folder.parent / "other")
    finally:
        os.umask(old)
    assert state.read("secret") == b"22"
    assert {mode(path) for path in state.folder.iterdir()} == {0o600}
    assert mode(state.folder) == mode(other.folder) == 0o700


def test_a_folder_that_is_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    State(tmp_path)
    assert mode(tmp_path) == 0o700


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "otak").write_text("")
    with pytest.raises(StateError, match="can't be used"):
        State(tmp_path / "otak")


def test_a_secret_that_others_may_read_is_not_used(state: State) -> None:
    state.write("secret", b"1")
    (state.folder / "secret").chmod(0o640)
    with pytest.raises(StateError, match="chmod 600") as caught:
        state.read("secret")
    for language in LANGUAGES:
        assert str(state.folder / "secret") in caught.value.sentence(language)


def test_what_is_no_plain_file_is_damaged(state: State) -> None:
    os.mkfifo(state.folder / "fifo", 0o600)
    (state.folder / "folder").mkdir()
    (state.folder / "link").symlink_to("/dev/zero")
    state.write("long", bytes(100_001))
    for name in ("fifo", "folder", "link", "long"):
        with pytest.raises(StateError):
            state.read(name)
    assert state.read("absent") is None


@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_full_disk_leaves_what_was_there(state: State, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    state.write("secret", b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        if call == "fsync":
            patched.setattr(os, "fsync", full)
        else:
            patched.setattr(os, "fdopen", full)
        with pytest.raises(StateError, match="No space left"):
            state.write("secret", b"new")
    assert state.read("secret") == b"old"
    assert [path.name for path in state.folder.iterdir()] == ["secret"]
    state.write("secret", b"new")
    assert state.read("secret") == b"new"


def test_what_a_power_cut_left_is_overwritten(state: State) -> None:
    (state.folder / ".secret.new").write_bytes(b"half")
    state.write("secret", b"whole")
    assert state.read("secret") == b"whole"


def test_time_never_goes_back(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    later = RELEASED + timedelta(days=400)
    set_clock(monkeypatch, later)
    assert state.now() == later
    state.remember()
    assert state.lag() == 0
    set_clock(monkeypatch, later - timedelta(days=3650))
    state.remember()
    assert state.now() == State(state.folder).now() == later
    assert state.lag() == 3650 * 86400
    set_clock(monkeypatch, later + timedelta(days=1))
    assert state.now() == later + timedelta(days=1)


def test_no_time_is_before_this_release(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, datetime(1970, 1, 1, tzinfo=UTC))
    state.remember()
    assert state.now() == RELEASED


def test_a_folder_that_can_t_be_written_still_tells_the_time(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.remember()

    def closed(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "utime", closed)
    state.remember()
    assert state.now() >= RELEASED


def test_the_release_is_the_changelog_s() -> None:
    text = (Path(__file__).parents[3] / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in text.splitlines() if line.startswith("## ["))
    assert newest.endswith((" - unreleased", f" - {RELEASED:%Y-%m-%d}"))
    assert datetime.now(UTC) >= RELEASED
