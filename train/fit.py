"""Training: labelled slices in, a run out."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec
from evaluation.predictions import fingerprint
from train import teacher as teachers
from train.config import PRETRAINED, TrainingConfig
from train.data import folds
from train.data.arrays import Arrays, load_arrays
from train.data.balance import draws
from train.data.dataset import Slice, read_dataset, root_of, unseen_labels
from train.data.protocols import FOLDS, Split, split, write_split
from train.data.siblings import Siblings, load_siblings
from train.environment import environment, now
from train.errors import DataError
from train.evaluate import evaluate, pool
from train.model import networks
from train.model.fitting import Lessons, TargetAccuracy, all_devices, fit
from train.run import FILE, DataDescription, GroupsFile, RoleCounts, Run
from train.run_metrics import RunMetrics

LOG = logging.getLogger(__name__)


def train(
    config: TrainingConfig, data: Path, groups: str | None, out: Path, taught_by: Sequence[Path] = ()
) -> RunMetrics:
    """Trains a net and evaluates it.

    Args:
        config: What is asked for.
        data: The data set.
        groups: A groups file or the name of a known one; None where the data set brings its groups.
        out: For the run; absent or empty.
        taught_by: The runs whose nets it learns from too.

    Raises:
        DataError: The data set lacks what the protocol needs, the folder is in use, or teachers or weights
            are not to be had.
    """
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out}: is not empty; name a new folder, or go on with --resume.")
    if bool(taught_by) != bool(config.recipe.teacher_weight):
        raise DataError("A teacher and a teacher_weight above 0 need each other.")
    if config.arch in PRETRAINED and not config.fine_tune and (taught_by or config.recipe.mix_sequences):
        raise DataError(f"The features of a frozen {config.arch} are computed once; it can't learn so.")
    described, parts = _read_parts(config, data, groups)
    found = tuple(teachers.check(folder, config, described, parts) for folder in taught_by)
    if config.recipe.from_teacher and config.arch not in [teacher.arch for teacher in found]:
        raise DataError(f"from_teacher: no teacher is of the architecture {config.arch}, to begin from.")
    config = replace(config, teachers=found)
    if config.weights:
        _build(config)  # whether the weights are the net's shows before a slice is read
    run = Run(
        folder=out,
        config=config,
        data_folder=str(data),
        groups_file=groups,
        teacher_folders=tuple(map(str, taught_by)),
        data=described,
        environment=environment(),
        started=now(),
        seconds=0.0,
        state="training",
    )
    return _train(run, parts)


def resume(out: Path) -> RunMetrics:
    """Goes on with a run that was killed or interrupted.

    Raises:
        DataError: There is none, it is finished, or a teacher is another by now.
    """
    run = Run.load(out)
    if run.state == "finished":
        raise DataError(f"{out}: this run is finished; there is nothing to resume.")
    described, parts = _read_parts(run.config, Path(run.data_folder), run.groups_file)
    if len(run.teacher_folders) != len(run.config.teachers):
        raise DataError(f"{out / FILE}: does not name a folder for each teacher.")
    for folder, known in zip(run.teacher_folders, run.config.teachers, strict=True):
        if teachers.check(Path(folder), run.config, described, parts) != known:
            raise DataError(f"{folder}: is not the teacher that this run began with.")
    return _train(replace(run, data=described), parts)


def cross_validate(
    config: TrainingConfig, data: Path, groups: str | None, out: Path, taught_by: Sequence[Path] = ()
) -> RunMetrics:
    """Trains one run a fold, evaluates them as one, and keeps those that are finished.

    Args:
        config: Of every run, but for its fold.
        data: The data set.
        groups: As for ``train``.
        out: For a folder a run.
        taught_by: Folders of cross-validations, each of whose runs teaches the one of its fold.

    Raises:
        DataError: The protocol has no folds, or as ``train``.
    """
    if config.protocol != "grouped":
        raise DataError(f"The protocol {config.protocol} has no folds; cross-validate with grouped.")
    folders = [out / f"fold-{fold}" for fold in range(FOLDS)]
    for fold, folder in enumerate(folders):
        if not (folder / "run.json").is_file():
            own = [teacher / folder.name for teacher in taught_by]
            train(replace(config, fold=fold), data, groups, folder, own)
        elif Run.load(folder).state != "finished":
            resume(folder)
        if Run.load(folder).state != "finished":
            raise KeyboardInterrupt
    return pool(out, folders)


def _read_parts(config: TrainingConfig, data: Path, groups: str | None) -> tuple[DataDescription, Split]:
    slices = read_dataset(data)
    file = None
    if groups:
        path = folds.find(groups)
        slices = folds.assign(slices, path)
        file = GroupsFile(name=path.name, sha256=sha256(path))
    parts = split(slices, config.protocol, config.seed, config.fold, config.withheld_fold)
    counts = RoleCounts(**{role: len(own) for role, own in parts.by_role().items()})
    if unseen := unseen_labels(parts.train):
        LOG.warning("No slices to learn from: %s. The net can't tell what it never saw.", ", ".join(unseen))
    described = DataDescription(
        name=data.resolve().name,
        sha256=fingerprint(slices),
        groups=file,
        slices=counts,
        unseen_labels=unseen,
    )
    return described, parts


def _train(run: Run, parts: Split) -> RunMetrics:
    arrays = _load_parts(run, parts)
    lessons = Lessons(
        train=arrays["train"],
        validation=arrays["validation"],
        draws=draws(parts.train, run.recipe) if run.recipe.balanced else None,
        siblings=_load_siblings(run, parts.train),
        teachers=tuple(
            teachers.load(Path(folder), run.config.mixed_precision) for folder in run.teacher_folders
        ),
    )
    run.folder.mkdir(parents=True, exist_ok=True)
    run.save()
    write_split(run.folder / "split.csv", parts)
    start = time.monotonic()
    net, finished = _fit(run, lessons)
    run = replace(
        run,
        seconds=run.seconds + time.monotonic() - start,
        state="finished" if finished else "interrupted",
    )
    _save_model(net, run.folder)
    metrics = evaluate(run, net, arrays, parts)
    run.save()
    if finished:
        (run.folder / "checkpoint.weights.h5").unlink(missing_ok=True)
    return metrics


def _fit(run: Run, lessons: Lessons) -> tuple[keras.Model, bool]:
    """Builds and trains the run's net; returns it, and whether it was left to finish."""
    config = run.config
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy("mixed_bfloat16" if config.mixed_precision else "float32")
    with all_devices() as devices:
        net = _build(config)
        if config.recipe.from_teacher:
            likeness = [teacher.arch for teacher in config.teachers].index(config.arch)
            net.set_weights(lessons.teachers[likeness].get_weights())
        learner, lessons = _learner(net, config.input, lessons)
        finished = fit(
            learner,
            config.recipe,
            lessons,
            run.folder,
            config.seed,
            devices,
            [TargetAccuracy(config.target_accuracy)] if config.target_accuracy else [],
        )
    return networks.detached(net), finished


