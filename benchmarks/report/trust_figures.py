"""The figures of the trust report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from benchmarks.robustness.corruptions import CORRUPTIONS

mpl.use("Agg")

STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.titlesize": "medium",
}


def draw(folder: Path, bundles: dict[str, dict[str, Any]]) -> None:
    """Draws reliability, risk against coverage, and robustness, all bundles in one figure each.

    Args:
        folder: For the PNG files.
        bundles: By name, as ``trust.json`` holds them.
    """
    with plt.rc_context(STYLE):
        for name, drawing in (("reliability", reliability), ("risk-coverage", risk)):
            figure, axes = plt.subplots(figsize=(5, 4.5))
            drawing(axes, bundles)
            figure.savefig(folder / f"{name}.png")
            plt.close(figure)
        figure, grid = plt.subplots(2, 4, figsize=(13, 6), sharey=True)
        for axes, corruption in zip(grid.flat, CORRUPTIONS, strict=True):
            robustness(axes, corruption, bundles)
        grid.flat[0].legend(fontsize="x-small")
        figure.savefig(folder / "robustness.png")
        plt.close(figure)


def examples(path: Path, drawings: list[tuple[Any, Any, Any, str]]) -> None:
    """Draws slices with heatmap and box.

    Args:
        path: Of the PNG file.
        drawings: Picture, heatmap, box as fractions (centre x, centre y, width, height), title.
    """
    if not drawings:
        return
    with plt.rc_context(STYLE | {"axes.grid": False}):
        columns = 6
        figure, grid = plt.subplots(-(-len(drawings) // columns), columns, figsize=(13, 9), squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for axes, (image, heatmap, (x, y, width, height), title) in zip(grid.flat, drawings, strict=False):
            axes.imshow(image)
            axes.imshow(heatmap, cmap="inferno", alpha=np.minimum(heatmap, 0.6), vmin=0, vmax=1)
            corner = ((x - width / 2) * image.width, (y - height / 2) * image.height)
            axes.add_patch(
                Rectangle(corner, width * image.width, height * image.height, fill=False, edgecolor="lime")
            )
            axes.set_title(title, fontsize="x-small")
        figure.savefig(path)
        plt.close(figure)


def reliability(axes: Axes, bundles: dict[str, dict[str, Any]]) -> None:
    """Draws how often answers are right by how sure they are."""
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, label="perfect")
    for name, result in bundles.items():
        bins = result["reliability"]
        axes.plot(
            [one["confidence"] for one in bins],
            [one["accuracy"] for one in bins],
            marker="o",
            label=f"{name}, ECE {result['headline']['ece']:.3f}",
        )
    axes.set(xlabel="confidence", ylabel="share that is right", title="Reliability", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize="small")


def risk(axes: Axes, bundles: dict[str, dict[str, Any]]) -> None:
    """Draws how wrong answers are by how many are given."""
    for name, result in bundles.items():
        curve = result["risk_coverage"]
        axes.plot(np.array(curve["coverage"]) * 100, np.array(curve["risk"]) * 100, label=name)
    axes.axhline(2, color="grey", linewidth=1, linestyle=":")
    axes.set(xlabel="slices answered, %", ylabel="wrong answers among them, %", title="Risk and coverage")
    axes.legend(fontsize="small")


def robustness(axes: Axes, corruption: str, bundles: dict[str, dict[str, Any]]) -> None:
    """Draws what is right and what is answered by how spoilt pictures are."""
    for colour, (name, result) in zip(("C0", "C1", "C2", "C3"), bundles.items(), strict=False):
        steps = result["corruptions"][corruption]
        places = range(len(steps))
        accuracy = [100 * step["accuracy"] for step in steps]
        answered = [100 * step["answered"] for step in steps]
        axes.plot(places, accuracy, color=colour, marker="o", markersize=3, label=f"{name}, right")
        axes.plot(places, answered, color=colour, linestyle=":", label=f"{name}, answered")
        labels = ["none", *(f"{step['strength']:g}" for step in steps[1:])]
        axes.set_xticks(list(places), labels, fontsize="x-small")
    axes.set(title=corruption, ylim=(0, 102))
