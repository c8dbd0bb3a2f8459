"""Who is signed in: tokens that only this process can have signed.

Nothing of them is kept on a disk, and no clock that anybody sets counts: a restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from edge_app.lan.pin import FILE
from edge_app.lan.state import State

SECONDS = 12 * 60 * 60  # a shift


class Sessions:
    """Tokens of people who knew the PIN.

    Args:
        state: Where the PIN is kept; another one ends all sessions at once.
        clock: Seconds.
    """

    ENDED = 1000  # sessions that are remembered as ended

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        self._state, self._clock = state, clock
        self._ended: set[str] = set()
        self._secret = secrets.token_bytes(32)

    def start(self) -> str:
        """Returns the token of a new session."""
        claim = f"{secrets.token_urlsafe(16)}.{int(self._clock())}"
        return f"{claim}.{self._sign('session', claim)}"

    def holds(self, token: str) -> bool:
        """Tells whether a token is of a session that goes on."""
        claim, _, signature = token.rpartition(".")
        # Bytes: letters beyond ASCII can't be compared otherwise.
        if not hmac.compare_digest(signature.encode(), self._sign("session", claim).encode()):
            return False
        started = int(claim.partition(".")[2])
        return claim not in self._ended and self._clock() < started + SECONDS

    def end(self, token: str) -> None:
        """Ends a session, so that nobody goes on with a copy of its token."""
        if self.holds(token):
            self._ended.add(token.rpartition(".")[0])
            if len(self._ended) > self.ENDED:
                # Better all than one of them again.
                self._secret, self._ended = secrets.token_bytes(32), set()

    def form_token(self, token: str) -> str:
        """Returns what a page of a session sends along to show that it is one of ours."""
        return self._sign("form", token)

    def _sign(self, purpose: str, text: str) -> str:
        key = hmac.digest(self._secret, self._state.read(FILE) or b"", hashlib.sha256)
        return hmac.new(key, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()
