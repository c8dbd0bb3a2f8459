"""Runs ``otak`` as a process, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OTAK = [sys.executable, "-m", "edge_app.cli"]


def otak(*arguments: str | int | Path, language: str = "en") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": f"{language}_XX.UTF-8"}
    command = [*OTAK, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", env=environment, timeout=120
    )
