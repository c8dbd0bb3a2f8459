"""A bundle as one ZIP file, unpacked without trusting anything that it says of itself."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from edge_app import about
from edge_app.bundle import NAME, Bundle
from edge_app.bundles import expected, signature
from edge_app.bundles.errors import InstallError
from edge_app.zip_files import FAULTS, open_zip

MAX_FILES = 32
MAX_MEGABYTES = 200
PART = 1 << 16
# Beside the models, which bundle.json names.
KNOWN = {NAME, about.NAME, expected.NAME, signature.NAME, "provenance.json", "card.md", "LICENSE"}
MODELS = (".tflite", ".onnx")


def unpack(path: Path, folder: Path) -> Bundle:
    """Unpacks a ZIP file of a bundle, at its top or in one folder.

    Args:
        path: The ZIP file.
        folder: An empty one.

    Returns:
        The bundle, its hashes checked.

    Raises:
        InstallError: It is no ZIP file, too large, or holds what no bundle does.
        BundleError: It is no bundle, or a broken one.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError
        with open_zip(path) as archive:
            left = MAX_MEGABYTES * 1_000_000
            for name, entry in _entries(archive, path):
                left -= _write(archive, entry, folder / name, left, path)
    # Whatever a damaged file leads zipfile to.
    except FAULTS:
        raise InstallError("no_zip", path=path) from None
    bundle = Bundle.load(folder)
    strays = {each.name for each in folder.iterdir()} - KNOWN - {file.path for file in bundle.files}
    if strays:
        raise InstallError("stray", path=path, name=min(strays))
    return bundle


def _entries(archive: ZipFile, path: Path) -> list[tuple[str, ZipInfo]]:
    """Returns the files of an archive with the names that they get, plain ones."""
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    if len(entries) > MAX_FILES:
        raise InstallError("too_many", path=path, limit=MAX_FILES)
    tops = {PurePosixPath(entry.filename).parent for entry in entries}
    top = tops.pop() if len(tops) == 1 else PurePosixPath()
    found = {}
    for entry in entries:
        name = PurePosixPath(entry.filename).name
        # Also what would leave the folder, or be another file by the time it is read.
        whole = str(top / name) == entry.filename and len(top.parts) <= 1 and ".." not in top.parts
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if not whole or top.is_absolute() or kind not in (0, stat.S_IFREG) or name in found:
            raise InstallError("stray", path=path, name=ascii(entry.filename)[1:-1][:80])
        if name not in KNOWN and not name.endswith(MODELS):
            raise InstallError("stray", path=path, name=ascii(entry.filename)[1:-1][:80])
        if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InstallError("no_zip", path=path)
        found[name] = entry
    return list(found.items())


def _write(archive: ZipFile, entry: ZipInfo, target: Path, left: int, path: Path) -> int:
    """Writes a file, at most as long as there is room for; returns its length."""
    length = 0
    with archive.open(entry) as packed:
        try:
            with target.open("xb") as file:
                while part := packed.read(PART):
                    length += len(part)
                    if length > left:
                        raise InstallError("too_large", path=path, limit=MAX_MEGABYTES)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InstallError("unwritable", path=target.parent, reason=error.strerror) from None
    return length
