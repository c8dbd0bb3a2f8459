"""``--lan``: Otak over HTTPS, and beside it the page that says how to trust it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from ipaddress import ip_address

from flask import Blueprint

from edge_app.classifier import Classifier
from edge_app.lan.addresses import in_url, url
from edge_app.lan.device import Device
from edge_app.lan.pin import Door, new_pin, set_pin, stored_pin
from edge_app.lan.sessions import Sessions
from edge_app.lan.sign_in import sign_in_blueprint
from edge_app.lan.state import State
from edge_app.lan.trust import create_trust_app
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from edge_app.serve.limits import Limits

TRUST_DRAIN = 5.0  # seconds


class LanServer:
    """Both servers, bound to their addresses.

    Attributes:
        device: Its names and certificates.
        pin: The PIN, where none was set and one had to be made.

    Args:
        classifier: Answers every request.
        blueprints: As those of ``create_app``.
        state: Where the secrets are kept.
        host: An address; all of the device's where it is empty.
        port: Of HTTPS.
        trust_port: Of the page over plain HTTP.
        threads: As those of ``Server``.

    Raises:
        OSError: An address can't be had.
        StateError: The secrets can't be had.
    """

    def __init__(
        self,
        classifier: Classifier,
        blueprints: Iterable[Blueprint],
        *,
        state: State,
        host: str,
        port: int,
        trust_port: int,
        threads: int,
    ) -> None:
        self.device = Device(state)
        self._host = host
        sign_in = sign_in_blueprint(Door(state), Sessions(state))
        app = create_app(classifier, (sign_in, *blueprints), self.device.called)
        trust = create_trust_app(self.device.authority, self.urls, self.trust_url, self.device.called)
        self._server = Server(app, host, port, threads=threads, context=self.device.tls)
        # It stops after the other, and systemd waits for both.
        self._trust = Server(trust, host, trust_port, threads=1, limits=Limits(drain=TRUST_DRAIN))
        self.pin = None
        if stored_pin(state) is None:
            self.pin = new_pin()
            set_pin(state, self.pin)

    def urls(self) -> list[str]:
        """Returns where Otak is."""
        return [url("https", host, self._server.port) for host in self._hosts()]

    def trust_url(self) -> str:
        """Returns where the page is that says how to trust it."""
        return url("http", self._hosts()[0], self._trust.port)

    def run(self) -> None:
        """Serves until ``stop``, or until SIGTERM or Ctrl-C."""
        # Ctrl-C may come before either runs; nothing may wait for them then.
        beside = threading.Thread(target=self._trust.run, name="trust", daemon=True)
        beside.start()
        self.device.keep_fresh()
        self._server.run()
        self.device.stop()
        self._trust.stop()
        beside.join()

    def stop(self) -> None:
        """Has ``run`` return; from any thread."""
        self._server.stop()

    def _hosts(self) -> tuple[str, ...]:
        """Returns what it is called where it listens."""
        found = self.device.called()
        try:
            only = ip_address(self._host)
        except ValueError:
            return found.hosts
        return found.hosts if only.is_unspecified else (in_url(only), *found.names)
