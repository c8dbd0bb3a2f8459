"""Reading a folder of labelled slices, in any of the layouts that people have."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_app.bundle import sha256
from evaluation.labels import NAMES
from train.data import folders, rows
from train.data.folders import parse_label
from train.data.rows import Row
from train.errors import DataError

# What a manifest's columns may say; empty is unknown, and for ``use`` the same as ``all``.
VOCABULARY = {
    "modality": ("MR", "CT"),
    "sequence": ("T1", "T1C", "T2", "FLAIR", "PD", "other"),
    "plane": ("axial", "coronal", "sagittal"),
    "skull": ("yes", "no"),
    "lesion": ("none", "mass", "other", "doubt"),
    "use": ("all", "train", "ood", "none"),
}
ELSEWHERE = "wide/"  # begins the sources from other hospitals than the paper's data
BOX = ("box_cx", "box_cy", "box_w", "box_h")

LOG = logging.getLogger(__name__)  # shown on stderr where nobody asks for more


@dataclass(frozen=True)
class Slice:
    """One labelled image of a data set.

    Attributes:
        path: Relative to the data set's folder, with forward slashes.
        label: One of ``NAMES``, or ``UNTYPED``.
        sha256: Hash of the file.
        group: Images that may show one patient share a group; the file's hash where nothing is known.
        fold: 0 to 4, or None where no folds were given.
        box: The tumour's box (centre x, centre y, width, height) as fractions of the image, where known.
        conflict: Whether a near-identical image carries another label.
        duplicate_of: The path of an earlier image that this one is near-identical to, or empty.
        source: The collection; those of other hospitals than the paper's data lie under ``wide/``.
        patient: Of the collection, where it names one.
        modality: See ``VOCABULARY``, like the others below.
        sequence: Of the scanner.
        plane: Of the slice.
        skull: Whether it is still in the picture.
        lesion: What is seen.
        use: ``all``; ``train``, patients unknown, for training alone; ``ood`` and ``none``, of no class: out
            of distribution, and a label that the picture contradicts.
    """

    path: str
    label: str
    sha256: str
    group: str
    fold: int | None = None
    box: tuple[float, float, float, float] | None = None
    conflict: bool = False
    duplicate_of: str = ""
    source: str = ""
    patient: str = ""
    modality: str = ""
    sequence: str = ""
    plane: str = ""
    skull: str = ""
    lesion: str = ""
    use: str = "all"

    @property
    def elsewhere(self) -> bool:
        """Whether it comes from other hospitals than the paper's data."""
        return self.source.startswith(ELSEWHERE)

    @property
    def share(self) -> str:
        """``Training`` or ``Testing`` where the path says so, else empty."""
        return folders.part_of(self.path)


def read_dataset(data: Path) -> list[Slice]:
    """Reads a data set: a ``manifest.csv`` where there is one, else class folders.

    What class folders hold beside pictures that are read is logged as a warning.

    Args:
        data: A folder with a ``manifest.csv``, with ``Training`` and ``Testing``, or with one sub-folder a
            class (see ``folders.find``); or a CSV file with the columns path, label and optionally sha256,
            group (or patient), fold, box_cx, box_cy, box_w, box_h, label_conflict, duplicate_of, source,
            patient and those of ``VOCABULARY``, its paths relative to its own folder.

    Returns:
        The slices in a fixed order.

    Raises:
        DataError: Nothing is there, a label or another word is unknown, or a row is broken.
    """
    table = data if _is_table(data) else data / "manifest.csv"
    if table.is_file():
        return _from_table(table)
    if not data.is_dir():
        raise DataError(f"{data}: there is no such folder.")
    found = folders.find(data)
    if not found.pictures:
        lack = f"{data}: holds no images; expected class sub-folders or a manifest.csv."
        raise DataError(f"{lack} {found.left_out}".rstrip())
    if found.left_out:
        LOG.warning(found.left_out)
    return [_from_picture(path, label, data) for path, label in found.pictures]


def root_of(data: Path) -> Path:
    """Returns the folder that the slices' paths are relative to."""
    return data.parent if _is_table(data) else data


