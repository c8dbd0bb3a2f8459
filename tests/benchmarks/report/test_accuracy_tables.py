from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measure.predictions import EvaluationData
from benchmarks.report import accuracy_tables
from benchmarks.report.results import Accuracy
from evaluation.labels import UNTYPED
from evaluation.metrics import PairwiseMcNemar, evaluate, pairwise_mcnemar
from evaluation.predictions import Pointing, SlicePrediction
from evaluation.tables import Table
from tests.benchmarks import reports
from tests.evaluation.rows import rows

LABELS = ("a", "b", "no_tumor")


def found(**files: list[SlicePrediction]) -> Accuracy:
    data = EvaluationData("data", "grouped", 8, 8, "1" * 64, LABELS, {"x.onnx": "not installed"}, {})
    return Accuracy(
        data, {name: evaluate(own, LABELS) for name, own in files.items()}, {}, pairwise_mcnemar(files)
    )


def cells(table: Table, row: int = 0) -> dict[str, str]:
    return dict(zip(table.columns, table.rows[row], strict=True))


def test_accuracy_and_what_conversion_cost() -> None:
    answers = rows("aabb----", "abbb---a", keras="aabb----", verdict=["unsure", *["answer"] * 7])
    table = accuracy_tables.accuracy(found(net=answers))
    row = cells(table)
    assert row["Accuracy"].startswith("75.0 (") and row["Sensitivity"].startswith("100.0 (")
    assert (row["Keras"], row["Flipped"], row["Verdicts"]) == ("100.0", "2", "7 / 1 / 0")
    assert row["Lost"].startswith("25.0 (")
    assert table.rows[1] == ("x.onnx", "not installed", *["-"] * (len(table.columns) - 2))
    assert "Copies" not in table.columns and "Copies" not in table.note


def test_copies_have_columns_where_there_are_both() -> None:
    table = accuracy_tables.accuracy(found(net=rows("aabb", "aaaa", copy=[True, True, True, False])))
    assert cells(table)["Copies"].startswith("66.7") and cells(table)["New"].startswith("0.0")
    assert "near-identical" in table.note
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_without_keras_nothing_was_lost() -> None:
    table = accuracy_tables.accuracy(found(net=[replace(each, keras="") for each in rows("ab", "ab")]))
    assert (cells(table)["Keras"], cells(table)["Lost"], cells(table)["Flipped"]) == ("-", "-", "-")


def test_classes_stand_with_their_slices() -> None:
    table = accuracy_tables.classes(found(net=rows("aab-", "ab--")))
    assert table.columns == ("File", "a (2)", "b (1)", "no_tumor (1)")
    assert table.rows == (("net", "50.0 / 100.0", "0.0 / 0.0", "100.0 / 50.0"),)
    assert accuracy_tables.classes(found(net=rows("a-", "a-"))).rows[0][2] == "- / -"


def test_verdicts_by_class() -> None:
    answers = rows("aaaa--", "aa-b--", verdict=["answer", "unsure", "answer", "answer", "refused", "answer"])
    mixed = [replace(each, label=UNTYPED) for each in answers]
    table = accuracy_tables.verdicts({"net": [*answers, *mixed]})
    assert table.columns[2:] == ("Slices", "Right", "Answered", "Wrong", "Missed", "Refused")
    assert table.rows == (
        ("net", "a", "4", "50.0", "75.0", "66.7", "25.0", "0.0"),
        ("net", "no_tumor", "2", "100.0", "50.0", "0.0", "-", "50.0"),
    )


def test_calibration_and_heatmaps() -> None:
    sure = rows("aabb", "aaaa", confidence=0.75, pointing=Pointing(True, 0.5))
    blind = rows("aabb", "aaaa", confidence=0.75)
    table = accuracy_tables.calibration(found(sure=sure, blind=blind).files)
    assert table.rows == (("sure", "0.250", "100.0", "50.0", "2"), ("blind", "0.250", "-", "-", "-"))


@pytest.mark.parametrize(("p", "text"), [(0.25, "0.250"), (0.001, "0.001"), (0.00099, "<0.001")])
def test_any_two_files(p: float, text: str) -> None:
    table = accuracy_tables.mcnemar([PairwiseMcNemar("x", "y", 3, 0, p)])
    assert table.rows == (("x", "y", "3", "0", text),)
    assert "McNemar" in table.note


def test_corruptions_stand_by_strength() -> None:
    (file,) = reports.robustness().files
    other = replace(file, file="other")
    table = accuracy_tables.corruptions([file, other])
    assert table.columns == ("Right %, answered %", "none", "1", "2", "3", "4", "5")
    assert len(table.rows) == 2 * len(file.corruptions)
    assert table.rows[0] == (f"JPEG quality: {file.file}", "90.0, 80.0", *["50.0, 0.0"] * 5)
    assert table.rows[1][0] == "JPEG quality: other", "files stand side by side"


def test_what_was_let_in_is_named_where_it_is_little() -> None:
    (file,) = reports.robustness().files
    (kind,) = file.out_of_distribution
    many = replace(kind, verdicts={"unsure": 20}, let_in=tuple(map(str, range(20))))
    table = accuracy_tables.out_of_distribution([replace(file, out_of_distribution=(kind, many))])
    assert table.rows[0][1:] == ("generated", "20", "90.0", "0.0", "knee, hand")
    assert table.rows[1][1:] == ("generated", "20", "0.0", "0.0", "20 pictures")


def test_all_of_a_report_fit_their_columns(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert report.accuracy and report.robustness
    made = [
        accuracy_tables.accuracy(report.accuracy),
        accuracy_tables.classes(report.accuracy),
        accuracy_tables.calibration(report.accuracy.files),
        accuracy_tables.mcnemar(report.accuracy.mcnemar),
        accuracy_tables.corruptions(report.robustness.files),
        accuracy_tables.out_of_distribution(report.robustness.files),
    ]
    for table in made:
        assert table.note and all(len(row) == len(table.columns) for row in table.rows)
