"""Fixtures that the tests of every package share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.phantoms import phantom, write_dataset

ROOT = Path(__file__).parents[1]


def heed_interrupts() -> None:
    """For ``preexec_fn``: a test run in a shell's background ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def toy_bundle() -> Path:
    """The folder of a tiny bundle that tells the phantoms apart."""
    return Path(__file__).parent / "toy_bundle"


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 phantoms to train on and 16 to test on."""
    folder = tmp_path_factory.mktemp("phantoms")
    write_dataset(folder, per_class=16, seed=5)
    return folder


@pytest.fixture(scope="session")
def toy_run(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the net ``edge`` on them, small and short."""
    # The tests of a device need nothing of the workshop.
    from train.__main__ import main

    folder = tmp_path_factory.mktemp("runs") / "edge"
    arguments = ["--protocol", "official", "--size", "64", "--epochs", "2", "--out", str(folder)]
    assert main(["fit", str(toy_data), *arguments]) == 0
    return folder


@pytest.fixture(scope="session")
def otak_data() -> Path:
    """The folder of real slices: ``OTAK_DATA``, or ``../shared/data`` beside the checkout."""
    folder = Path(os.environ.get("OTAK_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"no real slices in {folder}; name their folder in OTAK_DATA")
    return folder


@pytest.fixture
def glioma(tmp_path: Path) -> Path:
    """A JPEG of a phantom with a glioma."""
    path = tmp_path / "glioma.jpg"
    phantom("glioma", seed=1).save(path, quality=90)
    return path
