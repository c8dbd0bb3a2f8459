"""Installs Otak from the file that this is the entry of: ``sudo python3 otak-VERSION-arm64.pyz``.

Python's own library alone, of any Python from 3.7 on, so that every Raspberry Pi can say what it lacks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Iterator, NamedTuple  # noqa: UP035

MANIFEST = "manifest.json"
NEEDED = 400 * 1024**2  # bytes, the wheels unpacked for pip among them
# What Otak never loads: an accelerator of LiteRT for other chips, and numpy's own tests.
SPARE = ("ai_edge_litert/libLiteRtWebGpuAccelerator.so", "numpy/**/tests")


class Place(NamedTuple):
    """Where Otak goes.

    Attributes:
        folder: A link to the folder of the version that runs.
        command: A link to the command in it.
    """

    folder: Path
    command: Path


class Machine(NamedTuple):
    """What is asked of a device.

    Attributes:
        system: As Python calls it, ``linux``.
        architecture: Of the kernel.
        bits: Of the programs; Raspberry Pi OS (32-bit) has a 64-bit kernel.
        release: ``ID`` and ``ID_LIKE`` of ``/etc/os-release``, and its ``VERSION_ID``.
        python: As in a wheel's tag.
    """

    system: str
    architecture: str
    bits: int
    release: str
    python: str


def this_machine() -> Machine:
    """Asks this device."""
    return Machine(
        sys.platform,
        platform.machine(),
        64 if sys.maxsize > 2**32 else 32,
        _release(Path("/etc/os-release")),
        "cp{}{}".format(*sys.version_info[:2]),
    )


def fault(machine: Machine, releases: dict[str, str]) -> str | None:
    """Says why Otak can't be installed.

    Args:
        machine: Where it shall go.
        releases: Versions of Debian and the Python of each.

    Returns:
        A sentence; None where it can.
    """
    if machine.system != "linux" or machine.architecture != "aarch64" or machine.bits != 64:
        found = f"{machine.system}, {machine.architecture}, {machine.bits} bits"
        return (
            f"Otak needs a 64-bit system on ARM, and this is {found}. Write Raspberry Pi OS (64-bit) on the "
            "card: a Pi 3, 4, 5 or Zero 2 W runs it."
        )
    *names, version = machine.release.split()
    if "debian" not in names or version not in releases:
        known = " or ".join(releases)
        return f"This file is for Raspberry Pi OS or Debian {known}, and this is {machine.release}."
    if machine.python != releases[version]:
        return (
            f"Debian {version} comes with {releases[version]}, and this Python is {machine.python}: say "
            "/usr/bin/python3."
        )
    return None


def default_place() -> Place:
    """Returns where root installs for everybody, and anybody else for themselves."""
    if os.geteuid() == 0:
        return Place(Path("/opt/otak"), Path("/usr/local/bin/otak"))
    local = Path.home() / ".local"
    return Place(local / "share/otak", local / "bin/otak")


def occupied(place: Place) -> str | None:
    """Says what of somebody else's is in the way; None where nothing is."""
    for path in place:
        if path.exists() and not path.is_symlink():
            return f"{path} is there already, and is not from this file: move it away first."
    if place.command.is_symlink() and os.readlink(str(place.command)) != str(place.folder / "bin" / "otak"):
        return f"{place.command} leads to another Otak: take that away first."
    return None


def install(archive: Path, place: Place) -> None:
    """Installs beside an older version and then changes over, so that a power cut leaves one of both.

    Args:
        archive: The file with the wheels.
        place: Where it goes.

    Raises:
        ValueError: A wheel is not what was packed.
        subprocess.CalledProcessError: pip refused.
    """
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    place.command.parent.mkdir(parents=True, exist_ok=True)
    before = place.folder.resolve() if place.folder.is_symlink() else None
    with zipfile.ZipFile(archive) as packed:
        manifest = json.loads(packed.read(MANIFEST).decode("utf-8"))
        stem = f"{place.folder.name}-{manifest['version']}-"
        folder = Path(tempfile.mkdtemp(prefix=stem, dir=str(place.folder.parent)))
        try:
            folder.chmod(0o755)
            _fill(folder, packed, manifest["sha256"])
        except BaseException:
            shutil.rmtree(str(folder), ignore_errors=True)
            raise
    _link(place.folder, folder)
    _link(place.command, place.folder / "bin" / "otak")
    if before is not None:
        shutil.rmtree(str(before), ignore_errors=True)


