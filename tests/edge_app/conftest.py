"""A toy classifier, and what it says of a phantom."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.bundle import Bundle, StudyRule
from edge_app.classifier import Classifier, Prediction
from tests.disks import mounted
from tests.phantoms import phantom


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.fixture
def prediction(classifier: Classifier, glioma: Path) -> Prediction:
    return classifier.predict(glioma)


@pytest.fixture
def study_bundle(toy_bundle: Path, tmp_path: Path) -> Path:
    """The toy bundle with a rule for studies: two slices must reach 0.9."""
    folder = shutil.copytree(toy_bundle, tmp_path / "calibrated")
    replace(Bundle.load(folder), study=StudyRule(rank=2, threshold=0.9)).save()
    return folder


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a folder of phantoms, a letter a slice: ``g`` with a glioma, others without a tumour."""

    def write(letters: str) -> Path:
        folder = tmp_path / f"study {letters}"
        folder.mkdir()
        for place, letter in enumerate(letters):
            # The toy is sure of this glioma.
            head = phantom("glioma", 1) if letter == "g" else phantom("no_tumor", place)
            head.save(folder / f"{place:02d}.png")
        return folder

    return write


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted(folder, "1m"):
        yield folder
