"""How a data set is split into training, validation and test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from train.dataset import UNTYPED, DataError, Slice

PROTOCOLS = ("paper", "official", "grouped")
FOLDS = 5


@dataclass(frozen=True)
class Split:
    """The roles of a data set's slices under a protocol.

    Attributes:
        train: What the net learns from.
        validation: Watched while it learns; also what thresholds and temperatures may be fitted on.
        test: Looked at once, at the end; never holds slices of unknown type.
        mixed: The test fold's tumours of unknown type and of all sequences: does the net see a tumour where
            it can't go by the sequence?
    """

    train: list[Slice]
    validation: list[Slice]
    test: list[Slice]
    mixed: list[Slice] = field(default_factory=list)


def split(
    slices: list[Slice], protocol: str, seed: int = 42, fold: int = 0, withheld: int | None = 0
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
    training = [one for one in slices if one.label != UNTYPED and one.part == "Training"]
    training = training or [one for one in slices if one.label != UNTYPED and not one.part]
    _check_classes(training, least=5)
    labels = [one.label for one in training]
    train, test = train_test_split(training, test_size=0.2, stratify=labels, random_state=seed)
    return Split(train, test, test)


def _official(slices: list[Slice], seed: int) -> Split:
    training = [one for one in slices if one.label != UNTYPED and one.part == "Training"]
    testing = [one for one in slices if one.label != UNTYPED and one.part == "Testing"]
    if not training or not testing:
        raise DataError("The protocol official needs the folders Training and Testing.")
    return _with_validation(training, testing, seed)


def _grouped(slices: list[Slice], seed: int, fold: int, withheld: int | None) -> Split:
    if any(one.fold is None for one in slices):
        raise DataError(
            "The protocol grouped needs a manifest.csv with the columns group and fold, or --groups."
        )
    _check_folds(slices)
    training = [one for one in slices if one.fold not in (withheld, fold) and not one.conflict]
    test = [one for one in slices if one.fold == fold and one.label != UNTYPED]
    if not test:
        raise DataError(f"The fold {fold} holds no slices.")
    mixed = [one for one in slices if one.fold == fold and one.label == UNTYPED]
    return replace(_with_validation(training, test, seed), mixed=mixed)


def copies(test: list[Slice], train: list[Slice]) -> list[bool]:
    """Tells which slices of a test part are near-identical to one of the training part."""
    originals = {one.path: one.duplicate_of for one in train + test}
    trained = {one.path for one in train}
    return [any(path in trained for path in _originals(one, originals)) for one in test]


def _originals(one: Slice, originals: dict[str, str]) -> Iterator[str]:
    """Follows a slice to what it is a copy of, and that to what it is a copy of."""
    path = one.duplicate_of
    while path:
        yield path
        path = originals.get(path, "")


def _with_validation(training: list[Slice], test: list[Slice], seed: int) -> Split:
    """Sets a tenth of the training part's groups aside for validation."""
    _check_classes(training, least=10)
    labels = np.array([one.label for one in training])
    groups = np.array([one.group for one in training])
    folds = StratifiedGroupKFold(n_splits=10, shuffle=True, random_state=seed)
    train, validation = next(folds.split(np.zeros(len(training)), labels, groups))
    return Split([training[i] for i in train], [training[i] for i in validation], test)


def _check_folds(slices: list[Slice]) -> None:
    folds: dict[str, set[int | None]] = defaultdict(set)
    for one in slices:
        folds[one.group].add(one.fold)
    for group, its_folds in folds.items():
        if len(its_folds) > 1:
            raise DataError(f"The group {group} lies in several folds: {sorted(map(str, its_folds))}.")
    counts = Counter(one.label for one in slices if one.label != UNTYPED)
    number = len({one.fold for one in slices})
    for label, count in sorted(counts.items()):
        if count < number:
            raise DataError(f"The class {label} has only {count} slices for {number} folds.")


def _check_classes(slices: list[Slice], least: int) -> None:
    counts = Counter(one.label for one in slices if one.label != UNTYPED)
    if len(counts) < 2:
        raise DataError(f"The training part needs slices of two classes at least; it has {dict(counts)}.")
    for label, count in sorted(counts.items()):
        if count < least:
            raise DataError(
                f"The class {label} has only {count} slices for training; at least {least} needed."
            )
