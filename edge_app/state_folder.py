"""Where a device keeps what must outlast a restart."""

from __future__ import annotations

import os
from pathlib import Path

SERVICE = Path("/var/lib/otak")  # of the service that otak install-service installs


def state_folder() -> Path:
    """Returns the folder that systemd gives a service, else ``otak`` among the user's own state.

    For the service's own user it is the service's: ``sudo -u otak otak pin`` sets that one's PIN.
    """
    # systemd names several folders with colons between them.
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    if _owner(SERVICE) == os.geteuid():
        return SERVICE
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    # What is not absolute must be ignored, says the XDG specification.
    base = state if state.is_absolute() else Path.home() / ".local" / "state"
    return base / "otak"


def bundles_folder() -> Path:
    """Returns where installed bundles are; for root the service's, which may read what root puts there."""
    given = "STATE_DIRECTORY" in os.environ
    is_for_service = os.geteuid() == 0 and SERVICE.is_dir() and not given
    return (SERVICE if is_for_service else state_folder()) / "bundles"


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None
