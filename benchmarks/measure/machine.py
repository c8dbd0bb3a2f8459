"""Where a benchmark ran."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from benchmarks.errors import BenchmarkError

MAX_BUSY = 0.1
WATCHED = 2  # seconds
PACKAGES = ("otak", "ai-edge-litert", "tflite-runtime", "onnxruntime", "numpy", "pillow")


@dataclass(frozen=True)
class Machine:
    """The machine and the software that figures hold for.

    Attributes:
        cpu: Its model, or the board's.
        cores: Logical ones.
        system: Kernel and architecture.
        python: Version.
        packages: Version by distribution, of those installed.
    """

    cpu: str
    cores: int
    system: str
    python: str
    packages: dict[str, str]


def this_machine() -> Machine:
    """Describes the machine that runs this."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        system=platform.platform(),
        python=platform.python_version(),
        packages=_packages(),
    )


def _cpu() -> str:
    # A Raspberry Pi names its board here and has no "model name" in cpuinfo.
    board = Path("/proc/device-tree/model")
    if board.exists():
        return board.read_text().strip("\0\n ")
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _packages() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def check_idle() -> None:
    """Makes sure that nothing else keeps this machine's cores busy; timings would tell of that instead.

    Raises:
        BenchmarkError: More than ``MAX_BUSY`` of their time goes to other work.
    """
    before = _cpu_times()
    time.sleep(WATCHED)
    after = _cpu_times()
    if before is None or after is None:
        return
    (idle, whole), (idle_later, whole_later) = before, after
    busy = 1 - (idle_later - idle) / max(whole_later - whole, 1)
    if busy > MAX_BUSY:
        raise BenchmarkError(
            f"The machine is {busy:.0%} busy with other work; timings wait until it is idle. Try again then."
        )


def _cpu_times() -> tuple[int, int] | None:
    """Returns the idle and the whole time of all cores so far; None where the system doesn't tell."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    times = [int(word) for word in stat.read_text().split("\n", 1)[0].split()[1:]]
    return times[3] + times[4], sum(times)


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
