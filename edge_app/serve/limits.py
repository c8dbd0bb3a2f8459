"""What clients may take of a device: connections, bytes and time."""

from __future__ import annotations

import resource
from collections import Counter
from dataclasses import dataclass

SPARE = 24  # descriptors that the server needs for itself and its workers


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of one server; seconds are those of a clock that nobody sets.

    Attributes:
        connections: At a time.
        by_address: Connections of one address at a time.
        held: Bytes of all bodies that are being received or answered. Each may be there three times while a
            form is taken apart.
        head: Seconds from the first byte of a request to the last of its headers.
        idle: Seconds that a connection may wait for its next request.
        stall: Seconds without a byte of a body, or with a client that takes none of an answer.
        rate: Bytes a second that a body must reach from its beginning to its end, beside ``stall``.
        linger: Seconds in which what was refused is read and dropped, so that its client reads the refusal.
        drain: Seconds that a server which is stopped goes on with what it has begun.
    """

    connections: int = 256
    by_address: int = 32
    held: int = 64_000_000
    head: float = 10
    idle: float = 60
    stall: float = 15
    rate: int = 50_000
    linger: float = 15
    drain: float = 30

    def whole(self, length: int) -> float:
        """Returns the seconds that a body of so many bytes may take."""
        return self.stall + length / self.rate


class Bytes:
    """The bytes that all connections hold together; no address may hold more than half of what there is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def take(self, address: str, count: int) -> bool:
        """Tells whether an address may hold so many more, and if so counts them."""
        if self._taken.total() + count > self._most or self._taken[address] + count > self._most // 2:
            return False
        self._taken[address] += count
        return True

    def give_back(self, address: str, count: int) -> None:
        """Counts them no longer."""
        self._taken[address] -= count
        if not self._taken[address]:
            del self._taken[address]


def most_connections(wanted: int) -> int:
    """Returns how many connections this process has descriptors for, at most as many as are wanted."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if allowed == resource.RLIM_INFINITY else max(1, min(wanted, allowed - SPARE))
