"""What is built for others: no tests, every licence, and a size that a small card bears."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest

from tests.conftest import ROOT
from wheelhouse.installer import SPARE
from wheelhouse.pins import MOST_BYTES

LICENCES = ("LICENSE", "edge_app/models/LICENSE", "edge_app/web/NOTICES.txt")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source distribution and a wheel, with the page that lies here."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder],
        cwd=ROOT,
        env=os.environ | {"HATCH_BUILD_NO_HOOKS": "true"},
        check=True,
        capture_output=True,
    )
    return folder


def test_the_source_distribution_has_no_tests(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as packed:
        names = [name.partition("/")[2] for name in packed.getnames()]
    assert "edge_app/classifier.py" in names and "edge_app/web/package-lock.json" in names
    assert [name for name in names if "tests" in Path(name).parts or ".test." in name] == []


def test_the_wheel_has_no_tests_and_every_licence(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as packed:
        names = packed.namelist()
        info = next(name.partition("/")[0] for name in names if ".dist-info/" in name)
        for licence in LICENCES:
            assert packed.read(f"{info}/licenses/{licence}") == (ROOT / licence).read_bytes()
    assert [name for name in names if "tests" in Path(name).parts or name.startswith("edge_app/web/")] == []
    assert {name.partition("/")[0] for name in names} == {"edge_app", info}


def test_the_environment_is_small() -> None:
    """On this machine, whose files are a little larger than those on ARM, where make arm measures it."""
    own = sum(path.stat().st_size for path in (ROOT / "edge_app" / "page").rglob("*") if path.is_file())
    needed = sum(sum(sizes(name)) for name in closure("otak"))
    assert own + needed <= MOST_BYTES["12"]


def closure(name: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Returns the distributions that one needs here, all the way down, itself left out."""
    for line in metadata.requires(name) or ():
        needed, _, marker = line.partition(";")
        found = re.match(r"[\w.-]+", needed)
        assert found, line
        if found[0] not in known and "extra ==" not in marker and "win32" not in marker.lower():
            known = closure(found[0], known | {found[0]}) if _is_here(found[0]) else known
    return known


def sizes(name: str) -> Iterator[int]:
    """Yields the bytes of a distribution's files, without those that the installer takes away."""
    for file in metadata.files(name) or ():
        path = Path(str(file.locate()))
        spare = any(fnmatch(str(file), pattern) or fnmatch(str(file), f"{pattern}/*") for pattern in SPARE)
        if path.is_file() and not spare:
            yield path.stat().st_size


def _is_here(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