def uninstall(place: Place) -> bool:
    """Takes away what ``install`` put there, and no case and no key.

    Returns:
        Whether something was there.
    """
    found = place.folder.is_symlink()
    if found:
        folder = place.folder.resolve()
        if place.command.is_symlink():
            place.command.unlink()
        place.folder.unlink()
        shutil.rmtree(str(folder), ignore_errors=True)
    return found


def main() -> int:
    """Installs or uninstalls; returns the exit code."""
    archive = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(prog=archive.name, description="Installs Otak without internet.")
    parser.add_argument("--uninstall", action="store_true", help="takes Otak away, and leaves its data")
    uninstalls = parser.parse_args().uninstall
    place = default_place()
    with zipfile.ZipFile(archive) as packed:
        releases = json.loads(packed.read(MANIFEST).decode("utf-8"))["releases"]
    reason = occupied(place) or (None if uninstalls else fault(this_machine(), releases) or _full(place))
    if reason is not None:
        print(f"{reason}\nNothing was changed.", file=sys.stderr)
        return 1
    if uninstalls:
        print(f"Otak was taken away from {place.folder}." if uninstall(place) else "Otak is not installed.")
        return 0
    print(f"Installing into {place.folder}; this takes some minutes.", flush=True)
    try:
        install(archive, place)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"{error}\nOtak was not installed; what was there before is still there.", file=sys.stderr)
        return 1
    print(f"Otak is installed: {place.command} serve")
    return 0


def _fill(folder: Path, packed: zipfile.ZipFile, hashes: dict[str, str]) -> None:
    wheels = folder / "wheels"
    for name, sha256 in hashes.items():
        content = packed.read(name)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"{name} is damaged: copy the file anew.")
        path = wheels / Path(name).name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    # Debian's venv has no pip, unless another package is there.
    venv.EnvBuilder(symlinks=True).create(str(folder))
    (pip,) = wheels.glob("pip-*.whl")
    (requirements,) = wheels.glob(f"{this_machine().python}.txt")
    foreign = ("PIP_", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment["PIP_CONFIG_FILE"] = os.devnull
    python = folder / "bin" / "python"
    options = ["--no-index", "--no-cache-dir", "--disable-pip-version-check", "--quiet", "--require-hashes"]
    command = [str(python), f"{pip}/pip", "install", *options, "--find-links", str(wheels)]
    subprocess.run([*command, "-r", str(requirements)], check=True, env=environment)  # noqa: S603
    shutil.rmtree(str(wheels))
    library = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    for path in _spare(library):
        shutil.rmtree(str(path), ignore_errors=True) if path.is_dir() else path.unlink()


def _spare(library: Path) -> Iterator[Path]:
    for pattern in SPARE:
        # One may lie in another that is gone by then.
        yield from (path for path in list(library.glob(pattern)) if path.exists())


def _link(path: Path, target: Path) -> None:
    new = path.with_name(f".{path.name}.new")
    if new.is_symlink():
        new.unlink()
    new.symlink_to(target)
    new.replace(path)


def _full(place: Place) -> str | None:
    parent = next(path for path in place.folder.parents if path.exists())
    free = shutil.disk_usage(str(parent)).free
    if free >= NEEDED:
        return None
    return f"{parent} has {free // 1024**2} MB left, and {NEEDED // 1024**2} MB are needed."


def _release(path: Path) -> str:
    if not path.exists():
        return "unknown 0"
    pairs = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    values = [pairs.get(name, "").strip("\"'") for name in ("ID", "ID_LIKE", "VERSION_ID")]
    return " ".join(filter(None, [*values[:2], values[2] or "0"]))


if __name__ == "__main__":
    sys.exit(main())
