"""The figures of a run."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from evaluation.labels import LABELS, NO_TUMOUR_INDEX
from train.data.arrays import Arrays
from train.evaluation import ECE_BINS
from train.model.networks import with_map

mpl.use("Agg")

MISTAKES = 24
TITLES = [label.en for label in LABELS]
STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.titlesize": "medium",
}


def draw(
    folder: Path, truth: NDArray[np.int64], probabilities: NDArray[np.float32], confusion: list[list[int]]
) -> None:
    """Draws a run's curves, confusion matrix, ROC and calibration into ``figures/``.

    Args:
        folder: The run, with its ``history.csv``.
        truth: int64 (N,), indices of the true labels.
        probabilities: float32 (N, labels).
        confusion: Rows are the truth.
    """
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    with (folder / "history.csv").open(newline="", encoding="utf-8") as file:
        history = list(csv.DictReader(file))
    drawings: dict[str, Any] = {
        "accuracy": lambda axes: _curve(axes, history, "accuracy"),
        "loss": lambda axes: _curve(axes, history, "loss"),
        "confusion": lambda axes: _confusion(axes, np.array(confusion)),
        "roc": lambda axes: _roc(axes, truth, probabilities),
        "calibration": lambda axes: _calibration(axes, truth, probabilities),
    }
    with plt.rc_context(STYLE):
        for name, drawing in drawings.items():
            figure, axes = plt.subplots(figsize=(5, 4))
            drawing(axes)
            figure.savefig(figures / f"{name}.png")
            plt.close(figure)


def draw_mistakes(
    folder: Path,
    net: keras.Model,
    arrays: Arrays,
    probabilities: NDArray[np.float32],
    names: list[str],
) -> None:
    """Draws the slices whose true label got the least probability, with their heatmaps, one page.

    Args:
        folder: The run.
        net: The run's net.
        arrays: The test part.
        probabilities: float32 (N, labels), the net's.
        names: Of the slices.
    """
    truth, answers = arrays.targets.argmax(axis=1), probabilities.argmax(axis=1)
    given = probabilities[np.arange(len(truth)), truth]
    worst = [i for i in np.argsort(given) if answers[i] != truth[i]][:MISTAKES]
    located = with_map(net)
    inputs = arrays.as_input(net.input_shape[-1])
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(MISTAKES // 6, 6, figsize=(12, 2.6 * MISTAKES // 6), squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, i in zip(grid.flat, worst, strict=False):
            axes.imshow(arrays.pixels[i, :, :, 0], cmap="gray", extent=(0, 1, 1, 0))
            if located is not None:
                places = located.predict(inputs[i : i + 1], verbose=0)["map"][0]
                heat = 1 - places[:, :, NO_TUMOUR_INDEX]
                axes.imshow(heat, cmap="inferno", alpha=0.6 * heat, vmin=0, vmax=1, extent=(0, 1, 1, 0))
            answer = f"{TITLES[answers[i]]} {probabilities[i].max():.0%}"
            axes.set_title(f"{TITLES[truth[i]]}, answered\n{answer}\n{names[i][-28:]}", fontsize=7)
        figure.savefig(folder / "figures" / "mistakes.png")
        plt.close(figure)


def _curve(axes: Axes, history: list[dict[str, str]], name: str) -> None:
    epochs = [int(row["epoch"]) + 1 for row in history]
    for key, title in ((name, "Training"), (f"val_{name}", "Validation")):
        axes.plot(epochs, [float(row[key]) for row in history], label=title)
    axes.set(xlabel="Epoch", ylabel=name.capitalize(), title=f"{name.capitalize()} by epoch")
    axes.legend(frameon=False)


def _confusion(axes: Axes, counts: NDArray[np.int64]) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    axes.grid(visible=False)
    axes.set_xticks(range(len(TITLES)), TITLES, rotation=30, ha="right")
    axes.set_yticks(range(len(TITLES)), TITLES)
    axes.set(xlabel="Answer", ylabel="Truth", title="Confusion matrix (slices)")


def _roc(axes: Axes, truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> None:
    curves = [(title, truth == i, probabilities[:, i]) for i, title in enumerate(TITLES)]
    curves.append(("Tumour or not", truth != NO_TUMOUR_INDEX, 1 - probabilities[:, NO_TUMOUR_INDEX]))
    for title, positive, scores in curves:
        if 0 < positive.sum() < len(positive):
            false_positives, true_positives, _ = roc_curve(positive, scores)
            axes.plot(false_positives, true_positives, label=title)
    axes.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC, each answer against the rest")
    axes.legend(frameon=False, loc="lower right")


def _calibration(axes: Axes, truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> None:
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    points = [(confidence[bins == b].mean(), right[bins == b].mean()) for b in np.unique(bins)]
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot(*zip(*points, strict=True), marker="o")
    axes.set(xlabel="Stated probability", ylabel="Share right", title="Calibration", xlim=(0, 1), ylim=(0, 1))
