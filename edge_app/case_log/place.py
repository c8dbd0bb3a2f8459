"""Where a device keeps its cases."""

from __future__ import annotations

from pathlib import Path

from edge_app.lan.state import default_folder

NAME = "cases.sqlite"


def default_place() -> Path:
    """Returns the log's file, beside what --lan keeps."""
    return default_folder().parent / NAME
