"""How a data set is split into training, validation and test."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from evaluation.labels import UNTYPED
from train.data.dataset import DataError, Slice, once, originals

PROTOCOLS = ("paper", "official", "grouped")
FOLDS = 5


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
    training = [one for one in slices if one.label != UNTYPED and one.share == "Training"]
    training = training or [one for one in slices if one.label != UNTYPED and not one.share]
    _check_classes(training, least=5)
    labels = [one.label for one in training]
    train, test = train_test_split(training, test_size=0.2, stratify=labels, random_state=seed)
    return Split(train, test, test)


def _official(slices: list[Slice], seed: int) -> Split:
    training = [one for one in slices if one.label != UNTYPED and one.share == "Training"]
    testing = [one for one in slices if one.label != UNTYPED and one.share == "Testing"]
    if not training or not testing:
        raise DataError("The protocol official needs the folders Training and Testing.")
    return _with_validation(training, testing, seed)


def _grouped(slices: list[Slice], seed: int, fold: int, withheld: int | None) -> Split:
    if any(one.fold is None for one in slices):
        raise DataError(
            "The protocol grouped needs a manifest.csv with the columns group and fold, or --groups."
        )
    _check_folds(slices)
    usable = [one for one in slices if one.use in ("all", "train")]
    training = once([one for one in usable if one.fold not in (withheld, fold) and not one.conflict])
    tested = once([one for one in usable if one.fold == fold and one.use == "all"])
    test = [one for one in tested if one.label != UNTYPED]
    if not test:
        raise DataError(f"The fold {fold} holds no slices.")
    mixed = [one for one in tested if one.label == UNTYPED]
    # Guessed groups say too little to be judged by.
    parts = _with_validation([one for one in training if one.use == "all"], test, seed)
    watched = {one.group for one in parts.validation}
    guessed = [one for one in training if one.use == "train" and one.group not in watched]
    return replace(parts, train=parts.train + guessed, mixed=mixed)


def copies(test: list[Slice], train: list[Slice]) -> list[bool]:
    """Tells which slices of a test part are near-identical to one of the training part."""
    known = {one.path: one for one in test + train}
    trained = {one.path for one in train}
    return [any(path in trained for path in originals(one, known)) for one in test]


def _with_validation(training: list[Slice], test: list[Slice], seed: int) -> Split:
    """Sets a tenth of the training part's groups aside for validation."""
    _check_classes(training, least=10)
    # Every collection from elsewhere is watched too.
    labels = np.array([f"{one.label} {one.source if one.elsewhere else ''}" for one in training])
    groups = np.array([one.group for one in training])
    folds = StratifiedGroupKFold(n_splits=10, shuffle=True, random_state=seed)
    train, validation = next(folds.split(np.zeros(len(training)), labels, groups))
    return Split([training[i] for i in train], [training[i] for i in validation], test)


def _check_folds(slices: list[Slice]) -> None:
    folds: dict[str, set[int | None]] = defaultdict(set)
    for one in slices:
        folds[f"group {one.group}"].add(one.fold)
        if one.patient:
            folds[f"patient {one.patient} of {one.source or 'the data'}"].add(one.fold)
    for name, its_folds in folds.items():
        if len(its_folds) > 1:
            raise DataError(f"The {name} lies in several folds: {', '.join(sorted(map(str, its_folds)))}.")
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
