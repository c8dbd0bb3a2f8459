"""Why an address can't be had, and what to do."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from edge_app.commands.terminal import say

FIRST = 1024  # port that anybody may have, where the system doesn't say otherwise
UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


def reason(error: OSError, host: str, ports: tuple[int, ...]) -> str:
    """Returns a sentence on why none can listen.

    Args:
        error: Of the attempt.
        host: That was asked for; all addresses where empty.
        ports: That were asked for; which of them it was, the system doesn't say.
    """
    where = {"host": host or say("serve.everywhere"), "port": f" {say('serve.or')} ".join(map(str, ports))}
    option = "--port" if len(ports) == 1 else "--port, --trust-port"
    if isinstance(error, socket.gaierror):
        return say("serve.unknown_host", **where)
    if error.errno == errno.EADDRINUSE:
        return say("serve.taken", **where, option=option)
    if error.errno in (errno.EACCES, errno.EPERM):
        return say("serve.not_allowed", **where, option=option, first=_first())
    if error.errno == errno.EADDRNOTAVAIL:
        return say("serve.not_here", **where)
    return say("serve.failed", **where, reason=error.strerror or error)


def _first() -> int:
    try:
        return int(UNPRIVILEGED.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return FIRST
