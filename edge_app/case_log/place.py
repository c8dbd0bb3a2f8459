"""Where a device keeps its cases."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "cases.sqlite"


def default_place() -> Path:
    """Returns the log's file: in what systemd gives a service, else among the user's own state."""
    # systemd names several folders with colons between them.
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if folder:
        return Path(folder) / NAME
    state = os.environ.get("XDG_STATE_HOME", "")
    # What is not absolute must be ignored, says the XDG specification.
    base = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return base / "otak" / NAME
