"""Packs bundles into ZIP files, good ones and bad ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

from edge_app.bundle import Bundle


def files_of(folder: Path) -> dict[str, bytes]:
    """Returns what of a bundle travels, by name."""
    named = [file.path for file in Bundle.load(folder).files]
    beside = ("bundle.json", "expected.json", "provenance.json", "about.json", "card.md")
    return {name: (folder / name).read_bytes() for name in (*named, *beside) if (folder / name).exists()}


def pack(path: Path, files: dict[str, bytes], top: str = "") -> Path:
    """Writes a ZIP file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(top + name, data)
    return path
