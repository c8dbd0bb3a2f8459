"""Where a benchmark ran."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from benchmarks.errors import BenchmarkError
from edge_app.board import cpu

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
        cpu=cpu(),
        cores=os.cpu_count() or 1,
        system=platform.platform(),
        python=platform.python_version(),
        packages=_packages(),
    )


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
