"""Small archives of drawn studies."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from tests.dicoms import dicom
from tests.phantoms import LABELS, phantom


@cache
def slice_file(label: str, seed: int, study: str) -> bytes:
    pixels = np.asarray(phantom(label, seed, 96))
    return dicom(pixels, StudyInstanceUID=study, SeriesInstanceUID=f"{study}.1")


def write_archive(folder: Path, studies: int = 4, slices: int = 3) -> list[str]:
    """Writes studies of a few slices each; returns their paths, sorted."""
    for study in range(studies):
        place = folder / f"study-{study:03d}"
        place.mkdir(parents=True)
        for index in range(slices):
            data = slice_file(LABELS[study % 4], index, f"1.2.{study}")
            (place / f"{index}.dcm").write_bytes(data)
    return sorted(map(str, folder.rglob("*.dcm")))


def multiframe(study: str = "1.2.77") -> bytes:
    frames = np.stack([np.asarray(phantom("glioma", seed, 96)) for seed in range(3)])
    return dicom(frames, StudyInstanceUID=study, SeriesInstanceUID=f"{study}.1")


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/one.dcm", slice_file("glioma", 1, "1.2.88"))
        archive.writestr("b/one.dcm", slice_file("no_tumor", 1, "1.2.88"))
        archive.writestr("notes.txt", "no picture")
