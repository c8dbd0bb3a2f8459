"""The installer, with wheels that are made here and pip's own."""

from __future__ import annotations

import ensurepip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wheelhouse import build, installer
from wheelhouse.build import pack
from wheelhouse.installer import Machine, Place, fault, install, occupied, uninstall
from wheelhouse.pins import RELEASES, pin_of

PI = Machine("linux", "aarch64", 64, "debian 12", "cp311")
HERE = installer.this_machine().python


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "opt" / "otak", tmp_path / "bin" / "otak")


@pytest.mark.parametrize("machine", [PI, PI._replace(release="debian 13", python="cp313")])
def test_a_64_bit_pi_fits(machine: Machine) -> None:
    assert fault(machine, RELEASES) is None
    assert fault(machine._replace(release=f"raspbian {machine.release}"), RELEASES) is None


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (PI._replace(architecture="armv7l", bits=32), "64-bit system"),
        (PI._replace(bits=32), "64-bit system"),  # Raspberry Pi OS (32-bit) with its 64-bit kernel
        (PI._replace(architecture="x86_64"), "64-bit system"),
        (PI._replace(system="darwin"), "64-bit system"),
        (PI._replace(release="debian 11", python="cp39"), "Debian 12 or 13, and this is debian 11"),
        (PI._replace(release="fedora 12"), "this is fedora 12"),
        (PI._replace(release="unknown 0"), "this is unknown 0"),
        (PI._replace(python="cp312"), "this Python is cp312"),
    ],
)
def test_what_does_not_fit_is_told(machine: Machine, reason: str) -> None:
    told = fault(machine, RELEASES)
    assert told is not None and reason in told


def test_on_another_machine_nothing_changes(tmp_path: Path) -> None:
    archive = pack({}, "9.9", tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, archive], env={"HOME": str(home)}, capture_output=True, text=True, check=False
    )
    if fault(installer.this_machine(), RELEASES) is None:
        pytest.skip("this is a machine that it is for")
    assert done.returncode == 1
    assert done.stderr.endswith("Nothing was changed.\n")
    assert list(home.iterdir()) == []


def test_it_installs_replaces_and_uninstalls(tmp_path: Path, place: Place) -> None:
    install(archive_of(tmp_path, "1.0"), place)
    assert said_by(place) == "1.0"
    first = place.folder.resolve()
    assert not (first / "wheels").exists()
    library = next(first.glob("lib/python*/site-packages"))
    assert not list(library.glob("pip*"))
    assert not (library / "numpy" / "core" / "tests").exists()
    assert (library / "numpy" / "core" / "kept.py").exists()

    install(archive_of(tmp_path, "1.1"), place)
    assert said_by(place) == "1.1"
    assert not first.exists()

    state = tmp_path / "state"
    state.write_text("kept", encoding="utf-8")
    assert uninstall(place)
    assert list(place.folder.parent.iterdir()) == list(place.command.parent.iterdir()) == []
    assert state.exists()
    assert not uninstall(place)


def test_a_damaged_file_leaves_what_was_there(tmp_path: Path, place: Place) -> None:
    install(archive_of(tmp_path, "1.0"), place)
    before = place.folder.resolve()
    good = archive_of(tmp_path, "1.1")
    damaged = tmp_path / "damaged.pyz"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            extra = b"more" if name.startswith("wheels/otak-") else b""
            new.writestr(name, old.read(name) + extra)
    with pytest.raises(ValueError, match=r"otak-1\.1-py3-none-any\.whl is damaged"):
        install(damaged, place)
    assert place.folder.resolve() == before
    assert set(place.folder.parent.iterdir()) == {place.folder, before}
    assert said_by(place) == "1.0"


def test_it_takes_the_place_of_nothing_else(place: Place) -> None:
    assert occupied(place) is None
    place.folder.mkdir(parents=True)
    assert "is there already" in str(occupied(place))
    place.folder.rmdir()
    place.command.parent.mkdir()
    place.command.symlink_to("/somewhere/otak")
    assert "another Otak" in str(occupied(place))
    place.command.unlink()
    place.command.write_text("a script", encoding="utf-8")
    assert "is there already" in str(occupied(place))


def test_the_same_wheels_give_the_same_file(tmp_path: Path) -> None:
    one, other = archive_of(tmp_path, "1.0").read_bytes(), archive_of(tmp_path, "1.0").read_bytes()
    assert one == other


def test_it_is_written_for_old_pythons() -> None:
    compile(build.INSTALLER.read_bytes(), "installer", "exec", dont_inherit=True)


def archive_of(folder: Path, version: str) -> Path:
    """Packs a small Otak for this machine's Python."""
    wheel = folder / f"otak-{version}-py3-none-any.whl"
    info = f"otak-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as packed:
        entries = {
            "edge.py": f"def main():\n    print({version!r})\n",
            "numpy/core/kept.py": "",
            "numpy/core/tests/test_it.py": "",
            "numpy/tests/test_it.py": "",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: otak\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": "[console_scripts]\notak = edge:main\n",
        }
        for name, text in entries.items():
            packed.writestr(zipfile.ZipInfo(name), text)
        packed.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "".join(f"{name},,\n" for name in entries))
    pip = next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    line = pin_of(wheel, HERE).line().replace(build.marker_of(pin_of(wheel, HERE)), "")
    files = {
        f"wheels/{wheel.name}": wheel.read_bytes(),
        f"wheels/{pip.name}": pip.read_bytes(),
        f"wheels/{HERE}.txt": f"{line}\n".encode(),
    }
    return pack(files, version, folder)


def said_by(place: Place) -> str:
    return subprocess.run([place.command], capture_output=True, text=True, check=True).stdout.strip()
