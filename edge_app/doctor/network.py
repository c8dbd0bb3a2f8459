"""Of what phones meet: the device's secrets, certificate, name and clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from edge_app import RELEASED
from edge_app.doctor.finding import Finding, attention, bad, good
from edge_app.lan.addresses import OWN_NAME, own_names
from edge_app.lan.certificates import AUTHORITY, LEAF
from edge_app.lan.pin import FILE

AVAHI = Path("/run/avahi-daemon/pid")
SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
SOON = timedelta(days=14)


def permissions(folder: Path) -> Finding:
    """Looks at whether the state folder takes what must be kept, and hides what is secret."""
    try:
        if not folder.exists():
            return good("permissions", "none", path=folder)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return bad("permissions", "closed", path=folder)
        secrets = folder / "lan"
        for path in (secrets, *(secrets / name for name in (AUTHORITY, LEAF, FILE))):
            if path.exists() and path.stat().st_mode & 0o077:
                return bad("permissions", "open", path=path)
    except OSError as error:
        return bad("permissions", "closed", path=error.filename or folder)
    return good("permissions", "safe", path=folder)


def tls(folder: Path) -> Finding:
    """Looks at what phones trust, and at the certificate that it vouches for; makes neither."""
    try:
        authority, leaf = (_certificate(folder / name) for name in (AUTHORITY, LEAF))
    except (OSError, ValueError) as error:
        return bad("tls", "broken", reason=error)
    now = max(datetime.now(UTC), RELEASED)
    if authority is None:
        return good("tls", "none")
    if authority.not_valid_after_utc <= now:
        return bad("tls", "ended")
    if leaf is None or leaf.not_valid_after_utc - SOON <= now:
        return attention("tls", "due")
    return good("tls", "valid", until=f"{leaf.not_valid_after_utc:%Y-%m-%d}")


def _certificate(path: Path) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None


def name() -> Finding:
    """Looks at what the device is called, and whether the network is told."""
    found = own_names().names[0]
    if not AVAHI.exists():
        return attention("name", "untold", name=found)
    return good("name", "told", name=found) if found == OWN_NAME else attention("name", "other", name=found)


def clock() -> Finding:
    """Looks at whether the clock can be right, and whether somebody sets it."""
    now = datetime.now(UTC)
    details = {"now": f"{now:%Y-%m-%d %H:%M} UTC"}
    if now < RELEASED:
        return bad("clock", "past", **details)
    return (good if SYNCHRONIZED.exists() else attention)(
        "clock", "set" if SYNCHRONIZED.exists() else "alone", **details
    )
