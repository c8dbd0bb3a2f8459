"""Where a device keeps its cases."""

from __future__ import annotations

from pathlib import Path

from edge_app.state_folder import state_folder

NAME = "cases.sqlite"


def default_place() -> Path:
    """Returns the log's file."""
    return state_folder() / NAME
