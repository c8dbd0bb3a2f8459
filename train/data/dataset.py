"""Reading a folder of labelled slices, in any of the layouts that people have."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edge_app.bundle import sha256
from edge_app.errors import OtakError
from evaluation.labels import NAMES, UNTYPED

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
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")

N = TypeVar("N", int, float)

_ALIASES = {"no": "no_tumor", "notumor": "no_tumor", "normal": "no_tumor", "tumor": UNTYPED}


class DataError(OtakError):
    """A data set that can't be trained on; the text names the file or folder."""


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
        return next((part for part in Path(self.path).parts if part in ("Training", "Testing")), "")


def read_dataset(data: Path) -> list[Slice]:
    """Reads a data set: a ``manifest.csv`` where there is one, else class folders.

    Args:
        data: A folder with a ``manifest.csv``, with ``Training`` and ``Testing``, or with one sub-folder a
            class; or a CSV file with the columns path, label and optionally sha256, group (or patient),
            fold, box_cx, box_cy, box_w, box_h, label_conflict, duplicate_of, source, patient and those of
            ``VOCABULARY``, its paths relative to its own folder.

    Returns:
        The slices in a fixed order.

    Raises:
        DataError: Nothing is there, a label or another word is unknown, or a row is broken.
    """
    table = data if data.suffix == ".csv" else data / "manifest.csv"
    if table.is_file():
        return list(_from_table(table))
    if not data.is_dir():
        raise DataError(f"{data}: there is no such folder.")
    parts = [data / part for part in ("Training", "Testing") if (data / part).is_dir()]
    slices = [slice_ for part in parts or [data] for slice_ in _from_class_folders(part, data)]
    if not slices:
        raise DataError(f"{data}: holds no images; expected class sub-folders or a manifest.csv.")
    return slices


def root_of(data: Path) -> Path:
    """Returns the folder that the slices' paths are relative to."""
    return data.parent if data.suffix == ".csv" else data


def parse_label(text: str) -> str | None:
    """Returns the label that a folder's name or a table's cell means, or None."""
    name = text.strip().lower().replace("-", "_").replace(" ", "_")
    for spelling in (name, name.removesuffix("_tumor").removesuffix("_tumour")):
        label = _ALIASES.get(spelling, spelling)
        if label in (*NAMES, UNTYPED):
            return label
    return None


def _from_class_folders(folder: Path, root: Path) -> Iterator[Slice]:
    for class_folder in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = parse_label(class_folder.name)
        if label is None:
            raise DataError(f"{class_folder}: is no known class; expected {', '.join(NAMES)}.")
        for path in sorted(class_folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES:
                digest = sha256(path)
                yield Slice(path.relative_to(root).as_posix(), label, digest, group=digest)


def _from_table(table: Path) -> Iterator[Slice]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"path", "label"} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{table}: lacks the column {' and '.join(sorted(missing))}.")
        for number, row in enumerate(reader, start=2):
            yield _from_row(row, table, f"{table}, line {number}")


def _from_row(row: Mapping[str, str], table: Path, where: str) -> Slice:
    label = parse_label(row["label"])
    if label is None:
        raise DataError(f"{where}: the label {row['label']!r} is unknown; expected {', '.join(NAMES)}.")
    path = table.parent / row["path"]
    if not path.is_file():
        raise DataError(f"{where}: there is no file {path}.")
    digest = row.get("sha256") or sha256(path)
    numbers = [_number(row.get(column), float, where) for column in ("box_cx", "box_cy", "box_w", "box_h")]
    known = [number for number in numbers if number is not None and math.isfinite(number)]
    return Slice(
        path=row["path"],
        label=label,
        sha256=digest,
        group=row.get("group") or row.get("patient") or digest,
        fold=_number(row.get("fold"), int, where),
        box=(known[0], known[1], known[2], known[3]) if len(known) == 4 else None,
        conflict=row.get("label_conflict") == "1",
        duplicate_of=row.get("duplicate_of") or "",
        source=row.get("source") or "",
        patient=row.get("patient") or "",
        **words(row, where),
    )


def words(row: Mapping[str, str], where: str) -> dict[str, str]:
    """Returns what a row says in the columns of ``VOCABULARY``.

    Args:
        row: By column; a column may be absent.
        where: The row's place, for errors.

    Raises:
        DataError: A word is not of the vocabulary.
    """
    found = {column: row.get(column) or "" for column in VOCABULARY}
    for column, word in found.items():
        if word and word not in VOCABULARY[column]:
            raise DataError(
                f"{where}: the {column} {word!r} is unknown; "
                f"expected {', '.join(VOCABULARY[column])} or nothing."
            )
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


def _number(text: str | None, kind: Callable[[str], N], where: str) -> N | None:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise DataError(f"{where}: {text!r} is no number.") from None
