"""What was proven: the versions of every dependency for each Python, with the hashes of their files."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = Path(__file__).with_name("constraints.txt")
RELEASES = {"12": "cp311", "13": "cp313"}  # Debian's and its Python
MOST_BYTES = {"12": 170_000_000, "13": 160_000_000}  # of the environment, without pip
# Of the oldest C library there; pip takes each platform by its name alone.
PLATFORMS = ("manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in (17, 27, 28)))
HEAD = """\
# The dependencies that were proven on ARM (make arm), for pip install --require-hashes --requirement.
# python -m wheelhouse pin writes it.
"""
LINE = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[\w.]+) ; python_version == '(?P<python>[\d.]+)' "
    r"--hash=sha256:(?P<sha256>[0-9a-f]{64})"
)


@dataclass(frozen=True, order=True)
class Pin:
    """A dependency's file.

    Attributes:
        name: Of the distribution, as its wheel has it.
        version: Likewise.
        python: As in a wheel's tag, ``cp311``.
        sha256: Of the wheel.
    """

    name: str
    version: str
    python: str
    sha256: str

    def line(self) -> str:
        """Returns it as pip reads it."""
        python = f"{self.python[2]}.{self.python[3:]}"
        return f"{self.name}=={self.version} ; python_version == '{python}' --hash=sha256:{self.sha256}"


def read_pins(path: Path = PINS) -> tuple[Pin, ...]:
    """Reads the file of pins.

    Raises:
        ValueError: A line is none.
    """
    pins = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        found = LINE.fullmatch(line)
        if not found:
            raise ValueError(f"{path}: no pin: {line}")
        python = "cp" + found["python"].replace(".", "")
        pins.append(Pin(found["name"], found["version"], python, found["sha256"]))
    return tuple(pins)


def renew_pins() -> tuple[Pin, ...]:
    """Asks for the newest releases that ``pyproject.toml`` allows, and pins them.

    Raises:
        subprocess.CalledProcessError: pip finds none.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = []
    for python in RELEASES.values():
        with tempfile.TemporaryDirectory() as folder:
            download(python, Path(folder), [*project["dependencies"], "pip"])
            pins += [pin_of(path, python) for path in Path(folder).glob("*.whl")]
    text = HEAD + "".join(f"{pin.line()}\n" for pin in sorted(pins))
    PINS.write_text(text, encoding="utf-8")
    return tuple(sorted(pins))


def pin_of(wheel: Path, python: str) -> Pin:
    """Pins a wheel."""
    name, version, *_ = wheel.name.split("-")
    return Pin(name.replace("_", "-"), version, python, hashlib.sha256(wheel.read_bytes()).hexdigest())


def download(python: str, folder: Path, requirements: list[str]) -> None:
    """Fetches wheels for a Pi's Python.

    Raises:
        subprocess.CalledProcessError: pip finds one not, or with another hash.
    """
    platforms = [option for name in PLATFORMS for option in ("--platform", name)]
    subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python[2:]),
            *("--abi", python, "--abi", "abi3", "--abi", "none", *platforms),
            *("--dest", str(folder), *requirements),
        ],
        check=True,
    )
