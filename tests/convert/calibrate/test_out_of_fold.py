from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convert.calibrate.out_of_fold import load, logits, slices_of
from convert.errors import ConversionError
from edge_app.records import RecordError
from evaluation import predictions
from evaluation.labels import NAMES, UNTYPED
from evaluation.predictions import TableError
from tests.evaluation.rows import row
from train.config import Architecture, Teacher, TrainingConfig
from train.data.dataset import Slice
from train.errors import DataError
from train.run import Run, State

OtherRun = Callable[..., Run]
SHARES = dict(zip(NAMES, (0.7, 0.1, 0.1, 0.1), strict=True))


@pytest.fixture
def other(run: Path, tmp_path: Path) -> OtherRun:
    """Writes the run of a fold: the toy's, as if it had been trained under ``grouped``."""

    def other(fold: int, state: State = "finished", data: str = "", **changes: object) -> Run:
        known = Run.load(run)
        config = replace(known.config, protocol="grouped", fold=fold, **changes)  # type: ignore[arg-type]
        assert isinstance(config, TrainingConfig)
        described = replace(known.data, sha256=data or known.data.sha256)
        made = replace(
            known,
            folder=tmp_path / f"{fold}{state}",
            config=config,
            state=state,
            data=described,
        )
        made.folder.mkdir(exist_ok=True)
        made.save()
        table = [
            row("glioma", "glioma", fold * 10, file="keras", probabilities=SHARES),
            row(UNTYPED, "glioma", fold * 10 + 1, file="keras", probabilities=SHARES),
        ]
        predictions.write(made.folder / "predictions.csv", table)
        return made

    return other


def test_predictions_of_the_other_folds_are_pooled(other: OtherRun) -> None:
    own = other(0)
    found = load([other(fold).folder for fold in (1, 2, 3)], own)
    assert found.truth.tolist() == [NAMES.index("glioma")] * 3, "tumours of unknown type say too little"
    assert len(found.rows) == 6 and [row.label for row in found.rows].count(UNTYPED) == 3
    assert [run.config.fold for run, _ in found.tables] == [1, 2, 3]
    assert np.exp(logits(found.typed)) == pytest.approx(np.tile(list(SHARES.values()), (3, 1)))
    assert found.sha256 != load([other(1).folder], own).sha256


def test_patients_are_gathered_with_softened_probabilities(other: OtherRun) -> None:
    """Tumours of unknown type among them: that there is one is known."""
    own, folder = other(0), other(1).folder
    table = [
        row(UNTYPED if i else "glioma", "glioma", i, file="keras", group="one", probabilities=SHARES)
        for i in range(5)
    ]
    predictions.write(folder / "predictions.csv", table)
    (study,) = load([folder], own).studies(1.0)
    assert (study.group, study.tumour, study.slices) == ("one", True, 5)
    assert study.judged == pytest.approx([0.9] * 5)
    (study,) = load([folder], own).studies(2.0)
    shares = np.sqrt(list(SHARES.values()))
    assert study.judged == pytest.approx([1 - shares[NAMES.index("no_tumor")] / shares.sum()] * 5)


def test_slices_are_what_the_runs_say_of_them() -> None:
    """A run may have had its groups from a file; what is seen of a skull the data set alone knows."""
    known = {"0.jpg": Slice("0.jpg", "glioma", "", "other", skull="no")}
    rows = [row(UNTYPED, "glioma", 0, group="a", source="wide/b"), row("glioma", "glioma", 1)]
    first, second = slices_of(rows, known)
    assert (first.label, first.group, first.source, first.skull) == (UNTYPED, "a", "wide/b", "no")
    assert (second.path, second.skull) == ("1.jpg", "")


def test_a_run_that_must_not_be_used_is_named(other: OtherRun) -> None:
    own = other(0)
    for folders, message in (
        ([other(1, seed=7).folder], "of another recipe or other data"),
        ([other(1, data="0" * 64).folder], "of another recipe or other data"),
        ([other(1, state="interrupted").folder], "is not finished"),
        ([other(0, state="finished").folder], "tests the fold 0"),
        ([other(2).folder, other(2).folder], "tests the fold 2"),
    ):
        with pytest.raises(ConversionError, match=message):
            load(folders, own)
    seen = other(0, withheld_fold=None)
    with pytest.raises(ConversionError, match="may have seen the test fold"):
        load([other(1, withheld_fold=None).folder], seen)


def test_every_fold_has_a_teacher_of_its_own(other: OtherRun) -> None:
    def taught(fold: int, *by: int, arch: Architecture = "edge") -> Run:
        teachers = (Teacher(arch=arch, weights=None, fold=each, sha256=f"{each:064x}") for each in by)
        return other(fold, teachers=tuple(teachers))

    own = taught(0, 0, 0)
    assert len(load([taught(fold, fold, fold).folder for fold in (1, 2)], own).truth) == 2
    for by in ((2, 1), (1, 2)):
        with pytest.raises(ConversionError, match="may have seen the test fold"):
            load([taught(1, *by).folder], own)
    with pytest.raises(ConversionError, match="of another recipe"):
        load([taught(1, 1, 1, arch="paper").folder], own)
    with pytest.raises(ConversionError, match="of another recipe"):
        load([taught(1, 1).folder], own)
    with pytest.raises(ConversionError, match="of another recipe"):
        load([other(1).folder], own)


def test_what_is_missing_or_broken_is_named(other: OtherRun, tmp_path: Path) -> None:
    own = other(0)
    with pytest.raises((DataError, RecordError)):
        load([tmp_path / "nowhere"], own)
    folder = other(1).folder
    (folder / "predictions.csv").write_text("path\n", encoding="utf-8")
    with pytest.raises(TableError, match="lacks the columns"):
        load([folder], own)
    shutil.rmtree(folder)
