from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import evaluation_part
from benchmarks.measure.evaluation_part import EvaluationPart
from edge_app.bundle import Bundle
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction
from tests.benchmarks.conftest import MakeBundle

Table = list[SlicePrediction]


def read(folder: Path) -> EvaluationPart:
    return evaluation_part.read(Bundle.load(folder))


def test_the_test_part_is_what_was_written(make_bundle: MakeBundle, table: Table) -> None:
    part = read(make_bundle())
    assert part.slices == part.typed == tuple(table)
    assert part.identities == {(row.path, row.sha256, row.label) for row in table}


def test_tumours_of_unknown_type_stand_apart(make_bundle: MakeBundle, table: Table) -> None:
    mixed = [replace(row, label=UNTYPED) for row in table[:2]]
    part = read(make_bundle(table=[*mixed, *table[2:]]))
    assert part.untyped == tuple(mixed) and part.typed == tuple(table[2:])
    assert part.slices == (*table[2:], *mixed)
    assert UNTYPED not in {label for *_, label in part.identities}


def test_one_slice_in_so_many(make_bundle: MakeBundle, table: Table) -> None:
    part = read(make_bundle(table=[*table[:-3], *(replace(row, label=UNTYPED) for row in table[-3:])]))
    thinned = part.thinned(2)
    assert thinned.typed == part.typed[::2] and thinned.untyped == part.untyped[::2]


def test_slices_of_unknown_type_alone(make_bundle: MakeBundle, table: Table) -> None:
    folder = make_bundle(table=[replace(row, label=UNTYPED) for row in table])
    with pytest.raises(BenchmarkError, match="holds no slices of known type"):
        read(folder)


def test_no_predictions(make_bundle: MakeBundle) -> None:
    folder = make_bundle()
    (folder / "predictions.csv").unlink()
    with pytest.raises(BenchmarkError, match=r"toy/predictions\.csv: is missing"):
        read(folder)


def test_a_folder_in_its_place(make_bundle: MakeBundle) -> None:
    folder = make_bundle()
    (folder / "predictions.csv").unlink()
    (folder / "predictions.csv").mkdir()
    with pytest.raises(BenchmarkError, match=r"predictions\.csv: can't be read"):
        read(folder)


@pytest.mark.parametrize("keep", [0, 1])
def test_an_empty_table(make_bundle: MakeBundle, keep: int) -> None:
    path = make_bundle() / "predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:keep]), encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"predictions\.csv: (lacks the columns|holds no slices)"):
        read(path.parent)


@pytest.mark.parametrize("lost", [["glioma"], ["glioma", "meningioma", "no_tumor", "pituitary"]])
def test_a_missing_column(make_bundle: MakeBundle, table: Table, lost: list[str]) -> None:
    def without(row: SlicePrediction) -> SlicePrediction:
        left = {label: share for label, share in row.probabilities.items() if label not in lost}
        return replace(row, probabilities=left)

    with pytest.raises(BenchmarkError, match="row 1 has other labels than the bundle"):
        read(make_bundle(table=[without(row) for row in table]))


FAULTS: dict[str, Callable[[SlicePrediction], SlicePrediction]] = {
    "a label of no class": lambda row: replace(row, label="unicorn"),
    "no label": lambda row: replace(row, label=""),
    "no group": lambda row: replace(row, group=""),
    "a probability that is none": lambda row: replace(
        row, probabilities=row.probabilities | {"glioma": float("nan")}
    ),
    "an answer that is missing": lambda row: replace(
        row, probabilities={label: share for label, share in row.probabilities.items() if label != "glioma"}
    ),
    "an answer of no class": lambda row: replace(row, probabilities=row.probabilities | {"unicorn": 0.0}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_row_that_makes_no_sense_is_named(
    make_bundle: MakeBundle, table: Table, fault: Callable[[SlicePrediction], SlicePrediction]
) -> None:
    folder = make_bundle(table=[table[0], fault(table[1]), table[2]])
    with pytest.raises(
        BenchmarkError, match=r"predictions\.csv: row 2 (can't be understood|has other labels)"
    ):
        read(folder)


def test_a_word_for_a_probability(make_bundle: MakeBundle) -> None:
    path = make_bundle() / "predictions.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    rows[1] = f"{rows[1].rpartition(',')[0]},much"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    with pytest.raises(BenchmarkError, match="row 2 can't be understood; convert the run again"):
        read(path.parent)


def test_a_row_that_breaks_off(make_bundle: MakeBundle) -> None:
    path = make_bundle() / "predictions.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip()[:-150], encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"row \d+ can't be understood"):
        read(path.parent)


def test_bytes_that_are_no_text(make_bundle: MakeBundle) -> None:
    path = make_bundle() / "predictions.csv"
    path.write_bytes(b"\xff\xfe\x00\x01" * 100)
    with pytest.raises(BenchmarkError, match="can't be understood"):
        read(path.parent)


def test_unchanged_pictures_pass(make_bundle: MakeBundle, data: Path) -> None:
    evaluation_part.verify(read(make_bundle()).slices, data)


def test_a_missing_picture_is_named(make_bundle: MakeBundle, data: Path) -> None:
    slices = read(make_bundle()).slices
    (data / slices[3].path).unlink()
    with pytest.raises(BenchmarkError, match=rf"{slices[3].path}: is missing"):
        evaluation_part.verify(slices, data)


def test_a_changed_picture_is_named(make_bundle: MakeBundle, data: Path) -> None:
    slices = read(make_bundle()).slices
    with (data / slices[3].path).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BenchmarkError, match=rf"{slices[3].path}: was changed"):
        evaluation_part.verify(slices, data)


def test_a_wrong_hash_is_named(make_bundle: MakeBundle, table: Table, data: Path) -> None:
    slices = read(make_bundle(table=[replace(table[0], sha256="0" * 64)])).slices
    with pytest.raises(BenchmarkError, match=rf"{slices[0].path}: was changed"):
        evaluation_part.verify(slices, data)


def test_a_data_folder_that_is_none(make_bundle: MakeBundle, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="nowhere: is no folder"):
        evaluation_part.verify(read(make_bundle()).slices, tmp_path / "nowhere")
