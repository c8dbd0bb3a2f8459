"""What is known of images, from a file of their hashes, for data sets that come without a manifest."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from train.data import rows
from train.data.dataset import Slice, words
from train.errors import DataError

NEEDED = ("sha256", "group", "fold")
KNOWN = Path(__file__).parent / "groups"


@dataclass(frozen=True)
class Known:
    """What a groups file says of one image; its columns but the last have these names.

    Attributes:
        group: Images that may show one patient share a group.
        fold: 0 to 4.
        use: See ``train.data.dataset.Slice``, like the next two.
        sequence: Empty where unknown.
        plane: Empty where unknown.
        label_conflict: 1 where a near-identical image carries another label.
        duplicate_of: sha256 of the image that this one is near-identical to, or empty.
    """

    group: str
    fold: int
    use: str = "all"
    sequence: str = ""
    plane: str = ""
    label_conflict: str = "0"
    duplicate_of: str = ""


Groups = Mapping[str, Known]


def find(name: str) -> Path:
    """Returns the groups file that a name means: one that is known here (``sartaj``), else a path."""
    known = KNOWN / f"{name}.csv"
    return known if known.is_file() else Path(name)


def read(path: Path) -> Groups:
    """Reads a groups file.

    Args:
        path: A CSV with the columns sha256, group, fold and optionally the others of ``Known``; an image has
            one row.

    Returns:
        What is known by the image's sha256.

    Raises:
        DataError: The file is missing or broken, or a group lies in two folds.
    """
    groups: dict[str, Known] = {}
    folds: dict[str, int] = {}
    for row in rows.read(path, NEEDED):
        digest, group, fold = row.text("sha256").lower(), row.text("group"), row.count("fold")
        if not digest or not group or fold is None:
            raise DataError(f"{row.where}: needs a sha256, a group and a fold from 0 up.")
        said = words(row)
        known = Known(
            group,
            fold,
            said["use"],
            said["sequence"],
            said["plane"],
            str(int(row.flag("label_conflict"))),
            row.text("duplicate_of").lower(),
        )
        if groups.setdefault(digest, known) != known:
            raise DataError(f"{row.where}: the image {digest[:12]} already has another row.")
        if folds.setdefault(group, fold) != fold:
            raise DataError(f"{row.where}: the group {group} lies in two folds.")
    return groups


def assign(slices: list[Slice], path: Path) -> list[Slice]:
    """Gives slices what a file knows of them; identical files are copies of the first of them.

    Raises:
        DataError: The file is missing or broken, a group lies in two folds, or a slice is not in the file.
    """
    groups = read(path)
    unknown = [slice_.path for slice_ in slices if slice_.sha256 not in groups]
    if unknown:
        raise DataError(
            f"{path}: does not hold {len(unknown)} of the {len(slices)} images, such as {unknown[0]}; "
            "these are other files than those it was made from."
        )
    first: dict[str, str] = {}
    for slice_ in slices:
        first.setdefault(slice_.sha256, slice_.path)
    assigned = []
    for slice_ in slices:
        known = groups[slice_.sha256]
        original = first.get(known.duplicate_of or slice_.sha256, "")
        assigned.append(
            replace(
                slice_,
                group=known.group,
                fold=known.fold,
                use=known.use,
                sequence=known.sequence,
                plane=known.plane,
                conflict=known.label_conflict == "1",
                duplicate_of="" if original == slice_.path else original,
            )
        )
    return assigned


def write(path: Path, slices: list[Slice]) -> None:
    """Writes a groups file; identical files share a row."""
    digests = {slice_.path: slice_.sha256 for slice_ in slices}
    known: dict[str, Known] = {}
    for slice_ in slices:
        original = digests.get(slice_.duplicate_of, "")
        same = known.get(slice_.sha256)
        known[slice_.sha256] = Known(
            group=slice_.group,
            fold=slice_.fold or 0,
            use=slice_.use,
            sequence=slice_.sequence or (same.sequence if same else ""),
            plane=slice_.plane or (same.plane if same else ""),
            label_conflict=str(int(slice_.conflict)),
            duplicate_of="" if original == slice_.sha256 else original,
        )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sha256", *(field.name for field in fields(Known))])
        writer.writerows((digest, *astuple(row)) for digest, row in sorted(known.items()))
