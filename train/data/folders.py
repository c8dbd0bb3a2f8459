"""Pictures sorted into class folders, as people keep and unpack them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.labels import NAMES, UNTYPED
from train.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
TRAINING, TESTING = "Training", "Testing"
# Who sets pictures aside to validate on means them for the training side; we set our own aside there.
PARTS = {
    **dict.fromkeys(("training", "train", "validation", "valid", "val"), TRAINING),
    **dict.fromkeys(("testing", "test"), TESTING),
}
_ALIASES = {
    **dict.fromkeys(("no", "notumor", "notumour", "normal", "healthy", "tidak_ada"), "no_tumor"),
    **dict.fromkeys(("yes", "tumor"), UNTYPED),
    **dict.fromkeys(("hipofisis", "tumor_hipofisis"), "pituitary"),
    "menin": "meningioma",
}
_LITTER = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class ClassFolders:
    """What lies in a folder.

    Attributes:
        pictures: Each with its label, in a fixed order: the training part first.
        unread: Number of other files among them, by suffix.
        outside: Pictures that lie in no class folder.
    """

    pictures: list[tuple[Path, str]]
    unread: Counter[str]
    outside: list[Path]

    @property
    def left_out(self) -> str:
        """Says what is there and not read, in a sentence; empty where nothing is."""
        said = []
        if self.unread:
            kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(self.unread.items()))
            said.append(f"files of other kinds than {', '.join(SUFFIXES)}, which must be converted ({kinds})")
        if self.outside:
            count = len(self.outside)
            pictures = "picture" if count == 1 else "pictures"
            said.append(f"{count} {pictures} in no class folder, such as {self.outside[0]}")
        return f"Left out: {'; '.join(said)}." if said else ""


def find(root: Path) -> ClassFolders:
    """Finds the pictures of a folder that holds one sub-folder a class.

    They may lie in parts (see ``PARTS``), and all of it in folders that hold nothing beside. What begins with
    a dot is passed over, and what unpacking on a Mac leaves.

    Raises:
        DataError: A folder among the classes is none.
    """
    pictures: list[tuple[Path, str]] = []
    unread: Counter[str] = Counter()
    for folder, label in _class_folders(root):
        for path in _files(folder):
            if path.suffix.lower() in SUFFIXES:
                pictures.append((path, label))
            elif path.name.lower() not in _LITTER:
                unread[path.suffix.lower() or "without a suffix"] += 1
    inside = {path for path, _ in pictures}
    outside = [path for path in _files(root) if path.suffix.lower() in SUFFIXES and path not in inside]
    return ClassFolders(pictures, unread, outside)


def part_of(path: str) -> str:
    """Returns the part, ``TRAINING`` or ``TESTING``, that a path names; empty where it names none."""
    return next((PARTS[name.lower()] for name in Path(path).parts if name.lower() in PARTS), "")


def parse_label(text: str) -> str | None:
    """Returns the label that a folder's name or a table's cell means, or None."""
    name = text.strip().lower().replace("-", "_").replace(" ", "_").removeprefix("brain_")
    for spelling in (name, name.removesuffix("_tumor").removesuffix("_tumour")):
        label = _ALIASES.get(spelling, spelling)
        if label in (*NAMES, UNTYPED):
            return label
    return None


def _class_folders(folder: Path) -> list[tuple[Path, str]]:
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not _hidden(path.name))
    parts = [path for path in folders if path.name.lower() in PARTS]
    if parts:
        parts.sort(key=lambda path: (PARTS[path.name.lower()] != TRAINING, path.name))
        return [each for part in parts for each in _class_folders(part)]
    labelled = []
    for path in folders:
        label = parse_label(path.name)
        if label is None and len(folders) == 1 and (deeper := _class_folders(path)):
            return deeper
        if label is None:
            raise DataError(f"{path}: is no known class; expected {', '.join(NAMES)}.")
        labelled.append((path, label))
    return labelled


def _files(folder: Path) -> list[Path]:
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if not _hidden(name)]
        yield from (Path(place) / name for name in files if not _hidden(name))


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "@eaDir")
