"""Groups and folds from a file of their own, for data sets that come without them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from train.dataset import DataError, Slice

COLUMNS = ("sha256", "group", "fold")
KNOWN = Path(__file__).parent / "groups"

Groups = Mapping[str, tuple[str, int]]


def find(name: str) -> Path:
    """Returns the groups file that a name means: one that is known here (``sartaj``), else a path."""
    known = KNOWN / f"{name}.csv"
    return known if known.is_file() else Path(name)


def read(path: Path) -> Groups:
    """Reads a groups file.

    Args:
        path: A CSV with the columns sha256, group and fold; an image has one row.

    Returns:
        Group and fold by the image's sha256.

    Raises:
        DataError: The file is missing or broken, or a group lies in two folds.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise DataError(f"{path}: lacks the column {' and '.join(sorted(missing))}.")
            return _collect(reader, path)
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}).") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is no CSV ({error}).") from None


def assign(slices: list[Slice], path: Path) -> list[Slice]:
    """Gives slices the groups and folds of a file.

    Raises:
        DataError: The file is missing or broken, a group lies in two folds, or a slice is not in the file.
    """
    groups = read(path)
    strangers = [one.path for one in slices if one.sha256 not in groups]
    if strangers:
        raise DataError(
            f"{path}: does not hold {len(strangers)} of the {len(slices)} images, such as {strangers[0]}; "
            "these are other files than those it was made from."
        )
    pairs = ((one, *groups[one.sha256]) for one in slices)
    return [replace(one, group=group, fold=fold) for one, group, fold in pairs]


def write(path: Path, slices: Iterable[Slice]) -> None:
    """Writes a groups file; identical files share a row."""
    rows = {one.sha256: (one.group, one.fold) for one in slices}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((digest, *row) for digest, row in sorted(rows.items()))


def _collect(rows: Iterable[Mapping[str, str | None]], path: Path) -> Groups:
    groups: dict[str, tuple[str, int]] = {}
    folds: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        digest, group, fold = (row[column] or "" for column in COLUMNS)
        if not digest or not group or not fold.isdecimal():
            raise DataError(f"{path}, line {number}: needs a sha256, a group and a fold from 0 up.")
        if groups.setdefault(digest, (group, int(fold))) != (group, int(fold)):
            raise DataError(
                f"{path}, line {number}: the image {digest[:12]} already has another group or fold."
            )
        if folds.setdefault(group, int(fold)) != int(fold):
            raise DataError(f"{path}, line {number}: the group {group} lies in two folds.")
    return groups
