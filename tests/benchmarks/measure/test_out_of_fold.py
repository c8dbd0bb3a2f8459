from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, out_of_fold
from benchmarks.measure.models import ModelUnderTest
from benchmarks.report import html, results, tables
from convert.provenance import OutOfFoldData
from edge_app.bundle import Thresholds
from evaluation import predictions
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction, TableError, fingerprint
from tests.benchmarks.conftest import MakeBundle
from tests.benchmarks.provenances import trained
from tests.train.runs import make_run
from train.errors import DataError

Table = list[SlicePrediction]
Runs = tuple[Path, Path]
NOTHING_REFUSED = Thresholds(unsure=0.5, no_tumour=0.5, refused=0.0)


@pytest.fixture
def runs(tmp_path: Path, table: Table) -> Runs:
    """Runs of two folds; one slice is of unknown type."""
    folders = tmp_path / "fold-1", tmp_path / "fold-2"
    for folder, rows in zip(
        folders, (table[::2], [replace(table[1], label=UNTYPED), *table[3::2]]), strict=True
    ):
        folder.mkdir()
        make_run(folder).save()
        (folder / "model.keras").write_bytes(folder.name.encode())
        predictions.write(folder / predictions.NAME, rows)
    return folders


@pytest.fixture
def bundle(make_bundle: MakeBundle, runs: Runs) -> Callable[..., Path]:
    """Writes a bundle that was calibrated on those runs."""
    rows = [row for run in runs for row in predictions.read(run / predictions.NAME) if row.label != UNTYPED]
    provenance = replace(trained(), out_of_fold=OutOfFoldData(slices=len(rows), sha256=fingerprint(rows)))
    return lambda **changes: make_bundle(provenance=provenance, **changes)


def default_of(folder: Path) -> ModelUnderTest:
    return next(model for model in models.load([folder]) if model.is_default)


def pool(folder: Path, runs: Runs, data: Path) -> Table:
    return out_of_fold.pool(default_of(folder), runs, data, lambda *step: None)[1]


def test_every_slice_of_every_run_is_there_once_with_a_verdict(
    bundle: Callable[..., Path], runs: Runs, data: Path, table: Table
) -> None:
    model = default_of(bundle(thresholds=NOTHING_REFUSED))
    steps: list[tuple[str, int, int]] = []
    described, rows = out_of_fold.pool(model, runs, data, lambda *step: steps.append(step))
    assert {row.path for row in rows} == {row.path for row in table} and len(rows) == len(table)
    assert (described.slices, described.protocol) == (len(table) - 1, "grouped")
    assert steps[-1] == ("out of fold", len(table), len(table))
    assert {row.file for row in rows} == {"toy@128 out of fold"}
    assert all(row.in_distribution is None and row.verdict in ("answer", "unsure") for row in rows)
    assert {row.verdict == "answer" for row in rows if row.confidence >= 0.5} == {True}


def test_probabilities_are_softened_as_the_file_softens_them(
    bundle: Callable[..., Path], runs: Runs, data: Path, table: Table
) -> None:
    folder = bundle(thresholds=None)
    model = default_of(folder)
    known = {row.path: row for row in table}
    warm = replace(model, file=replace(model.file, temperature=3.0))
    _, rows = out_of_fold.pool(warm, runs, data, lambda *step: None)
    for row in rows:
        before = known[row.path]
        assert row.predicted == before.predicted and row.confidence <= before.confidence
        assert sum(row.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert (row.verdict, row.reasons[:1]) == ("unsure", ("uncalibrated",))


def test_other_predictions_than_the_bundle_was_calibrated_on(
    bundle: Callable[..., Path], make_bundle: MakeBundle, runs: Runs, data: Path
) -> None:
    with pytest.raises(BenchmarkError, match="its thresholds were chosen on other predictions"):
        out_of_fold.pool(default_of(bundle()), runs[:1], data, lambda *step: None)
    with pytest.raises(BenchmarkError, match="its thresholds were chosen on other predictions"):
        pool(make_bundle("alone"), runs, data)


def test_what_is_missing_or_changed_is_named(
    bundle: Callable[..., Path], runs: Runs, data: Path, table: Table
) -> None:
    folder = bundle()
    (data / table[0].path).write_bytes(b"another")
    with pytest.raises(BenchmarkError, match="was changed since"):
        pool(folder, runs, data)
    (runs[1] / predictions.NAME).unlink()
    with pytest.raises(TableError, match="can't be read"):
        pool(folder, runs, data)
    (runs[0] / "run.json").unlink()
    with pytest.raises(DataError, match=r"holds no run\.json"):
        out_of_fold.describe(default_of(folder), runs)


def test_the_command_leaves_a_folder_of_results(
    bundle: Callable[..., Path], runs: Runs, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    arguments = ["out-of-fold", bundle(), "--runs", *runs, "--data", data, "--out", out]
    assert main([str(argument) for argument in arguments]) == 0
    report = results.assemble(out)
    (file,) = report.files
    assert (file.name, file.format, file.precision) == ("toy@128 out of fold", "keras", "float32")
    assert file.bytes == len("fold-1")
    assert "parts" in tables.all_tables(report)
    assert "toy@128 out of fold" in html.render(report, results.table(out))
