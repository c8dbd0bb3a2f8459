"""Evaluating a run: what its net says of the test part, written down for every later step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from evaluation import metrics as scores
from evaluation import predictions as table
from evaluation.labels import NAMES
from evaluation.predictions import KERAS, SlicePrediction, most_probable
from evaluation.tables import NONE, Table, part_table, percent, share
from train import figures
from train.data.arrays import Arrays
from train.data.dataset import Slice
from train.data.protocols import Split, copies
from train.run import Run
from train.run_metrics import RunMetrics, TrainingShare

BATCH = 32


def evaluate(run: Run, net: keras.Model, arrays: dict[str, Arrays], parts: Split) -> RunMetrics:
    """Evaluates a trained net on its run's test part; writes predictions, metrics and figures.

    Args:
        run: The run.
        net: Its net.
        arrays: By role; ``train``, ``test``, and ``mixed`` where the split has such slices.
        parts: The split.
    """
    roles = [role for role in ("test", "mixed") if role in arrays]
    probabilities = np.concatenate([_predict(net, arrays[role]) for role in roles])
    tested = parts.test + parts.mixed
    # Under ``paper`` the validation part is the test part.
    unseen = set(parts.test)
    seen = parts.train + [slice_ for slice_ in parts.validation if slice_ not in unseen]
    copied = copies(tested, seen)
    table.write(run.folder / table.NAME, _rows(tested, copied, probabilities))
    # All figures come from the table as it is written, so that anybody can repeat them.
    predictions = table.read(run.folder / table.NAME)
    metrics = RunMetrics(
        protocol=run.config.protocol,
        state=run.state,
        training_seconds=run.seconds,
        training=_training_share(net, arrays["train"]),
        folds=(),
        metrics=scores.evaluate(predictions, NAMES),
    )
    metrics.save(run.folder)
    figures.draw(run.folder, predictions, metrics.metrics)
    figures.draw_mistakes(run.folder, net, arrays["test"], predictions)
    return metrics


def pool(folder: Path, runs: list[Path]) -> RunMetrics:
    """Evaluates all runs of a cross-validation as one and writes ``metrics.json``.

    Args:
        folder: For the metrics.
        runs: Folders of runs of one protocol whose test parts don't overlap.
    """
    predictions = table.read_all(runs)
    own = [RunMetrics.load(run) for run in runs]
    metrics = RunMetrics(
        protocol=own[0].protocol,
        state="finished",
        training_seconds=sum(each.training_seconds for each in own),
        training=None,
        folds=tuple(each.metrics.overall["accuracy"].value for each in own),
        metrics=scores.evaluate(predictions, NAMES),
    )
    metrics.save(folder)
    return metrics


def show(title: str, metrics: RunMetrics) -> None:
    """Prints the paper's table and the headline figures."""
    console = Console()
    console.print(_class_table(title, metrics).grid())
    console.print(part_table("By part, %", "Part", {KERAS: metrics.metrics.parts}, "").grid())
    accuracy = metrics.metrics.overall["accuracy"]
    console.print(f"Accuracy {percent(accuracy)}%; {metrics.training_seconds:.0f} s of training.")
    if metrics.training:
        console.print(f"On what was seen in training: {share(metrics.training.accuracy)}%.")


def _predict(net: keras.Model, arrays: Arrays) -> NDArray[np.float32]:
    count = len(arrays.pixels)
    # A rest would be another shape, compiled anew for every part.
    whole = replace(arrays, pixels=arrays.pixels[np.arange(-(-count // BATCH) * BATCH) % count])
    probabilities: NDArray[np.float32] = net.predict(
        whole.as_input(net.input_shape[-1]), batch_size=BATCH, verbose=0
    )
    return probabilities[:count]


def _rows(
    slices: list[Slice], copied: list[bool], probabilities: NDArray[np.float32]
) -> list[SlicePrediction]:
    rows = []
    for slice_, copy, own in zip(slices, copied, probabilities.tolist(), strict=True):
        by_label = dict(zip(NAMES, own, strict=True))
        predicted, confidence, tumour = most_probable(by_label)
        rows.append(
            SlicePrediction(
                file=KERAS,
                path=slice_.path,
                sha256=slice_.sha256,
                label=slice_.label,
                group=slice_.group,
                source=slice_.source,
                sequence=slice_.sequence,
                plane=slice_.plane,
                copy=copy,
                predicted=predicted,
                confidence=confidence,
                tumour=tumour,
                probabilities=by_label,
            )
        )
    return rows


def _training_share(net: keras.Model, train: Arrays) -> TrainingShare:
    answers = _predict(net, train).argmax(axis=1)
    allowed = train.targets[np.arange(len(answers)), answers]
    return TrainingShare(slices=len(answers), accuracy=float(allowed.mean()))


def _class_table(title: str, metrics: RunMetrics) -> Table:
    def figure(value: float | None) -> str:
        return NONE if value is None else f"{value:.3f}"

    return Table(
        title=f"{title}: the test part",
        columns=("Class", "Precision", "Recall", "F1", "Support"),
        rows=tuple(
            (each.label, figure(each.precision), figure(each.sensitivity), figure(each.f1), str(each.slices))
            for each in metrics.metrics.classes
        ),
        note="",
    )
