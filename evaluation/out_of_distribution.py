"""A folder of pictures that are no slice of a brain MRI, each with its kind and the half that it is for."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from edge_app.errors import OtakError

NAME = "sources.csv"
PHOTOGRAPHS = "not_mri"  # a folder of the data set

Half = Literal["train", "judge"]


class SourcesError(OtakError):
    """A folder of out-of-distribution pictures that can't be read; the text names the file."""


@dataclass(frozen=True, kw_only=True)
class OtherPicture:
    """One picture.

    Attributes:
        path: Of the file.
        kind: What it shows, such as ``ct_head``.
        half: ``train``: to fit the rejection on; ``judge``: to evaluate it on. A family of sources is in one.
        family: Of its sources; its kind where the table names none.
    """

    path: Path
    kind: str
    half: Half
    family: str


def read(folder: Path) -> list[OtherPicture]:
    """Reads the ``sources.csv`` of a folder: path, kind, half, family where it has one, and whatever else.

    Raises:
        SourcesError: It is missing or broken, or names a file that is not there.
    """
    path = folder / NAME
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                (row["path"], row["kind"], row["half"], row.get("family") or row["kind"])
                for row in csv.DictReader(file)
            ]
    except OSError as error:
        raise SourcesError(f"{path}: can't be read ({error.strerror}).") from None
    except (KeyError, ValueError, csv.Error) as error:
        raise SourcesError(f"{path}: is broken ({error}).") from None
    pictures = []
    for name, kind, half, family in rows:
        if half not in get_args(Half) or not (folder / name).is_file():
            raise SourcesError(f"{path}: {name!r} is not there, or for no half.")
        side: Half = "train" if half == "train" else "judge"
        pictures.append(OtherPicture(path=folder / name, kind=kind, half=side, family=family))
    return pictures
