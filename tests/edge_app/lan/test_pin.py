from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from edge_app.lan import pin
from edge_app.lan.pin import FILE, Door, WeakPin, digits, new_pin, set_pin, stored_pin
from edge_app.lan.state import State, StateError
from edge_app.lan.throttle import Wait
from tests.edge_app.lan.test_throttle import Seconds

PIN = "493817"


@pytest.mark.parametrize(
    "text",
    [
        *("", "49381", "4938a7", "-493817", "４９３８１７", "49381７", "493_817", "1" * 6, "0" * 20),
        *("123456", "012345", "567890", "654321", "09876543", "4" * 9, "4938" * 6),
    ],
)
def test_a_weak_pin_is_refused(state: State, text: str) -> None:
    with pytest.raises(WeakPin):
        digits(text)
    with pytest.raises(WeakPin):
        set_pin(state, text)
    assert stored_pin(state) is None


def test_blanks_are_for_people() -> None:
    assert digits(" 493 817\n") == PIN


def test_a_made_pin() -> None:
    assert len({new_pin() for _ in range(50)}) > 45
    assert {len(digits(new_pin())) for _ in range(50)} == {8}


def test_the_pin_itself_is_not_kept(state: State) -> None:
    set_pin(state, PIN)
    first = (state.folder / FILE).read_bytes()
    assert PIN.encode() not in first
    set_pin(state, PIN)
    assert (state.folder / FILE).read_bytes() != first


def test_only_the_right_one_opens(state: State) -> None:
    door = Door(state)
    assert not door.opens("10.0.0.1", PIN)
    set_pin(state, PIN)
    assert door.opens("10.0.0.1", PIN)
    assert door.opens("10.0.0.1", "493 817")
    assert not door.opens("10.0.0.1", "493818")
    assert not door.opens("10.0.0.1", "a" * 1_000_000)
    set_pin(state, "7204961")
    assert not door.opens("10.0.0.1", PIN)
    assert door.opens("10.0.0.1", "7204961")


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 1, "salt": "00", "hash": "00"}', "[]", "\0" * 100])
def test_a_damaged_pin_opens_nothing(state: State, text: str) -> None:
    (state.folder / FILE).write_text(text)
    (state.folder / FILE).chmod(0o600)
    with pytest.raises(StateError, match="damaged"):
        Door(state).opens("10.0.0.1", PIN)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces scrypt: what a try costs is no matter here."""
    monkeypatch.setattr(pin, "_scrypt", lambda text, salt: hashlib.sha256(salt + text.encode()).digest())


@pytest.mark.usefixtures("cheap")
def test_brute_force_from_one_address(state: State) -> None:
    set_pin(state, PIN)
    clock = Seconds()
    door = Door(state, clock)
    looked_at = 0
    # A day of a try each half minute.
    for number in range(2 * 60 * 24):
        clock.now += 30
        try:
            assert not door.opens("10.0.0.1", f"5{number:05}")
            looked_at += 1
        except Wait as wait:
            assert 0 < wait.seconds <= 900
    assert looked_at < 120
    # Others still get in.
    assert door.opens("10.0.0.2", PIN)


@pytest.mark.usefixtures("cheap")
def test_brute_force_from_everywhere(state: State) -> None:
    set_pin(state, PIN)
    clock = Seconds()
    door = Door(state, clock)
    looked_at = 0
    for number in range(24 * 60 * 60):
        clock.now += 1
        with suppress(Wait):
            looked_at += not door.opens(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "700000")
    assert looked_at < 20 + 10 + 24 * 25


def test_an_ipv6_network_is_one_neighbour(state: State) -> None:
    door = Door(state, Seconds())
    for number in range(5):
        assert not door.opens(f"fe80::{number}%eth0", "1")
    with pytest.raises(Wait):
        door.opens("fe80::ffff:1%wlan0", "1")
    assert not door.opens("fd00::1", "1")
    assert not door.opens("no address", "1")


def test_many_at_once_are_no_way_around(state: State) -> None:
    set_pin(state, PIN)
    door = Door(state, Seconds())

    def attempt(number: int) -> bool:
        try:
            return not door.opens("10.0.0.1", f"70000{number}")
        except Wait:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(10))) == 5
