from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.report import figures, results
from benchmarks.robustness.corruptions import CORRUPTIONS
from tests.benchmarks import reports


def test_everything_with_numbers_is_drawn(tmp_path: Path) -> None:
    drawings = figures.draw(reports.make(tmp_path), results.table(tmp_path))
    titles = [alt for alt, _ in drawings]
    assert titles == [
        "Accuracy by size of file; the bubble grows with latency.",
        "Accuracy lost by precision, with 95% intervals.",
        "Share of pictures by latency of the model, one thread.",
        "Reliability: how often answers are right by confidence.",
        "Share of wrong answers by share of slices answered.",
        *(f"Confusion matrix of {file.name}." for file in reports.FILES),
        *(f"Right and answered by strength of {name}." for name in CORRUPTIONS),
    ]
    for _, svg in drawings:
        assert ElementTree.fromstring(svg).tag.endswith("svg")  # noqa: S314


def test_the_files_of_one_net_share_a_confusion_matrix(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    same = tuple(replace(file, net="edge@128") for file in report.files)
    titles = [alt for alt, _ in figures.draw(replace(report, files=same), results.table(tmp_path))]
    assert sum(title.startswith("Confusion") for title in titles) == 1


def test_nothing_is_drawn_of_what_was_not_measured(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert figures.draw(replace(report, accuracy=None, latency=None, robustness=None), {}) == []
    (alone,) = figures.draw(replace(report, accuracy=None, robustness=None), {})
    assert "latency" in alone[0]


def test_unknown_intervals_losses_and_times_leave_points(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert report.accuracy
    bare = {
        name: replace(
            metrics,
            against_keras=None,
            overall={
                figure: replace(value, low=None, high=None) for figure, value in metrics.overall.items()
            },
        )
        for name, metrics in report.accuracy.files.items()
    }
    accuracy = replace(report.accuracy, files=bare)
    drawn = figures.draw(
        replace(report, accuracy=accuracy, latency=None, robustness=None), results.table(tmp_path)
    )
    assert len(drawn) == 2 + 2 + len(reports.FILES)