def unseen_labels(training: list[Slice]) -> tuple[str, ...]:
    """Returns the labels that a training part holds no slices of, which a net can't learn to tell."""
    seen = {slice_.label for slice_ in training}
    return tuple(name for name in NAMES if name not in seen)


def _is_table(data: Path) -> bool:
    return data.suffix.lower() == ".csv"


def _from_picture(path: Path, label: str, root: Path) -> Slice:
    name = path.relative_to(root).as_posix()
    if not name.isprintable() and "\udc80" <= max(name) <= "\udcff":  # how Python keeps foreign bytes
        raise DataError(f"{path}: its name is in no encoding that is known; rename it.")
    digest = sha256(path)
    return Slice(name, label, digest, group=digest)


def _from_table(table: Path) -> list[Slice]:
    slices: dict[str, Slice] = {}
    for row in rows.read(table, ("path", "label")):
        slice_ = _from_row(row, table)
        if slice_.path in slices:
            raise DataError(f"{row.where}: the file {slice_.path} has an earlier row already.")
        slices[slice_.path] = slice_
    if not slices:
        raise DataError(f"{table}: holds no rows.")
    return list(slices.values())


def _from_row(row: Row, table: Path) -> Slice:
    label = parse_label(row.cells["label"])
    if label is None:
        raise DataError(
            f"{row.where}: the label {row.cells['label']!r} is unknown; expected {', '.join(NAMES)}."
        )
    path = _path_of(row.cells["path"], table.parent)
    if not (table.parent / path).is_file():
        raise DataError(
            f"{row.where}: there is no file {table.parent / path}; paths start at the folder of {table.name}."
        )
    digest = _digest_of(row) or sha256(table.parent / path)
    return Slice(
        path=path,
        label=label,
        sha256=digest,
        group=row.text("group") or row.text("patient") or digest,
        fold=row.count("fold"),
        box=_box_of(row),
        conflict=row.flag("label_conflict"),
        duplicate_of=_path_of(row.text("duplicate_of"), table.parent),
        source=row.text("source"),
        patient=row.text("patient"),
        **words(row),
    )


def _path_of(text: str, root: Path) -> str:
    """Returns a path with forward slashes, also where Windows wrote it."""
    if "\\" in text and not (root / text).is_file():
        text = text.replace("\\", "/")
    return Path(text).as_posix() if text else ""


def _digest_of(row: Row) -> str:
    digest = row.text("sha256").lower()
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        raise DataError(f"{row.where}: {digest[:80]!r} is no SHA-256, which has 64 hex digits.")
    return digest


def _box_of(row: Row) -> tuple[float, float, float, float] | None:
    found = [row.number(column) for column in BOX]
    known = [number for number in found if number is not None and 0 <= number <= 1]
    if found == [None] * len(BOX):
        return None
    if len(known) < len(BOX):
        raise DataError(
            f"{row.where}: a box needs {', '.join(BOX)}, within 0 to 1: fractions of the picture's sides."
        )
    return known[0], known[1], known[2], known[3]


def words(row: Row) -> dict[str, str]:
    """Returns what a row says in the columns of ``VOCABULARY``.

    Raises:
        DataError: A word is not of the vocabulary.
    """
    found = {column: row.word(column, allowed) for column, allowed in VOCABULARY.items()}
    return found | {"use": found["use"] or "all"}


def once(slices: list[Slice]) -> list[Slice]:
    """Returns slices without those that are near-identical to another of them: each picture once."""
    known = {slice_.path: slice_ for slice_ in slices}
    return [slice_ for slice_ in slices if not any(path in known for path in originals(slice_, known))]


def originals(slice_: Slice, known: Mapping[str, Slice]) -> Iterator[str]:
    """Follows a slice to what it is a copy of, and that, where it is known, to what it is a copy of."""
    seen = {slice_.path}
    path = slice_.duplicate_of
    while path and path not in seen:  # a table may go round in a circle
        yield path
        seen.add(path)
        path = known[path].duplicate_of if path in known else ""