def _build(config: TrainingConfig) -> keras.Model:
    return networks.build(config.arch, config.input, config.weights, config.fine_tune, config.backbone_size)


def _learner(net: keras.Model, spec: InputSpec, lessons: Lessons) -> tuple[keras.Model, Lessons]:
    """Returns what learns, the net or the head of a frozen one, and what it learns from."""
    parts = networks.split_frozen(net)
    if parts is None:
        return net, lessons
    backbone, head = parts

    def features(arrays: Arrays) -> Arrays:
        return replace(arrays, pixels=backbone.predict(arrays.as_input(spec.channels), verbose=0))

    return head, replace(lessons, train=features(lessons.train), validation=features(lessons.validation))


def _load_siblings(run: Run, slices: list[Slice]) -> Siblings | None:
    if not run.recipe.mix_sequences:
        return None
    return load_siblings(root_of(Path(run.data_folder)), slices, run.input)


def _load_parts(run: Run, parts: Split) -> dict[str, Arrays]:
    root, cache = root_of(Path(run.data_folder)), run.folder.parent / ".cache"
    return {
        role: load_arrays(root, slices, run.input, cache)
        for role, slices in parts.by_role().items()
        if slices
    }


def _save_model(net: keras.Model, folder: Path) -> None:
    """Writes ``model.keras`` and ``model.h5``, never half-written under their names."""
    for suffix in ("keras", "h5"):  # the paper saves h5
        unfinished = folder / f".unfinished.{suffix}"
        net.save(unfinished)
        unfinished.replace(folder / f"model.{suffix}")
