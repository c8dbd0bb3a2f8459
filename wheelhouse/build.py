"""Packs the wheel and all that it needs, for each Python of a Raspberry Pi, into one file."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from wheelhouse.pins import RELEASES, ROOT, Pin, download, pin_of, read_pins

INSTALLER = Path(__file__).with_name("installer.py")
MANIFEST = "manifest.json"
SHEBANG = b"#!/usr/bin/python3\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same wheels give the same file


def build_wheel(folder: Path) -> Path:
    """Builds Otak's own wheel, its page included.

    Raises:
        subprocess.CalledProcessError: It can't be built.
    """
    with tempfile.TemporaryDirectory(dir=folder) as new:
        pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps")
        subprocess.run([*pip, "--wheel-dir", new, str(ROOT)], check=True)  # noqa: S603
        (wheel,) = Path(new).glob("otak-*.whl")
        return Path(shutil.copy(wheel, folder / wheel.name))


def make_wheelhouse(wheel: Path, folder: Path) -> Path:
    """Fetches what was pinned and packs it.

    Args:
        wheel: Otak's own.
        folder: Where the file goes.

    Returns:
        ``otak-VERSION-arm64.pyz``, which Python runs.

    Raises:
        subprocess.CalledProcessError: pip finds a dependency not, or with another hash.
    """
    pins = read_pins()
    with tempfile.TemporaryDirectory(dir=folder) as new:
        files: dict[str, bytes] = {}
        for python in RELEASES.values():
            texts = requirements(pins, python)
            path = Path(new, f"{python}.txt")
            path.write_text(texts, encoding="utf-8")
            download(python, Path(new), ["--no-deps", "--require-hashes", "--requirement", str(path)])
            own = pin_of(wheel, python).line()
            files[f"wheels/{python}.txt"] = f"{own}\n{without_pip(pins, python)}".encode()
        for each in [*Path(new).glob("*.whl"), wheel]:
            files[f"wheels/{each.name}"] = each.read_bytes()
    return pack(files, wheel.name.split("-")[1], folder)


def requirements(pins: tuple[Pin, ...], python: str) -> str:
    """Returns all pins of a Python, as pip reads them on any machine."""
    return "".join(f"{pin.line().replace(marker_of(pin), '')}\n" for pin in pins if pin.python == python)


def without_pip(pins: tuple[Pin, ...], python: str) -> str:
    """Returns what goes into the environment: pip itself only installs it."""
    return requirements(tuple(pin for pin in pins if pin.name != "pip"), python)


def marker_of(pin: Pin) -> str:
    """Returns what of a pin's line would be judged by the Python that downloads."""
    return pin.line().partition(f"=={pin.version}")[2].partition(" --hash")[0]


def pack(files: dict[str, bytes], version: str, folder: Path) -> Path:
    """Writes the file.

    Args:
        files: Their contents by name.
        version: Otak's.
        folder: Where it goes.
    """
    manifest = {
        "version": version,
        "releases": RELEASES,
        "sha256": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }
    path = folder / f"otak-{version}-arm64.pyz"
    with path.open("wb") as out:
        out.write(SHEBANG)
        with zipfile.ZipFile(out, "w") as packed:
            entries = {
                "__main__.py": INSTALLER.read_bytes(),
                MANIFEST: json.dumps(manifest, indent=1).encode(),
            }
            for name, content in (entries | dict(sorted(files.items()))).items():
                packed.writestr(zipfile.ZipInfo(name, EPOCH), content)
    path.chmod(0o755)
    return path
