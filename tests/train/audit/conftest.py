"""A data set with planted faults, and what the audit leaves for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.phantoms import write_dataset
from tests.train.audit.planted import path_of
from tests.train.commands import run
from train.audit.figures import Figures, read


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 phantoms, to which copies, contradictions and damaged files were added."""
    folder = tmp_path_factory.mktemp("audit") / "planted"
    write_dataset(folder, per_class=16, seed=5)
    glioma = folder / path_of("Training", "glioma", "000")
    pituitary = folder / path_of("Training", "pituitary", "000")
    shutil.copy(glioma, folder / path_of("Testing", "glioma", "identical"))
    with Image.open(folder / path_of("Training", "glioma", "001")) as picture:
        picture.save(folder / path_of("Testing", "glioma", "saved_again"), quality=35)
        picture.resize((140, 160)).save(folder / path_of("Testing", "glioma", "resized"))
    with Image.open(folder / path_of("Training", "meningioma", "000")) as picture:
        ImageOps.expand(picture, (40, 10, 20, 60)).save(folder / path_of("Testing", "meningioma", "margin"))
    with Image.open(pituitary) as picture:
        picture.save(folder / path_of("Training", "no_tumor", "contradicts"), quality=60)
    (folder / path_of("Training", "no_tumor", "broken")).write_bytes(glioma.read_bytes()[:3000])
    (folder / path_of("Training", "no_tumor", "empty")).touch()
    return folder


@pytest.fixture(scope="session")
def audited(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command leaves for the planted data set."""
    folder = tmp_path_factory.mktemp("audited")
    done = run("audit", planted, "--out", folder)
    assert done.code == 0, done.err
    assert "4 of the 20 pictures of Testing are copies of Training." in done.out
    return folder


@pytest.fixture(scope="session")
def figures(audited: Path) -> Figures:
    """The figures of the planted data set."""
    return read(audited / "audit.json")
