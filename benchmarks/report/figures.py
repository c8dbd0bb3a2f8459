"""The figures of the report's page, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO

from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.measure.latency import Speed
from benchmarks.measure.robustness import FileRobustness
from benchmarks.report.results import Report
from evaluation import plots
from evaluation.predictions import SlicePrediction

SIZE = (4.6, 3.9)  # inches; legible where the page is 390 pixels wide
LINE = 0.16  # inches of a legend's line
COLOURS = colormaps["tab20"].colors  # type: ignore[attr-defined]
STYLE = plots.STYLE | {"font.size": 9, "legend.fontsize": 7, "svg.hashsalt": "otak"}

Drawing = tuple[str, bytes]


def draw(report: Report, rows: Mapping[str, Sequence[SlicePrediction]]) -> list[Drawing]:
    """Draws all figures that a report has numbers for.

    Args:
        report: What was measured.
        rows: The predictions, by file; empty where there are none.

    Returns:
        What each shows, in a sentence, and its SVG.
    """
    drawings = []
    found = report.accuracy.files if report.accuracy else {}
    if found:
        alt = "Accuracy by size of file; the bubble grows with latency."
        drawings.append(_figure(alt, partial(_sizes, report), len(found)))
        alt = "Accuracy lost by precision, with 95% intervals."
        drawings.append(_figure(alt, partial(_lost, report), len(found)))
    if curves := _curves(report):
        alt = "Share of pictures by latency of the model, one thread."
        drawings.append(_figure(alt, partial(_ecdf, report), len(curves)))
    # The other files of a net answer nearly alike.
    firsts = {report.file(name).net: name for name in reversed(found)}
    shown = {name: found[name] for name in found if name in firsts.values()}
    if shown:
        alt = "Reliability: how often answers are right by confidence."
        drawings.append(_figure(alt, partial(plots.reliability, metrics=shown)))
        alt = "Share of wrong answers by share of slices answered."
        risky = {name: rows[name] for name in shown}
        drawings.append(_figure(alt, partial(plots.risk, predictions=risky)))
    for name, metrics in shown.items():
        drawing = partial(plots.confusion, metrics=metrics, title=name)
        drawings.append(_figure(f"Confusion matrix of {name}.", drawing))
    return drawings + (_robustness(report.robustness.files) if report.robustness else [])


def _figure(alt: str, drawing: Callable[[Axes], None], lines: int = 0) -> Drawing:
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(SIZE[0], SIZE[1] + LINE * lines))
        drawing(axes)
        buffer = BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)
    return alt, buffer.getvalue()


def _sizes(report: Report, axes: Axes) -> None:
    p50 = _p50(report)
    largest = max(p50.values(), default=1)
    found = report.accuracy.files if report.accuracy else {}
    for i, (name, metrics) in enumerate(found.items()):
        estimate = metrics.overall["accuracy"]
        size, accuracy = report.file(name).bytes / 1000, 100 * estimate.value
        latency = p50.get(name)
        label = name if latency is None else f"{name}, {latency:.2f} ms"
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


def _lost(report: Report, axes: Axes) -> None:
    found = report.accuracy.files if report.accuracy else {}
    compared = {name: each.against_keras.lost for name, each in found.items() if each.against_keras}
    order = sorted(compared, key=lambda name: report.file(name).precision, reverse=True)
    for place, name in enumerate(order):
        lost = compared[name]
        axes.plot(100 * lost.value, place, "o", color="C0")
        if lost.low is not None and lost.high is not None:
            axes.plot([100 * lost.low, 100 * lost.high], [place, place], color="C0")
    axes.set_yticks(range(len(order)), [_short(report, name) for name in order], fontsize=7)
    axes.axvline(0, color="grey", linewidth=1)
    axes.set(xlabel="points below Keras (95%)", title="Accuracy lost", ylim=(-0.6, max(len(order), 1) - 0.4))


def _ecdf(report: Report, axes: Axes) -> None:
    for i, speed in enumerate(_curves(report)):
        label = f"{_short(report, speed.file)}, {speed.runtime}"
        axes.plot(speed.curve[:-1], range(100), color=COLOURS[i % len(COLOURS)], label=label)
    axes.set(xscale="log", xlabel="ms a picture, the model alone", ylabel="% of pictures", title="Latency")
    _plain(axes)
    _legend(axes)


def _robustness(files: Sequence[FileRobustness]) -> list[Drawing]:
    return [
        _figure(
            f"Right and answered by strength of {name}.",
            partial(_corruption, name, files),
            2 * len(files),
        )
        for name in files[0].corruptions
    ]


def _corruption(name: str, files: Sequence[FileRobustness], axes: Axes) -> None:
    """Draws what is right and what is answered by how corrupted slices are."""
    for i, each in enumerate(files):
        steps = each.corruptions[name]
        places = range(len(steps))
        right = [100 * step.verdicts.right for step in steps]
        answered = [100 * step.verdicts.answered for step in steps]
        axes.plot(places, right, color=f"C{i}", marker="o", markersize=3, label=f"{each.file}, right")
        axes.plot(places, answered, color=f"C{i}", linestyle=":", label=f"{each.file}, answered")
        titles = ["none" if step.strength is None else f"{step.strength:g}" for step in steps]
        axes.set_xticks(list(places), titles, fontsize="x-small")
    axes.set(title=name, ylim=(0, 102), ylabel="%")
    _legend(axes)


def _curves(report: Report) -> list[Speed]:
    speeds = report.latency.speeds if report.latency else ()
    return [speed for speed in speeds if speed.threads == 1 and speed.curve]


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
