from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from evaluation import predictions
from evaluation.labels import NAMES
from evaluation.metrics import evaluate
from evaluation.predictions import KERAS
from train.data.dataset import read_dataset
from train.evaluate import pool, show
from train.run_metrics import RunMetrics


def test_the_metrics_are_those_of_the_table(finished: Path) -> None:
    rows = predictions.read(finished / "predictions.csv")
    found = RunMetrics.load(finished)
    assert found.metrics == evaluate(rows, NAMES)
    assert (found.protocol, found.state, found.folds) == ("paper", "finished", ())
    assert found.metrics.slices == 13
    assert [(part.name, part.slices) for part in found.metrics.parts] == [("classic", 13)]
    assert found.metrics.sequences[0].name == found.metrics.planes[0].name == "unknown"
    assert found.training is not None and found.training.slices == 51


def test_the_table_holds_the_test_part(finished: Path, paper_layout: Path) -> None:
    rows = predictions.read(finished / "predictions.csv")
    known = {slice_.path: slice_ for slice_ in read_dataset(paper_layout)}
    with (finished / "split.csv").open() as file:
        tested = {row["path"] for row in csv.DictReader(file) if row["role"] == "test"}
    assert {row.path for row in rows} == tested
    for row in rows:
        assert (row.file, row.keras, row.verdict, row.copy) == (KERAS, "", "", False)
        assert (row.label, row.sha256) == (known[row.path].label, known[row.path].sha256)
        assert sum(row.probabilities.values()) == pytest.approx(1, abs=1e-4)
        assert row.confidence == max(row.probabilities.values()) == row.probabilities[row.predicted]


def test_runs_are_pooled_from_their_tables(finished: Path, tmp_path: Path) -> None:
    for name in ("predictions.csv", "metrics.json"):
        for fold in ("a", "b"):
            (tmp_path / fold).mkdir(exist_ok=True)
            shutil.copy(finished / name, tmp_path / fold / name)
    own = RunMetrics.load(finished)
    pooled = pool(tmp_path, [tmp_path / "a", tmp_path / "b"])
    accuracy = own.metrics.overall["accuracy"].value
    assert pooled.metrics.slices == 26 and pooled.folds == (accuracy, accuracy)
    assert pooled.training_seconds == pytest.approx(2 * own.training_seconds)
    assert pooled.training is None and RunMetrics.load(tmp_path) == pooled


def test_the_headline_is_shown(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = RunMetrics.load(finished)
    show("my run", metrics)
    text = capsys.readouterr().out
    assert "my run" in text and "classic" in text and all(name in text for name in NAMES)
    assert f"Accuracy {100 * metrics.metrics.overall['accuracy'].value:.1f}" in text
