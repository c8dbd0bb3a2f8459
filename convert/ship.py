"""Puts what travels of a bundle where ``edge_app`` has the one that ships."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from convert.errors import ConversionError
from convert.provenance import NAME as PROVENANCE
from convert.provenance import Provenance
from edge_app.about import NAME as ABOUT
from edge_app.bundle import Bundle, sha256
from edge_app.bundles.expected import NAME as EXPECTED
from edge_app.classifier import SHIPPED
from edge_app.errors import BundleError

CARD = "card.md"


def ship(folder: Path, target: Path = SHIPPED) -> Bundle:
    """Copies a bundle's default file and what is told of it, and describes that file alone.

    The files of the bundle that shipped before are taken away; whatever else lies there stays.

    Args:
        folder: Of a whole bundle.
        target: Where the one that ships lies.

    Raises:
        BundleError: The bundle is broken, or its default is no TFLite file.
        ConversionError: It lacks its card, ``about.json`` or ``expected.json``, or a copy differs.
        RecordError: It lacks its provenance, or something can't be written.
    """
    bundle = Bundle.load(folder)
    Provenance.load(folder)
    for name in (CARD, ABOUT, EXPECTED):
        if not (folder / name).is_file():
            raise ConversionError(f"{folder / name}: is missing; convert the run again.")
    file = bundle.file()
    target.mkdir(parents=True, exist_ok=True)
    for path in _files_of(target) - {file.path}:
        (target / path).unlink(missing_ok=True)
    for name in (file.path, PROVENANCE, CARD, ABOUT, EXPECTED):
        shutil.copyfile(folder / name, target / name)
        if sha256(folder / name) != sha256(target / name):
            raise ConversionError(f"{target / name}: is no true copy; ship the bundle again.")
    replace(bundle, folder=target, files=(file,)).save()
    return Bundle.load(target)


def _files_of(target: Path) -> set[str]:
    try:
        return {file.path for file in Bundle.load(target).files}
    # What is broken or absent is replaced, not read.
    except BundleError:
        return set()
