"""What a training depends on beside its configuration: versions, device, commit and time."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib import import_module
from pathlib import Path

from train.run import Environment


def environment() -> Environment:
    """Describes where this process trains."""
    # Loads a backend, which the commit alone doesn't need.
    import keras

    backend = keras.backend.backend()
    return Environment(
        python=platform.python_version(),
        keras=keras.__version__,
        backend=f"{backend} {import_module(backend).__version__}",
        device=f"{', '.join(_devices(backend))}; {os.cpu_count()} CPU cores ({platform.machine()})",
        commit=git_commit(),
    )


def _devices(backend: str) -> list[str]:
    import keras

    if backend != "torch":
        devices: list[str] = keras.distribution.list_devices()
        return devices
    cuda = import_module("torch").cuda  # Keras can't list devices there
    return [cuda.get_device_name()] if cuda.is_available() else ["cpu"]


def now() -> str:
    """Returns the local time, ISO 8601 to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def git_commit() -> str:
    """Returns the commit of this checkout, with ``-dirty`` where files were changed; else ``unknown``."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
        result = subprocess.run(  # noqa: S603, the command is constant
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
        return result.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
