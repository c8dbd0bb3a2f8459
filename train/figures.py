"""The figures of a run."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from evaluation import plots
from evaluation.labels import LABELS, NO_TUMOUR_INDEX
from evaluation.metrics import Metrics
from evaluation.predictions import KERAS, SlicePrediction
from train.data.arrays import Arrays
from train.model.networks import with_map

MISTAKES, COLUMNS = 24, 6
TITLES = {label.name: label.en for label in LABELS}


def draw(folder: Path, predictions: Sequence[SlicePrediction], metrics: Metrics) -> None:
    """Draws a run's curves, confusion matrix, ROC and reliability into ``figures/``.

    Args:
        folder: The run, with its ``history.csv``.
        predictions: Of its test part.
        metrics: Computed from them.
    """
    with (folder / "history.csv").open(newline="", encoding="utf-8") as file:
        history = list(csv.DictReader(file))
    drawings: dict[str, Callable[[Axes], None]] = {
        "accuracy": partial(_curve, history=history, name="accuracy"),
        "loss": partial(_curve, history=history, name="loss"),
        "confusion": partial(plots.confusion, metrics=metrics),
        "roc": partial(plots.roc, predictions=predictions),
        "reliability": partial(plots.reliability, metrics={KERAS: metrics}),
    }
    (folder / "figures").mkdir(exist_ok=True)
    for name, drawing in drawings.items():
        plots.save(folder / "figures" / f"{name}.png", drawing)


def draw_mistakes(
    folder: Path, net: keras.Model, arrays: Arrays, predictions: Sequence[SlicePrediction]
) -> None:
    """Draws the slices whose true label got the least probability, with their heatmaps, one page.

    Args:
        folder: The run.
        net: The run's net.
        arrays: The slices of known type.
        predictions: What the net says of each, in their order; more may follow.
    """
    wrong = [i for i in range(len(arrays.pixels)) if not predictions[i].right]
    worst = sorted(wrong, key=lambda i: predictions[i].probabilities[predictions[i].label])[:MISTAKES]
    located = with_map(net)
    inputs = arrays.as_input(net.input_shape[-1])
    rows = MISTAKES // COLUMNS
    with plt.rc_context(plots.STYLE):
        figure, grid = plt.subplots(rows, COLUMNS, figsize=(2 * COLUMNS, 2.6 * rows), squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, i in zip(grid.flat, worst, strict=False):
            axes.imshow(arrays.pixels[i, :, :, 0], cmap="gray", extent=(0, 1, 1, 0))
            if located is not None:
                places = located.predict(inputs[i : i + 1], verbose=0)["map"][0]
                heat = 1 - np.asarray(places)[:, :, NO_TUMOUR_INDEX]
                axes.imshow(heat, cmap="inferno", alpha=0.6 * heat, vmin=0, vmax=1, extent=(0, 1, 1, 0))
            found = predictions[i]
            answer = f"{TITLES[found.predicted]} {found.confidence:.0%}"
            axes.set_title(f"{TITLES[found.label]}, answered\n{answer}\n{found.path[-28:]}", fontsize=7)
        figure.savefig(folder / "figures" / "mistakes.png")
        plt.close(figure)


def _curve(axes: Axes, history: list[dict[str, str]], name: str) -> None:
    epochs = [int(row["epoch"]) + 1 for row in history]
    for key, title in ((name, "Training"), (f"val_{name}", "Validation")):
        axes.plot(epochs, [float(row[key]) for row in history], label=title)
    axes.set(xlabel="Epoch", ylabel=name.capitalize(), title=f"{name.capitalize()} by epoch")
    axes.legend()
