"""A worker that is killed before it has begun, as where a device's memory is full."""

from __future__ import annotations

import os
import signal


def main() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
