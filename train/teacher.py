"""The teacher of a net: a finished run that never saw what its student is judged by."""

from __future__ import annotations

from pathlib import Path

import keras

from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec
from train.config import Teacher, TrainingConfig
from train.data.protocols import SEEN, Split, read_split
from train.errors import DataError
from train.model import networks
from train.run import DataDescription, Run


def check(folder: Path, config: TrainingConfig, data: DataDescription, parts: Split) -> Teacher:
    """Tells whose answers a net would learn from, once it is sure that no answer leaks what is tested.

    Args:
        folder: The teacher's run.
        config: Of the student.
        data: The student's.
        parts: The student's split.

    Raises:
        DataError: The folder holds no finished run, or one of other data, of another split or input, or one
            that has seen a slice of the student's test part.
    """
    run = Run.load(folder)
    if run.state != "finished":
        raise DataError(f"{folder}: this teacher is not finished; go on with it by --resume.")
    if (run.data.sha256, run.data.groups) != (data.sha256, data.groups):
        raise DataError(f"{folder}: this teacher learnt from other data, or from other groups.")
    own, its = config, run.config
    if (its.protocol, its.fold, its.withheld_fold) != (own.protocol, own.fold, own.withheld_fold):
        raise DataError(
            f"{folder}: this teacher is of another split ({_split(its)}) than its student ({_split(own)}); "
            "it may have seen what the student is judged by."
        )
    if _view(run.input) != _view(own.input):
        raise DataError(
            f"{folder}: this teacher sees slices at {run.input.size} pixels or cut otherwise, its student at "
            f"{own.input.size}; train it with --size {own.input.size}, and --backbone-size for a larger view."
        )
    _check_apart(folder, parts)
    return Teacher(
        arch=its.arch,
        weights=Path(its.weights).name if its.weights else None,
        fold=its.fold,
        sha256=sha256(run.model),
    )


def load(folder: Path, mixed_precision: bool = False) -> keras.Model:
    """Loads a teacher's net, which does not learn any more.

    Args:
        folder: Its run.
        mixed_precision: Whether it computes in bfloat16.

    Raises:
        DataError: It is missing or broken, or gives other answers than ours.
    """
    net = networks.load(folder / "model.keras")
    if mixed_precision:
        net = networks.detached(net, "mixed_bfloat16")
    net.trainable = False
    return net


def _check_apart(folder: Path, parts: Split) -> None:
    """Compares hashes, whatever the configurations say: a seed, or older code, may have split otherwise."""
    roles = read_split(folder / "split.csv")
    seen = {digest for digest, role in roles if role in SEEN}
    learnt = {digest for digest, role in roles if role == "train"}
    # Under ``paper`` a file that lies in both parts is a leak of the split itself, with or without a teacher.
    own = {slice_.sha256 for slice_ in parts.train}
    tested = {slice_.sha256 for slice_ in parts.test + parts.mixed} - own
    watched = {slice_.sha256 for slice_ in parts.validation} - own
    if leaks := len(seen & tested | learnt & watched):
        raise DataError(f"{folder}: this teacher has seen {leaks} slices that its student is judged by.")


def _view(spec: InputSpec) -> tuple[int, str, str]:
    return spec.size, spec.crop, spec.contrast


def _split(config: TrainingConfig) -> str:
    if config.protocol != "grouped":
        return config.protocol
    return f"grouped, fold {config.fold}, withheld {config.withheld_fold}"
