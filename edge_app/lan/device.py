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

    Args:
        state: Where the secrets are kept; a first start makes them.

    Raises:
        StateError: They can't be had.
    """

    def __init__(self, state: State) -> None:
        self.names: Names = own_names()
        self.authority, self.is_new = authority(state, self.names.names[0])
        # Of TLS 1.2 and later, and ciphers that are safe today.
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(server_certificate(state, self.authority, self.names))
        self._state = state
        self._stopped = threading.Event()
        state.remember()

    def hosts(self) -> tuple[str, ...]:
        """Returns what it is called in an address line."""
        return self.names.hosts

    def refresh(self) -> None:
        """Follows the network's addresses, and renews the certificate where that is due.

        Connections that are made from now on get the new one.
        """
        self.names = own_names()
        self._state.remember()
        try:
            self.tls.load_cert_chain(server_certificate(self._state, self.authority, self.names))
        # The old one may be good for weeks.
        except (StateError, OSError) as error:
            log.warning("the certificate can't be renewed: %s", error)

    def keep_fresh(self) -> None:
        """Refreshes from time to time, in a thread of its own, until ``stop``."""
        threading.Thread(target=self._refresh_often, name="device", daemon=True).start()

    def stop(self) -> None:
        """Refreshes no longer."""
        self._stopped.set()

    def _refresh_often(self) -> None:
        while not self._stopped.wait(REFRESHED):
            self.refresh()
