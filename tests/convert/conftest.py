"""A small run on phantoms, trained once for all tests of the converter."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.__main__ import main as convert
from tests.phantoms import write_dataset
from train.__main__ import main as train


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
    assert train(["fit", str(phantoms), *arguments]) == 0
    return folder


@pytest.fixture(scope="session")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That run, converted to every precision."""
    folder = tmp_path_factory.mktemp("bundles") / "edge"
    # Of a net that has hardly been trained, and of a dozen held-out slices, near ties may flip.
    assert convert(["make", str(run), "--out", str(folder), "--allow-loss"]) == 0
    return folder
