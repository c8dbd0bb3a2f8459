"""A small run on phantoms, trained once for all tests of the converter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.phantoms import write_dataset
from train.__main__ import main


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 phantoms to train on and 16 to test on."""
    folder = tmp_path_factory.mktemp("phantoms")
    write_dataset(folder, per_class=16, seed=5)
    return folder


@pytest.fixture(scope="session")
def run(phantoms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the net ``edge``, small and short."""
    folder = tmp_path_factory.mktemp("runs") / "edge"
    arguments = ["--protocol", "official", "--size", "64", "--epochs", "2", "--out", str(folder)]
    assert main(["fit", str(phantoms), *arguments]) == 0
    return folder
