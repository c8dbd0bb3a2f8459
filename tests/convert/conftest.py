"""A small run on phantoms, trained once for all tests of the converter."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.__main__ import main as convert


@pytest.fixture(scope="session")
def phantoms(toy_data: Path) -> Path:
    """64 phantoms to train on and 16 to test on."""
    return toy_data


@pytest.fixture(scope="session")
def run(toy_run: Path) -> Path:
    """A run of the net ``edge``, small and short."""
    return toy_run


@pytest.fixture(scope="session")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That run, converted to every precision."""
    folder = tmp_path_factory.mktemp("bundles") / "edge"
    # Of a net that has hardly been trained, and of a dozen held-out slices, near ties may flip.
    assert convert(["make", str(run), "--out", str(folder), "--allow-loss"]) == 0
    return folder
