"""Of the machine: system, processor, disk, memory, and a Raspberry Pi's sensors."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from edge_app.board import CAPPED, HOT, THROTTLED, UNDERVOLTAGE, Health, cpu
from edge_app.doctor.finding import Finding, attention, bad, good

TESTED = {("debian", "12"), ("debian", "13"), ("raspbian", "12"), ("raspbian", "13")}
ARCHITECTURES = ("aarch64", "x86_64")
MEMINFO = Path("/proc/meminfo")
CONTROLLERS = Path("/sys/fs/cgroup/cgroup.controllers")
MEGABYTE = 1_000_000
FULL, NEARLY_FULL = 50, 500  # MB
SMALL, SCARCE = 480, 300  # MB: of all memory, and of what is free for a worker
WARM, TOO_HOT = 70, 80  # degrees Celsius; a Raspberry Pi slows down from 80 on
SINCE_START = 16  # bits to the left


def system() -> Finding:
    """Looks at the operating system."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return attention("system", "other", system=platform.platform())
    known = (release["ID"], release.get("VERSION_ID", "")) in TESTED
    return (good if known else attention)(
        "system", "known" if known else "other", system=release["PRETTY_NAME"]
    )


def architecture() -> Finding:
    """Looks at the processor's kind, and whether Python uses its 64 bits."""
    machine, board = platform.machine(), cpu()
    if sys.maxsize < 2**32:
        return bad("architecture", "short", machine=machine, board=board)
    known = machine in ARCHITECTURES
    return (good if known else attention)(
        "architecture", "known" if known else "other", machine=machine, board=board
    )


def disk(folder: Path) -> Finding:
    """Looks at the room for what a folder will hold."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free // MEGABYTE
    details = {"free": free, "path": there}
    if free < FULL:
        return bad("disk", "full", **details)
    return (attention if free < NEARLY_FULL else good)(
        "disk", "short" if free < NEARLY_FULL else "room", **details
    )


def memory() -> Iterator[Finding]:
    """Looks at how much memory there is, and whether a service can be kept from taking it all."""
    found = _meminfo()
    if found is None:
        yield good("memory", "untold")
    else:
        total, free = found
        details = {"total": total, "free": free}
        if total < SMALL:
            yield bad("memory", "small", **details)
        elif free < SCARCE:
            yield attention("memory", "scarce", **details)
        else:
            yield good("memory", "enough", **details)
    # Raspberry Pi OS starts without it.
    if CONTROLLERS.exists() and "memory" not in CONTROLLERS.read_text(encoding="ascii").split():
        yield attention("memory_limit", "off")


def _meminfo() -> tuple[int, int] | None:
    """Returns megabytes of memory, and those that are free."""
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="ascii").splitlines())
        total, free = (
            int(lines[name].split()[0]) * 1024 // MEGABYTE for name in ("MemTotal", "MemAvailable")
        )
    except (OSError, KeyError, ValueError):
        return None
    return total, free


def temperature(health: Health) -> Finding:
    """Looks at the processor's."""
    if health.celsius is None:
        return good("temperature", "untold")
    details = {"celsius": f"{health.celsius:.0f}"}
    if health.celsius >= TOO_HOT:
        return bad("temperature", "hot", **details)
    return (attention if health.celsius >= WARM else good)(
        "temperature", "warm" if health.celsius >= WARM else "cool", **details
    )


def throttling(health: Health) -> Finding:
    """Looks at whether a Raspberry Pi slows itself down."""
    return _flag("throttling", CAPPED | THROTTLED | HOT, health)


def undervoltage(health: Health) -> Finding:
    """Looks at whether a Raspberry Pi gets too little power, which breaks SD cards."""
    return _flag("undervoltage", UNDERVOLTAGE, health)


def _flag(name: str, bits: int, health: Health) -> Finding:
    if health.throttled is None:
        return good(name, "untold")
    if health.throttled & bits:
        return bad(name, "now")
    return attention(name, "before") if health.throttled & bits << SINCE_START else good(name, "never")
