"""The PIN that people sign in with: its hash in the state folder, and how often it may be tried."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from ipaddress import ip_address, ip_network
from typing import Annotated

from edge_app.lan.state import State, StateError
from edge_app.lan.throttle import Throttle, Wait
from edge_app.records import Pattern, RecordError, Sha256, parse

FILE = "pin.json"
SCHEMA = 1
SHORTEST, LONGEST = 6, 20  # digits
MADE = 8  # digits of a PIN that Otak makes
COUNTING = "01234567890"

# 16 MB and some 50 ms of a laptop, 300 ms of a Raspberry Pi 3: https://www.rfc-editor.org/rfc/rfc7914
COST, BLOCK, PARALLEL = 2**14, 8, 1

Salt = Annotated[str, Pattern("[0-9a-f]{32}")]


class WeakPin(ValueError):
    """A PIN that is no number of 6 to 20 digits, or that everybody tries first."""


@dataclass(frozen=True)
class Hashed:
    """What is kept of a PIN.

    Attributes:
        salt: 16 random bytes, in hexadecimal digits.
        hash: Of scrypt, 32 bytes likewise.
    """

    salt: Salt
    hash: Sha256


def digits(text: str) -> str:
    """Returns a PIN as it is hashed, without the blanks that people write between digits.

    Raises:
        WeakPin: It won't do.
    """
    pin = "".join(text.split())
    well_formed = pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST
    if not well_formed or len(set(pin)) == 1 or pin in COUNTING or pin[::-1] in COUNTING:
        raise WeakPin(text)
    return pin


def new_pin() -> str:
    """Returns a PIN of 8 random digits."""
    while True:
        try:
            return digits(f"{secrets.randbelow(10**MADE):0{MADE}}")
        except WeakPin:
            continue


def set_pin(state: State, text: str) -> None:
    """Keeps another PIN, which signs everybody out.

    Raises:
        WeakPin: It won't do.
        StateError: It can't be kept.
    """
    salt = secrets.token_bytes(16)
    hashed = Hashed(salt.hex(), _scrypt(digits(text), salt).hex())
    with state.alone():
        state.write(FILE, json.dumps({"schema": SCHEMA} | asdict(hashed)).encode())


def stored_pin(state: State) -> Hashed | None:
    """Returns what is kept of the PIN; None where none was set.

    Raises:
        StateError: It is damaged or exposed.
    """
    data = state.read(FILE)
    try:
        return None if data is None else parse(data, Hashed, SCHEMA, FILE)
    except RecordError:
        raise StateError("damaged", path=state.folder / FILE) from None


def _scrypt(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL, dklen=32)


class Door:
    """Looks at one PIN after the other, however many ask.

    Args:
        state: Where the PIN is kept; another one counts at once.
        clock: Of the waits.
    """

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._each = Throttle(free=5, longest=900, forgiven=900, clock=clock)
        # Whoever has many addresses still has 24 tries an hour: 240 years for half of the PINs of 8 digits.
        self._all = Throttle(free=20, longest=150, forgiven=900, clock=clock)

    def opens(self, address: str, text: str) -> bool:
        """Tells whether a PIN is right.

        Args:
            address: Of who tries.
            text: The PIN as it was typed.

        Raises:
            Wait: It wasn't looked at.
            StateError: The PIN that is kept can't be read.
        """
        who = _neighbourhood(address)
        with self._lock:
            seconds = max(self._each.wait(who), self._all.wait(""))
            if seconds > 0:
                raise Wait(seconds)
            if self._is_right(text):
                self._each.acquit(who)
                return True
            self._each.blame(who)
            self._all.blame("")
            return False

    def _is_right(self, text: str) -> bool:
        hashed = stored_pin(self._state)
        try:
            pin = digits(text)
        except WeakPin:
            return False
        if hashed is None:
            return False
        found = _scrypt(pin, bytes.fromhex(hashed.salt))
        return hmac.compare_digest(found, bytes.fromhex(hashed.hash))


def _neighbourhood(address: str) -> str:
    """Returns an address; of IPv6 the network of 64 bits, of which a phone may take any address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
