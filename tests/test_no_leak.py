"""No figure may come from slices that a net or its thresholds saw: the splits of the real data."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.plan.steps import NETS
from convert.calibrate import calibration_set
from convert.provenance import Provenance
from evaluation import predictions
from evaluation.labels import UNTYPED
from train.data.dataset import Slice, originals, read_dataset
from train.data.protocols import FOLDS, TEST_FOLD, Split, split, write_split

ROOT = Path(__file__).parents[1]
BUNDLES = sorted(
    path.parent
    for path in (ROOT / "benchmarks").glob("b*/*/provenance.json")
    if (path.parent / "held_out.npz").is_file()
)
OTHERS = [fold for fold in range(FOLDS) if fold != TEST_FOLD]
# The test fold of a run, and the fold that it may not learn from: what ships, out of fold, cross-validation.
RUNS = [*((fold, TEST_FOLD) for fold in range(FOLDS)), *((fold, None) for fold in range(FOLDS))]

slices_of = cache(read_dataset)  # which hashes a hundred megabytes


@pytest.fixture
def slices(otak_data: Path) -> list[Slice]:
    return slices_of(otak_data)


def learnt(parts: Split) -> list[Slice]:
    """What weights, their choice, temperatures and thresholds come from."""
    return parts.train + parts.validation


def evaluated(parts: Split) -> list[Slice]:
    return parts.test + parts.mixed


def clusters(slices: Iterable[Slice]) -> dict[str, str]:
    """Names for each path the picture that it is a copy of at last."""
    known = {slice_.path: slice_ for slice_ in slices}
    return {path: [path, *originals(slice_, known)][-1] for path, slice_ in known.items()}


def hashes(slices: Iterable[Slice]) -> set[str]:
    return {slice_.sha256 for slice_ in slices}


def test_every_run_that_the_results_need_is_looked_at() -> None:
    folds = {fold for net in NETS for fold in net.folds}
    assert folds <= set(OTHERS)
    assert {(fold, TEST_FOLD) for fold in (TEST_FOLD, *folds)} <= set(RUNS)


def test_every_net_of_the_results_has_a_teacher_of_its_own_split_for_every_fold() -> None:
    taught = [(net, teacher) for net in NETS for teacher in net.taught_by]
    assert taught
    for net, teacher in taught:
        assert teacher in NETS
        assert teacher.protocol == net.protocol and set(teacher.folds) >= set(net.folds)


@pytest.mark.parametrize(("fold", "withheld"), RUNS)
def test_nothing_is_on_both_sides(slices: list[Slice], fold: int, withheld: int | None) -> None:
    parts = split(slices, "grouped", fold=fold, withheld=withheld)
    picture = clusters(slices)
    sides = defaultdict[str, list[set[str]]](list)
    for side in (parts.train, parts.validation, evaluated(parts)):
        sides["file"].append(hashes(side))
        sides["group"].append({slice_.group for slice_ in side})
        sides["patient"].append({f"{each.source} {each.patient}" for each in side if each.patient})
        sides["picture"].append({picture[slice_.path] for slice_ in side})
    for kind, (train, validation, test) in sides.items():
        assert not train & test and not validation & test and not train & validation, kind
    assert {slice_.fold for slice_ in evaluated(parts)} == {fold}
    assert not {slice_.fold for slice_ in learnt(parts)} & {fold, withheld}


@pytest.mark.parametrize(("fold", "withheld"), RUNS)
def test_what_is_for_training_alone_or_of_no_class_is_never_tested(
    slices: list[Slice], fold: int, withheld: int | None
) -> None:
    parts = split(slices, "grouped", fold=fold, withheld=withheld)
    assert {slice_.use for slice_ in parts.validation + evaluated(parts)} == {"all"}
    assert {slice_.use for slice_ in parts.train} == {"all", "train"}
    assert not any(slice_.conflict for slice_ in learnt(parts))


@pytest.mark.parametrize("fold", range(FOLDS))
def test_no_run_that_ships_or_is_calibrated_on_sees_the_test_fold(
    slices: list[Slice], fold: int, tmp_path: Path
) -> None:
    parts = split(slices, "grouped", fold=fold)
    write_split(tmp_path / "split.csv", parts)
    with (tmp_path / "split.csv").open(encoding="utf-8") as file:
        written = {row["sha256"] for row in csv.DictReader(file) if row["role"] in ("train", "validation")}
    assert written == hashes(learnt(parts))
    assert not written & hashes(slice_ for slice_ in slices if slice_.fold == TEST_FOLD)
    chosen = calibration_set.choose(parts.train, 42)
    assert hashes(chosen) <= hashes(parts.train)
    assert {slice_.use for slice_ in chosen} <= {"all", "train"}


def test_out_of_fold_rows_are_of_the_training_folds_each_once(slices: list[Slice]) -> None:
    rows = [row for fold in OTHERS for row in evaluated(split(slices, "grouped", fold=fold))]
    assert len({row.path for row in rows}) == len(rows)
    assert {row.use for row in rows} == {"all"}
    test = evaluated(split(slices, "grouped"))
    for kind in ("group", "sha256"):
        assert not {getattr(row, kind) for row in rows} & {getattr(row, kind) for row in test}
    picture = clusters(slices)
    assert not {picture[row.path] for row in rows} & {picture[row.path] for row in test}


def test_the_papers_protocols_know_the_papers_data_alone(slices: list[Slice]) -> None:
    for protocol in ("paper", "official"):
        parts = split(slices, protocol)
        assert all(slice_.path.startswith("sartaj/") for slice_ in learnt(parts) + evaluated(parts))
        assert not any(slice_.label == UNTYPED for slice_ in learnt(parts) + evaluated(parts))
    official = split(slices, "official")
    assert not hashes(official.train) & hashes(official.validation)
    assert {slice_.share for slice_ in learnt(official)} == {"Training"}
    assert {slice_.share for slice_ in official.test} == {"Testing"}


@pytest.mark.parametrize("bundle", BUNDLES, ids=[bundle.name for bundle in BUNDLES])
def test_committed_bundles_are_calibrated_on_the_training_folds(bundle: Path, slices: list[Slice]) -> None:
    provenance = Provenance.load(bundle)
    assert provenance.training is not None and provenance.training.withheld_fold == TEST_FOLD
    withheld = hashes(slice_ for slice_ in slices if slice_.fold == TEST_FOLD)
    assert not set(provenance.calibration_set) & withheld
    with np.load(bundle / "held_out.npz") as held_out:
        assert not set(held_out["sha256"].tolist()) & withheld
    assert {row.sha256 for row in predictions.read(bundle / "predictions.csv")} <= withheld


def test_committed_predictions_out_of_fold_hold_no_slice_of_the_test_fold(slices: list[Slice]) -> None:
    path = ROOT / "benchmarks" / "results" / "out-of-fold" / "predictions.csv"
    if not path.is_file():
        pytest.skip(f"{path}: not made yet")
    fold_of = {slice_.sha256: slice_.fold for slice_ in slices}
    assert {fold_of[row.sha256] for row in predictions.read(path)} == set(OTHERS)
