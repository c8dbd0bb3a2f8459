"""Roots of Debian for ARM, and the emulator, through apt's own download; nothing is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Nothing of a desktop, and no venv: what the wheelhouse needs at most is there on every Pi.
PACKAGES = ("base-files", "python3", "ca-certificates", "libstdc++6", "libgomp1", "coreutils", "dash")
# Since Debian 12 these are links into /usr, which the packages of the base take for granted.
MERGED = ("bin", "lib", "sbin")


@dataclass(frozen=True)
class Release:
    """One that Raspberry Pi OS stands on.

    Attributes:
        version: Debian's.
        suite: Its name in the archive.
        python: That comes with it, as in a wheel's tag.
    """

    version: int
    suite: str
    python: str


RELEASES = (Release(12, "bookworm", "cp311"), Release(13, "trixie", "cp313"))
# qemu 7.2 of Debian 12 crashes LiteRT and computes int8 wrongly. proot of 13 needs a newer C library.
EMULATORS = {RELEASES[1]: ("qemu-user",), RELEASES[0]: ("proot", "libtalloc2", "libarchive13")}


@dataclass(frozen=True)
class Emulator:
    """qemu-user and proot, unpacked.

    Attributes:
        qemu: Static, for aarch64.
        proot: Runs a program in another root without rights.
        libraries: That proot needs, for ``LD_LIBRARY_PATH``.
    """

    qemu: Path
    proot: Path
    libraries: Path

    def command(self, root: Path, cpu: str, folders: Iterable[Path], inside: list[str]) -> list[str]:
        """Says how a command runs in a root.

        Args:
            root: Made by ``make_root``.
            cpu: As qemu names it, say ``cortex-a72``.
            folders: Of this machine, seen in the root by the same path.
            inside: The command.
        """
        binds = [part for folder in ("/dev", "/proc", *folders) for part in ("-b", str(folder))]
        return [
            "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", "LANG=C.UTF-8",
            f"QEMU_CPU={cpu}", f"LD_LIBRARY_PATH={self.libraries}",
            str(self.proot), "-0", "-q", str(self.qemu), "-r", str(root), "-w", "/root", *binds,
            # qemu is static, and what it runs has its own libraries.
            "/usr/bin/env", "-u", "LD_LIBRARY_PATH", *inside,
        ]  # fmt: skip


def mirror() -> str:
    """Returns where this machine's own Debian comes from.

    Raises:
        RuntimeError: It has no Debian of its own.
    """
    sites = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"], check=True, capture_output=True, text=True
    ).stdout.split()
    for site in sites:
        if site.rstrip("/").endswith("/debian"):
            return site
    raise RuntimeError("apt knows no mirror of Debian: name one")


def make_root(release: Release, folder: Path, site: str) -> Path:
    """Unpacks a Debian for arm64.

    Returns:
        The root, with Python of its release; one made before is used again.
    """
    root = folder / f"debian{release.version}"
    if (root / "usr/bin/python3").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    apt = _Apt(folder / f"apt{release.version}-arm64", release, "arm64", site)
    apt.get("install", "--download-only", "--yes", "--no-install-recommends", *PACKAGES)
    for package in sorted(apt.archives.glob("*.deb")):
        _unpack(package, root)
    for name in ("root", "tmp", "etc/ssl/certs"):
        (root / name).mkdir(parents=True, exist_ok=True)
    # Its packages' scripts have not run, which would have made this.
    authorities = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = b"".join(path.read_bytes() for path in authorities)
    (root / "etc/ssl/certs/ca-certificates.crt").write_bytes(bundle)
    return root


def make_emulator(folder: Path, site: str) -> Emulator:
    """Unpacks qemu and proot for this machine, or uses those unpacked before."""
    root = folder / "emulator"
    machine = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()
    if not (root / "usr/bin/proot").exists():
        root.mkdir(parents=True, exist_ok=True)
        for release, packages in EMULATORS.items():
            apt = _Apt(folder / f"apt{release.version}-{machine}", release, machine, site)
            apt.get("download", *packages)
            for package in sorted(apt.folder.glob("*.deb")):
                _unpack(package, root)
    (libraries,) = {path.parent for path in root.glob("usr/lib/*/libtalloc.so.2")}
    return Emulator(root / "usr/bin/qemu-aarch64", root / "usr/bin/proot", libraries)


class _Apt:
    """apt with folders of its own, which knows nothing of what this machine has installed."""

    def __init__(self, folder: Path, release: Release, architecture: str, site: str) -> None:
        self.folder = folder.absolute()
        self.archives = self.folder / "archives"
        for name in ("etc/apt.conf.d", "etc/preferences.d", "lists/partial", "archives/partial", "state"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {site} {release.suite} main\n", encoding="utf-8"
        )
        settings = {
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
            "APT::Sandbox::User": "root",  # the others can't enter these folders
            "Dir::Etc": f"{self.folder}/etc",
            "Dir::Etc::SourceList": f"{self.folder}/sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State": f"{self.folder}/state",
            "Dir::State::Lists": f"{self.folder}/lists",
            "Dir::State::Status": f"{self.folder}/status",
            "Dir::Cache": str(self.folder),
            "Dir::Cache::Archives": str(self.archives),
        }
        self._config = self.folder / "apt.conf"
        self._config.write_text(
            "".join(f'{name} "{value}";\n' for name, value in settings.items()), encoding="utf-8"
        )
        self.get("update")

    def get(self, *arguments: str) -> None:
        environment = os.environ | {"APT_CONFIG": str(self._config)}
        subprocess.run(["apt-get", "--quiet=2", *arguments], check=True, cwd=self.folder, env=environment)


def _unpack(package: Path, root: Path) -> None:
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as files:
        tar = ["tar", "--extract", "--keep-directory-symlink", "--directory", str(root)]
        subprocess.run(tar, check=True, stdin=files.stdout)
    if files.returncode:
        raise RuntimeError(f"{package} can't be unpacked")
