"""How often a PIN may be tried."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Wait(Exception):
    """Too many wrong PINs.

    Attributes:
        seconds: After which the next one is looked at.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class Throttle:
    """Waits that grow with every wrong PIN, by a clock that nobody sets.

    Args:
        free: Wrong ones before the first wait, of a second; each further one doubles it.
        longest: Seconds of a wait at most.
        forgiven: Seconds of silence after which one of them is forgotten.
        clock: Seconds.
    """

    ADDRESSES = 1000  # remembered; those that were silent longest go first

    def __init__(
        self, free: int, longest: float, forgiven: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.free, self.longest, self.forgiven, self.clock = free, longest, forgiven, clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Returns the seconds until somebody may try again."""
        wrong, last = self._count(who)
        if wrong < self.free:
            return 0.0
        wait = min(float(1 << (wrong - self.free)), self.longest)
        return max(0.0, last + wait - self.clock())

    def blame(self, who: str) -> None:
        """Counts a wrong one."""
        wrong, _ = self._count(who)
        # A longer list of sins would change no wait, but take days to be forgotten.
        self._wrong[who] = (min(wrong + 1, self.free + 10), self.clock())
        self._wrong.move_to_end(who)
        if len(self._wrong) > self.ADDRESSES:
            self._wrong.popitem(last=False)

    def acquit(self, who: str) -> None:
        """Forgets what somebody tried who then knew the PIN."""
        self._wrong.pop(who, None)

    def _count(self, who: str) -> tuple[int, float]:
        wrong, last = self._wrong.get(who, (0, 0.0))
        return max(0, wrong - int((self.clock() - last) / self.forgiven)), last
