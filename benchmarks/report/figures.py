"""The figures of the report's page, as SVG."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.measure.latency import Speed
from benchmarks.report import trust_figures
from benchmarks.report.results import Report
from benchmarks.report.scores import Score
from benchmarks.robustness.corruptions import CORRUPTIONS

mpl.use("Agg")

SIZE = (4.6, 3.9)  # inches; legible where the page is 390 pixels wide
LINE = 0.16  # inches of a legend's line
COLOURS = mpl.colormaps["tab20"].colors  # type: ignore[attr-defined]
STYLE = trust_figures.STYLE | {
    "font.size": 9,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "svg.hashsalt": "otak",
}

Drawing = tuple[str, bytes]


def draw(report: Report) -> list[Drawing]:
    """Draws all figures that a report has numbers for.

    Returns:
        What each shows, in a sentence, and its SVG.
    """
    drawings = []
    scores = report.accuracy.scores if report.accuracy else ()
    if scores:
        alt = "Accuracy by size of file; the bubble grows with latency."
        drawings.append(_figure(alt, _sizes, report, len(scores)))
        alt = "Accuracy lost by precision, with 95% intervals."
        drawings.append(_figure(alt, _lost, report, len(scores)))
    if curves := _curves(report):
        alt = "Share of pictures by latency of the model, one thread."
        drawings.append(_figure(alt, _ecdf, report, len(curves)))
    firsts: dict[str, Score] = {}
    for score in scores:
        firsts.setdefault(report.file(score.file).net, score)
    for score in firsts.values():  # the other files of a net answer nearly alike
        drawings.append(_figure(f"Confusion matrix of {score.file}.", _confusion, score))
    return drawings


def draw_trust(bundles: dict[str, dict[str, Any]]) -> list[Drawing]:
    """Draws what ``trust.json`` holds: reliability, risk against coverage, robustness."""
    drawings = [
        _figure(
            "Reliability: how often answers are right by confidence.", trust_figures.reliability, bundles
        ),
        _figure("Share of wrong answers by share of slices answered.", trust_figures.risk, bundles),
    ]
    for name in CORRUPTIONS:
        if all(name in one["corruptions"] for one in bundles.values()):
            drawings.append(
                _figure(
                    f"Right and answered by strength of {name}.",
                    partial(_robustness, name),
                    bundles,
                )
            )
    return drawings


def _figure(alt: str, drawing: Callable[[Axes, Any], None], subject: Any, lines: int = 0) -> Drawing:
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(SIZE[0], SIZE[1] + LINE * lines))
        drawing(axes, subject)
        buffer = BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)
    return alt, buffer.getvalue()


def _sizes(axes: Axes, report: Report) -> None:
    p50 = _p50(report)
    largest = max(p50.values(), default=1)
    for i, score in enumerate(report.accuracy.scores if report.accuracy else ()):
        file, estimate = report.file(score.file), score.measures["accuracy"]
        size, accuracy = file.bytes / 1000, 100 * estimate.value
        latency = p50.get(score.file)
        label = score.file if latency is None else f"{score.file}, {latency:.2f} ms"
        area = 40 if latency is None else 20 + 600 * latency / largest
        colour = COLOURS[i % len(COLOURS)]
        axes.scatter(size, accuracy, s=area, color=colour, alpha=0.6, label=label)
        if estimate.low is not None and estimate.high is not None:
            axes.plot([size, size], [100 * estimate.low, 100 * estimate.high], color=colour, linewidth=1)
    axes.set(xscale="log", xlabel="size, kB", ylabel="accuracy, % (95%)", title="Size and accuracy")
    _plain(axes)
    legend = _legend(axes)
    for handle in legend.legend_handles:
        handle.set_sizes([30])  # type: ignore[union-attr]
    axes.margins(0.25)
    axes.set_ylim(top=min(axes.get_ylim()[1], 101))


def _lost(axes: Axes, report: Report) -> None:
    scores = report.accuracy.scores if report.accuracy else ()
    order = sorted(scores, key=lambda score: report.file(score.file).precision, reverse=True)
    for place, score in enumerate(order):
        lost = score.lost
        axes.plot(100 * lost.value, place, "o", color="C0")
        if lost.low is not None and lost.high is not None:
            axes.plot([100 * lost.low, 100 * lost.high], [place, place], color="C0")
    names = [_short(report, one.file) for one in order]
    axes.set_yticks(range(len(order)), names, fontsize=7)
    axes.axvline(0, color="grey", linewidth=1)
    axes.set(xlabel="points below Keras (95%)", title="Accuracy lost", ylim=(-0.6, len(order) - 0.4))


def _ecdf(axes: Axes, report: Report) -> None:
    for i, speed in enumerate(_curves(report)):
        label = f"{_short(report, speed.file)}, {speed.runtime}"
        axes.plot(speed.curve[:-1], range(100), color=COLOURS[i % len(COLOURS)], label=label)
    axes.set(xscale="log", xlabel="ms a picture, the model alone", ylabel="% of pictures", title="Latency")
    _plain(axes)
    _legend(axes)


def _confusion(axes: Axes, score: Score) -> None:
    counts = np.array(score.confusion)
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        dark = count > counts[row].sum() / 2
        axes.text(column, row, str(count), ha="center", va="center", color="white" if dark else "black")
    names = [one.label.replace("_", " ") for one in score.classes]
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8, rotation=90, va="center")
    axes.grid(False)
    axes.set(xlabel="answer", ylabel="truth")
    axes.set_title(score.file, fontsize=8)


def _curves(report: Report) -> list[Speed]:
    return [one for one in report.latency.speeds if one.threads == 1 and one.curve] if report.latency else []


def _legend(axes: Axes) -> Legend:
    """Lays the legend below the figure."""
    figure = axes.figure
    assert isinstance(figure, Figure)  # noqa: S101
    return figure.legend(loc="outside lower center")


def _plain(axes: Axes) -> None:
    """Labels a logarithmic axis with plain numbers, few enough not to touch."""
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 3), numticks=12))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _p50(report: Report) -> dict[str, float]:
    """Returns each file's p50 on one thread, in the first runtime that was measured."""
    found: dict[str, float] = {}
    for speed in report.latency.speeds if report.latency else ():
        if speed.threads == 1 and speed.model:
            found.setdefault(speed.file, speed.model.p50)
    return found


def _short(report: Report, name: str) -> str:
    file = report.file(name)
    return f"{file.net} {file.format} {file.precision}"


def _robustness(name: str, axes: Axes, bundles: dict[str, dict[str, Any]]) -> None:
    trust_figures.robustness(axes, name, bundles)
    axes.legend()
