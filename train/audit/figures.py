"""The figures of an audit, without any picture: what ``audit.json`` holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_app import records
from edge_app.records import RecordError, Sha256
from evaluation.statistics import Estimate
from train.audit.thumbnails import Fault
from train.config import Protocol
from train.errors import DataError

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The data set.

    Attributes:
        name: Of its folder.
        sha256: ``evaluation.predictions.fingerprint`` of its slices.
        images: How many files.
        unreadable: Those that can't be used.
    """

    name: str
    sha256: Sha256
    images: int
    unreadable: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Widths and heights; ``common`` are the most frequent with their counts."""

    distinct: int
    smallest: tuple[int, int]
    median: tuple[int, int]
    largest: tuple[int, int]
    common: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class ExactCopies:
    """Identical files: how many beyond the first of each set, and how many sets."""

    copies: int
    sets: int


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many pictures' best match lies between two edges."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class NearCopies:
    """Near-identical pictures.

    Attributes:
        threshold: Correlation from which two pictures count as near-identical.
        thumbnail: Side of what is correlated, pixels.
        copies: Pictures that are near-identical to an earlier one.
        images: Pictures that are near-identical to any.
        clusters: Sets of them.
        largest: Pictures of the largest set.
        histogram: Of each picture's similarity to the one most like it.
    """

    threshold: float
    thumbnail: int
    copies: int
    images: int
    clusters: int
    largest: int
    histogram: Histogram


@dataclass(frozen=True, kw_only=True)
class CopiedInTesting:
    """Pictures of a class in Testing, and how many of them are copies of Training."""

    images: int
    copies: int


@dataclass(frozen=True, kw_only=True)
class Contradicted:
    """Pictures whose label a near-identical one contradicts, and the sets that they form."""

    images: int
    clusters: int


@dataclass(frozen=True, kw_only=True)
class Classless:
    """Pictures that belong to no class: how many, how many different ones, how many in Testing."""

    images: int
    different: int
    testing: int


@dataclass(frozen=True)
class Baseline:
    """How often the nearest neighbour's label is the true one.

    Attributes:
        protocol: See ``train.data.protocols``.
        part: ``all`` of the test part, its ``copies`` of training pictures, or the ``new`` ones.
        slices: How many.
        accuracy: With a 95% interval by a bootstrap over groups.
    """

    protocol: Protocol
    part: str
    slices: int
    accuracy: Estimate


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Groups and folds.

    Attributes:
        own: Whether the data set brought them.
        leaks: Near-identical pairs that lie in two of its folds; None where it brought none.
        number: Of groups.
        folds: Slices by fold and class.
    """

    own: bool
    leaks: int | None
    number: int
    folds: dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of an audit.

    Attributes:
        data: What was audited.
        classes: Slices by part (Training, Testing or all) and class.
        sizes: Of the pictures.
        modes: Pictures by Pillow's name of the pixel format.
        exact: Identical files.
        near: Near-identical pictures.
        testing: By class; empty where the data set has no Training and Testing.
        contradicted: By near-identical pictures.
        classless: By ``use``.
        baselines: What the nearest neighbour in pixels scores.
        groups: Given or made.
        skipped: Why a protocol has no baseline, or the data set no folds.
    """

    data: Audited
    classes: dict[str, dict[str, int]]
    sizes: Sizes
    modes: dict[str, int]
    exact: ExactCopies
    near: NearCopies
    testing: dict[str, CopiedInTesting]
    contradicted: Contradicted
    classless: dict[str, Classless]
    baselines: tuple[Baseline, ...]
    groups: Grouping
    skipped: dict[str, str]


def read(path: Path) -> Figures:
    """Reads an ``audit.json``.

    Raises:
        DataError: It is missing or broken.
    """
    try:
        return records.read(path, Figures, SCHEMA)
    except RecordError as error:
        raise DataError(str(error)) from None
