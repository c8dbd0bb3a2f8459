"""Where a benchmark ran."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

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
