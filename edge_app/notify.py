"""What systemd is told: that the server is ready, that it still lives, and that it stops."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TextIO

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def notify(state: str) -> None:
    """Tells systemd, where it started this process and wants to know.

    The protocol is that of https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # A name that begins with @ is in no file system.
    place = "\0" + address[1:] if address.startswith("@") else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        # A full socket must not hold up whoever serves.
        told.setblocking(False)
        told.sendto(state.encode(), place)


def watchdog() -> float | None:
    """Returns the seconds after which systemd ends a process that says nothing; None where it doesn't."""
    # It is for the process that it started, not for its children.
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        seconds = int(os.environ.get("WATCHDOG_USEC", "")) / 1e6
    except ValueError:
        return None
    return seconds if seconds > 0 else None


def is_journal(stream: TextIO) -> bool:
    """Tells whether what is printed goes to systemd's journal, where others read it, too.

    The variable's meaning is that of https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html;
    children inherit it, whatever they print to.
    """
    with contextlib.suppress(OSError, ValueError):  # closed, or no file at all
        about = os.fstat(stream.fileno())
        return os.environ.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"
    return False
