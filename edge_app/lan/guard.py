"""What every request must be, on loopback too: meant for this device, and sent by its own page or a program.

A web page from anywhere may make a browser send requests to this device, or have its own name point here (DNS
rebinding). Browsers say so in the headers ``Host``, ``Origin`` and ``Sec-Fetch-Site``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address

from flask import Flask, abort, request

from edge_app.lan.addresses import LOOPBACK_NAME, Names, in_url

SAFE = ("GET", "HEAD", "OPTIONS")
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")

Called = Callable[[], Names]


def alone() -> Names:
    """Returns what a device is called that answers nobody else."""
    return Names((), ())


def register(app: Flask, called: Called) -> None:
    """Makes an app refuse what was sent to another host, and what another site's page sent.

    Args:
        app: Refuses them before anything else of it runs.
        called: Tells the device's names and addresses beyond those of loopback, at any time.
    """

    @app.before_request
    def check() -> None:
        host, names = _host(), called()
        if not _is_loopback(host) and host not in names.hosts:
            abort(421)
        # Who has no address didn't come by a network.
        if request.remote_addr and not names.is_near(request.remote_addr):
            abort(403)
        if request.method not in SAFE and not _from_own_page():
            abort(403)


def _host() -> str:
    """Returns the host that was asked for, as an address line has it; empty where it is none."""
    found = HOST.fullmatch(request.headers.get("Host", "").lower())
    name = found[1].removesuffix(".") if found else ""
    try:
        return in_url(ip_address(name.strip("[]")))
    except ValueError:
        return name


def _is_loopback(host: str) -> bool:
    try:
        return host == LOOPBACK_NAME or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _from_own_page() -> bool:
    """Programs send neither header, and no browser leaves out ``Origin`` where it sends something."""
    own = f"{request.scheme}://{request.headers['Host']}".lower()
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    return origin in (None, own) and site in (None, "same-origin")
