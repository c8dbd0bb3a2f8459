"""The board that this runs on, and its sensors."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Bits of a Raspberry Pi's flags; each stands 16 higher for "since it was started".
UNDERVOLTAGE, CAPPED, THROTTLED, HOT = 0x1, 0x2, 0x4, 0x8


def cpu() -> str:
    """Returns the board's name, else the processor's."""
    # A Raspberry Pi names its board here and has no "model name" in cpuinfo.
    board = Path("/proc/device-tree/model")
    if board.exists():
        return board.read_text().strip("\0\n ")
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


@dataclass(frozen=True)
class Health:
    """Whether a machine runs at full speed; None where it doesn't say.

    Attributes:
        celsius: Of the processor.
        megahertz: Of the first core, now.
        throttled: A Raspberry Pi's flags: bits 0 to 3 hold now, bits 16 to 19 since it was started.
    """

    celsius: float | None
    megahertz: float | None
    throttled: int | None


def health() -> Health:
    """Reads the sensors."""
    celsius = _number("/sys/class/thermal/thermal_zone0/temp")
    kilohertz = _number("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
    return Health(
        celsius=None if celsius is None else celsius / 1000,
        megahertz=None if kilohertz is None else kilohertz / 1000,
        throttled=_throttled(),
    )


def was_throttled(before: Health, after: Health) -> bool | None:
    """Tells whether a Pi slowed down between two readings; None where it doesn't say."""
    if before.throttled is None or after.throttled is None:
        return None
    now = (before.throttled | after.throttled) & 0xF
    return bool(now or after.throttled & ~before.throttled & 0xF0000)


def _number(path: str) -> float | None:
    try:
        return float(Path(path).read_text())
    except (OSError, ValueError):
        return None


def _throttled() -> int | None:
    command = shutil.which("vcgencmd")
    if command is None:
        return None
    result = subprocess.run([command, "get_throttled"], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        return int(result.stdout.partition("=")[2], 16)
    except ValueError:
        return None
