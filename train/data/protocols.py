"""How a data set is split into training, validation and test."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from train.config import Protocol
from train.data.dataset import Slice, once, originals
from train.errors import DataError

FOLDS = 5
SEEN = ("train", "validation")  # the roles of what a net learns from, or is chosen by
TEST_FOLD = 0  # of ``grouped``, which no net that ships learns from


@dataclass(frozen=True)
class Split:
    """The roles of a data set's slices under a protocol.

    Attributes:
        train: What the net learns from.
        validation: Watched while it learns; also what thresholds and temperatures may be fitted on.
        test: Looked at once, at the end; never holds slices of unknown type. Under ``grouped`` every picture
            is in a part once.
        mixed: The test fold's tumours of unknown type and of all sequences: does the net see a tumour where
            it can't go by the sequence?
    """

    train: list[Slice]
    validation: list[Slice]
    test: list[Slice]
    mixed: list[Slice] = field(default_factory=list)

    def by_role(self) -> dict[str, list[Slice]]:
        """Returns the slices by role, the roles in a fixed order."""
        return {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
            "mixed": self.mixed,
        }


def split(
    slices: list[Slice],
    protocol: Protocol,
    seed: int = 42,
    fold: int = TEST_FOLD,
    withheld: int | None = TEST_FOLD,
) -> Split:
    """Splits a data set.

    Args:
        slices: The data set.
        protocol: ``paper`` (random 80/20 of Training, where the validation part is the test part, as in the
            paper), ``official`` (Training against Testing), or ``grouped`` (one fold is the test part).
        seed: For every random choice.
        fold: The test fold of ``grouped``.
        withheld: A fold that belongs to no training part, whichever fold is tested; None for none.

    Raises:
        DataError: The data set lacks what the protocol needs.
    """
    if protocol == "paper":
        return _paper(slices, seed)
    if protocol == "official":
        return _official(slices, seed)
    return _grouped(slices, seed, fold, withheld)


def _paper(slices: list[Slice], seed: int) -> Split:
    training = [slice_ for slice_ in slices if slice_.label != UNTYPED and slice_.share == "Training"]
    training = training or [slice_ for slice_ in slices if slice_.label != UNTYPED and not slice_.share]
    _check_classes(training, least=5)
    labels = [slice_.label for slice_ in training]
    train, test = train_test_split(training, test_size=0.2, stratify=labels, random_state=seed)
    return Split(train, test, test)


def _official(slices: list[Slice], seed: int) -> Split:
    training = [slice_ for slice_ in slices if slice_.label != UNTYPED and slice_.share == "Training"]
    testing = [slice_ for slice_ in slices if slice_.label != UNTYPED and slice_.share == "Testing"]
    if not training or not testing:
        raise DataError("The protocol official needs the folders Training and Testing.")
    return _with_validation(training, testing, seed)


def _grouped(slices: list[Slice], seed: int, fold: int, withheld: int | None) -> Split:
    if any(slice_.fold is None for slice_ in slices):
        raise DataError(
            "The protocol grouped needs a manifest.csv with the columns group and fold, or --groups."
        )
    _check_folds(slices)
    usable = [slice_ for slice_ in slices if slice_.use in ("all", "train")]
    training = once(
        [slice_ for slice_ in usable if slice_.fold not in (withheld, fold) and not slice_.conflict]
    )
    tested = once([slice_ for slice_ in usable if slice_.fold == fold and slice_.use == "all"])
    test = [slice_ for slice_ in tested if slice_.label != UNTYPED]
    if not test:
        raise DataError(f"The fold {fold} holds no slices.")
    mixed = [slice_ for slice_ in tested if slice_.label == UNTYPED]
    _check_negatives(test, f"The fold {fold}", slices)
    # Guessed groups say too little to evaluate on.
    parts = _with_validation([slice_ for slice_ in training if slice_.use == "all"], test, seed)
    watched = {slice_.group for slice_ in parts.validation}
    guessed = [slice_ for slice_ in training if slice_.use == "train" and slice_.group not in watched]
    train = parts.train + guessed
    _check_negatives(train, f"The training part of the fold {fold}", slices)
    return replace(parts, train=train, mixed=mixed)


def write_split(path: Path, split: Split) -> None:
    """Writes a run's ``split.csv``: path, sha256, role, label and group of every slice.

    Under the protocol ``paper`` a slice is both validation and test; it is listed once, as test.
    """
    tested = {slice_.path for slice_ in split.test}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "sha256", "role", "label", "group"])
        for role, slices in split.by_role().items():
            for slice_ in slices:
                if role != "validation" or slice_.path not in tested:
                    writer.writerow([slice_.path, slice_.sha256, role, slice_.label, slice_.group])


def read_split(path: Path) -> list[tuple[str, str]]:
    """Reads the hash and the role of every slice of a run's ``split.csv``.

    Raises:
        DataError: It is missing or broken.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [(row["sha256"], row["role"]) for row in csv.DictReader(file)]
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}).") from None
    except (KeyError, UnicodeDecodeError, csv.Error):
        raise DataError(f"{path}: is no table of a split.") from None


def copies(test: list[Slice], train: list[Slice]) -> list[bool]:
    """Tells which slices of a test part are near-identical to one of the training part."""
    known = {slice_.path: slice_ for slice_ in test + train}
    trained = {slice_.path for slice_ in train}
    return [any(path in trained for path in originals(slice_, known)) for slice_ in test]


def _with_validation(training: list[Slice], test: list[Slice], seed: int) -> Split:
    """Sets a tenth of the training part's groups aside for validation."""
    _check_classes(training, least=10)
    # Every collection from elsewhere is watched too.
    labels = np.array([f"{slice_.label} {slice_.source if slice_.elsewhere else ''}" for slice_ in training])
    groups = np.array([slice_.group for slice_ in training])
    folds = StratifiedGroupKFold(n_splits=10, shuffle=True, random_state=seed)
    train, validation = next(folds.split(np.zeros(len(training)), labels, groups))
    return Split([training[i] for i in train], [training[i] for i in validation], test)


def _check_folds(slices: list[Slice]) -> None:
    folds: dict[str, set[int | None]] = defaultdict(set)
    for slice_ in slices:
        folds[f"group {slice_.group}"].add(slice_.fold)
        if slice_.patient:
            folds[f"patient {slice_.patient} of {slice_.source or 'the data'}"].add(slice_.fold)
    for name, its_folds in folds.items():
        if len(its_folds) > 1:
            raise DataError(f"The {name} lies in several folds: {', '.join(sorted(map(str, its_folds)))}.")
    counts = Counter(slice_.label for slice_ in slices if slice_.label != UNTYPED)
    number = len({slice_.fold for slice_ in slices})
    for label, count in sorted(counts.items()):
        if count < number:
            raise DataError(f"The class {label} has only {count} slices for {number} folds.")


def _check_negatives(part: list[Slice], name: str, slices: list[Slice]) -> None:
    """Refuses a part without negatives of a data set that has some: nothing could be cleared there."""
    without = NAMES[NO_TUMOUR_INDEX]
    if any(slice_.label == without for slice_ in slices) and all(slice_.label != without for slice_ in part):
        raise DataError(f"{name} holds no slice without a tumour.")


def _check_classes(slices: list[Slice], least: int) -> None:
    counts = Counter(slice_.label for slice_ in slices if slice_.label != UNTYPED)
    if len(counts) < 2:
        raise DataError(f"The training part needs slices of two classes at least; it has {dict(counts)}.")
    for label, count in sorted(counts.items()):
        if count < least:
            raise DataError(
                f"The class {label} has only {count} slices for training; at least {least} needed."
            )
