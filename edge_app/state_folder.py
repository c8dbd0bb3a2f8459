"""Where a device keeps what must outlast a restart."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """Returns the folder that systemd gives a service, else ``otak`` among the user's own state."""
    # systemd names several folders with colons between them.
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    # What is not absolute must be ignored, says the XDG specification.
    base = state if state.is_absolute() else Path.home() / ".local" / "state"
    return base / "otak"
