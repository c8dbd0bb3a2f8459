from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from PIL import Image

from evaluation import plots
from evaluation.labels import LABELS, NAMES, UNTYPED
from evaluation.metrics import evaluate
from evaluation.predictions import SlicePrediction, most_probable
from tests.evaluation.rows import row


@pytest.fixture
def axes() -> Iterator[Axes]:
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def answers(labels: tuple[str, ...] = NAMES, slices: int = 5) -> list[SlicePrediction]:
    """Makes rows of every label, a slice in five wrong, surer where they are right."""
    made: list[SlicePrediction] = []
    for label in labels:
        for i in range(slices):
            said = label if i else NAMES[NAMES.index(label) - 1]
            shares = dict.fromkeys(NAMES, 0.1 if i else 0.2) | {said: 0.7 if i else 0.4}
            predicted, confidence, tumour = most_probable(shares)
            more = {"confidence": confidence, "tumour": tumour, "probabilities": shares}
            made.append(row(label, predicted, len(made), **more))
    return made


def points(line: Line2D) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    assert found
    return [text.get_text() for text in found.get_texts()]


def test_a_confusion_matrix_counts_and_names_every_answer(axes: Axes) -> None:
    plots.confusion(axes, evaluate(answers(), NAMES), title="Mine")
    assert [text.get_text() for text in axes.texts] == [
        *("4", "0", "0", "1"),
        *("1", "4", "0", "0"),
        *("0", "1", "4", "0"),
        *("0", "0", "1", "4"),
    ]
    assert [text.get_text() for text in axes.get_xticklabels()] == [label.en for label in LABELS]
    assert axes.get_title() == "Mine"


def test_answers_of_other_nets_and_classes_without_slices_are_drawn(axes: Axes) -> None:
    plots.confusion(axes, evaluate([row("cat", "cat")], ("cat", "dog")))
    assert [text.get_text() for text in axes.get_yticklabels()] == ["cat", "dog"]
    assert [text.get_text() for text in axes.texts] == ["1", "0", "0", "0"]


def test_reliability_has_a_line_a_file_beside_the_ideal(axes: Axes) -> None:
    metrics = evaluate(answers(), NAMES)
    plots.reliability(axes, {"x": metrics, "y": metrics})
    assert len(axes.lines) == 3
    assert legend(axes) == [f"{name}, ECE {metrics.ece:.3f}" for name in "xy"]
    assert len(points(axes.lines[1])) == len(metrics.reliability) == 2


def test_risk_has_a_line_a_file_over_slices_of_known_type(axes: Axes) -> None:
    mixed = [row(UNTYPED, "glioma", i) for i in range(100, 110)]
    plots.risk(axes, {"x": [*answers(), *mixed], "y": answers()})
    assert legend(axes) == ["x", "y"]
    for line in axes.lines:
        first, *_, last = points(line)
        assert len(points(line)) == 20 and last == (100, 20)
        assert first == (5, 0), "the surest are right"


def test_roc_has_a_line_an_answer_and_one_for_tumours(axes: Axes) -> None:
    plots.roc(axes, [*answers(), row(UNTYPED, "glioma", 100)])
    assert legend(axes) == [*(label.en for label in LABELS), "Tumour or not"]
    for line in axes.lines:
        first, *_, last = points(line)
        assert (first, last) == ((0, 0), (1, 1))


def test_an_answer_without_slices_has_no_roc(axes: Axes) -> None:
    plots.roc(axes, answers(("glioma", "meningioma")))
    assert legend(axes) == ["Glioma", "Meningioma"]


def test_a_figure_becomes_a_file(tmp_path: Path) -> None:
    before = plt.get_fignums()
    plots.save(tmp_path / "confusion.png", lambda axes: plots.confusion(axes, evaluate(answers(), NAMES)))
    with Image.open(tmp_path / "confusion.png") as image:
        assert image.size == (750, 600)
    assert plt.get_fignums() == before, "a figure that is drawn is closed"
