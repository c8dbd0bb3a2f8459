"""The figures that training and benchmarks share, each drawn onto axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from evaluation.labels import LABELS, NO_TUMOUR_INDEX, UNTYPED
from evaluation.metrics import Metrics, roc_curve
from evaluation.predictions import SlicePrediction
from evaluation.reliability import risk_coverage

mpl.use("Agg")

STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.titlesize": "medium",
    "legend.frameon": False,
}


def save(path: Path, drawing: Callable[[Axes], None], size: tuple[float, float] = (5, 4)) -> None:
    """Draws one figure into a PNG file.

    Args:
        path: Of the file.
        drawing: Draws it.
        size: Width and height in inches.
    """
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=size)
        drawing(axes)
        figure.savefig(path)
        plt.close(figure)


def confusion(axes: Axes, metrics: Metrics, title: str = "Confusion matrix (slices)") -> None:
    """Draws a confusion matrix, coloured by the share of the true class."""
    counts = np.array(metrics.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    names = {label.name: label.en for label in LABELS}
    titles = [names.get(each.label, each.label) for each in metrics.classes]
    axes.grid(visible=False)
    axes.set_xticks(range(len(titles)), titles, rotation=30, ha="right")
    axes.set_yticks(range(len(titles)), titles)
    axes.set(xlabel="Answer", ylabel="Truth", title=title)


def reliability(axes: Axes, metrics: Mapping[str, Metrics]) -> None:
    """Draws how often answers are right by how sure they are, a line a file."""
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
    for name, own in metrics.items():
        points = [(each.confidence, each.accuracy) for each in own.reliability]
        axes.plot(*zip(*points, strict=True), marker="o", label=f"{name}, ECE {own.ece:.3f}")
    axes.set(xlabel="Stated probability", ylabel="Share right", title="Reliability", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize="small")


def risk(axes: Axes, predictions: Mapping[str, Sequence[SlicePrediction]]) -> None:
    """Draws how wrong answers are by how many are given, the surest first, a line a file."""
    for name, rows in predictions.items():
        typed = [each for each in rows if each.label != UNTYPED]
        confidence = np.array([each.confidence for each in typed])
        coverage, wrong = risk_coverage(confidence, np.array([each.right for each in typed]))
        axes.plot(100 * np.array(coverage), 100 * np.array(wrong), label=name)
    axes.set(xlabel="Slices answered, %", ylabel="Wrong answers among them, %", title="Risk and coverage")
    axes.legend(fontsize="small")


def roc(axes: Axes, predictions: Sequence[SlicePrediction]) -> None:
    """Draws the ROC curve of each answer against the rest, and of a tumour against none."""
    typed = [each for each in predictions if each.label != UNTYPED]
    none = LABELS[NO_TUMOUR_INDEX].name
    curves = [
        (
            label.en,
            [each.probabilities[label.name] for each in typed],
            [each.label == label.name for each in typed],
        )
        for label in LABELS
    ]
    curves.append(("Tumour or not", [each.tumour for each in typed], [each.label != none for each in typed]))
    for title, scores, positive in curves:
        if 0 < sum(positive) < len(positive):
            axes.plot(*roc_curve(np.array(scores), np.array(positive)), label=title)
    axes.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC, each answer against the rest")
    axes.legend(loc="lower right")
