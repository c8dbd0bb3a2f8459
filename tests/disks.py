"""Small file systems of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mounts a file system of a size, such as ``64k``, in the memory; skips the test where none may be."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield
    finally:
        # What a test left open doesn't matter.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[dict[str, Any]]:
    """Gives options of a process whose every folder for files of its own is full."""
    folder.mkdir()
    with mounted(folder, "64k"):
        with (folder / "everything").open("wb", 0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        environment = os.environ | {"TMPDIR": str(folder), "HOME": str(folder)}
        yield {"cwd": folder, "env": environment | {"PYTHONPATH": os.pathsep.join(sys.path)}}
