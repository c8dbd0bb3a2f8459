"""What this device is in its network, kept true while it serves for months."""

from __future__ import annotations

import logging
import ssl
import threading

from edge_app.lan.addresses import Names, own_names
from edge_app.lan.certificates import authority, server_certificate
from edge_app.lan.state import State, StateError

REFRESHED = 60.0  # seconds

log = logging.getLogger("otak")


class Device:
    """Names, authority and certificate of this device.

    Attributes:
        authority: What phones trust.
        is_new: Whether the authority was made just now.
        tls: Of a server; whoever comes gets the newest certificate.

    Args:
        state: Where the secrets are kept; a first start makes them.

    Raises:
        StateError: They can't be had.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._stopped = threading.Event()
        self._told = ""  # why it couldn't be renewed last
        self._names = own_names()
        self.authority, self.is_new = authority(state, self._names.names[0])
        self._newest = self._context()
        # A context that connections are made from must not be changed.
        self.tls = self._context()
        self.tls.sni_callback = self._use_newest
        state.remember()

    def called(self) -> Names:
        """Returns what it is called now."""
        return self._names

    def refresh(self) -> None:
        """Follows the network's addresses, and renews the certificate where that is due.

        Connections that are made from now on get the new one.
        """
        try:
            self._names = own_names()
            self._newest = self._context()
            # Not a time at which phones trust nothing any longer: it can't be one that was.
            self._state.remember()
        # The old one may be good for weeks.
        except (StateError, OSError) as error:
            if str(error) != self._told:
                log.warning("the certificate can't be renewed: %s", error)
            self._told = str(error)

    def keep_fresh(self) -> None:
        """Refreshes from time to time, in a thread of its own, until ``stop``."""
        threading.Thread(target=self._refresh_often, name="device", daemon=True).start()

    def stop(self) -> None:
        """Refreshes no longer."""
        self._stopped.set()

    def _refresh_often(self) -> None:
        while not self._stopped.wait(REFRESHED):
            self.refresh()

    def _context(self) -> ssl.SSLContext:
        # Of TLS 1.2 and later, and ciphers that are safe today.
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(server_certificate(self._state, self.authority, self._names))
        return context

    def _use_newest(self, connection: ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
        connection.context = self._newest
