from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, predictions
from benchmarks.measure.predictions import EvaluationData
from benchmarks.robustness.pointing_game import Box
from edge_app.bundle import StudyRule, Thresholds
from edge_app.errors import NotAnImage
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction, fingerprint
from tests.benchmarks.conftest import MakeBundle
from tests.benchmarks.provenances import random_weights, trained

Table = list[SlicePrediction]


@dataclass(frozen=True)
class Predict:
    """Puts the phantoms to bundles.

    Attributes:
        data: The folder of phantoms.
        steps: What was told of the progress, call by call.
    """

    data: Path
    steps: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(
        self, *folders: Path, stride: int = 1, boxes: dict[str, Box] | None = None
    ) -> tuple[EvaluationData, Table]:
        self.steps.clear()
        under_test, parts = models.load(folders), self.data.parent / "parts"
        return predictions.predict_all(
            under_test, self.data, boxes or {}, parts, stride, lambda *step: self.steps.append(step)
        )


@pytest.fixture
def predict(data: Path) -> Predict:
    return Predict(data)


def test_rules_for_studies_are_kept_by_file(make_bundle: MakeBundle, predict: Predict) -> None:
    rule = StudyRule(rank=2, threshold=0.9)
    data, _ = predict(make_bundle(), make_bundle("other", name="other", study=rule), stride=4)
    names = {f"other@128 toy-{file}" for file in ("float32.tflite", "int8.tflite", "float32.onnx")}
    assert data.rules == dict.fromkeys(names, rule)


def test_every_file_is_asked_about_every_slice(
    make_bundle: MakeBundle, predict: Predict, table: Table
) -> None:
    data, rows = predict(make_bundle(), make_bundle("other", name="mobilenetv2"))
    assert len(rows) == len(predict.steps) == 6 * len(table)
    assert {row.file for row in rows} == {
        f"{net}@128 toy-{file}"
        for net in ("toy", "mobilenetv2")
        for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    }
    assert (data.protocol, data.slices, data.without) == ("grouped", len(table), {})
    assert data.groups == len({row.group for row in table})
    assert set(data.labels) == {row.label for row in table}
    assert data.sha256 == fingerprint(table)


def test_a_row_holds_all_that_a_file_says(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    _, rows = predict(make_bundle())
    for row in rows:
        assert sum(row.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert row.confidence == max(row.probabilities.values()) == row.probabilities[row.predicted]
        assert row.tumour == pytest.approx(1 - row.probabilities["no_tumor"], abs=1e-5)
        assert row.in_distribution is not None and 0 <= row.in_distribution <= 1
        assert row.verdict in ("answer", "unsure", "refused")
        assert row.pointing is None, "nothing says where the tumours lie"
    assert [(row.path, row.sha256, row.label) for row in rows[: len(table)]] == [
        (row.path, row.sha256, row.label) for row in table
    ]


def test_the_file_that_the_table_was_made_with_agrees_with_it(
    make_bundle: MakeBundle, predict: Predict
) -> None:
    own = [row for row in predict(make_bundle())[1] if row.file.endswith("float32.tflite")]
    assert own and all(row.predicted == row.keras for row in own)


def test_a_tumour_with_a_box_is_pointed_at(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    whole, nowhere = table[0].path, table[1].path
    _, rows = predict(make_bundle(), boxes={whole: (0.5, 0.5, 1, 1), nowhere: (2, 2, 0.1, 0.1)})
    for row in rows:
        if row.path == whole:
            assert row.pointing and row.pointing.hit and row.pointing.inside == 1
        elif row.path == nowhere:
            assert row.pointing and not row.pointing.hit and row.pointing.inside == 0
        else:
            assert row.pointing is None


def test_a_net_without_a_heatmap_points_nowhere(
    make_bundle: MakeBundle, predict: Predict, table: Table
) -> None:
    bundle = make_bundle()
    outputs = replace(models.load([bundle])[0].bundle.outputs, heatmap=None)
    blind = make_bundle("blind", outputs=outputs)
    _, rows = predict(blind, boxes={table[0].path: (0.5, 0.5, 1, 1)})
    assert all(row.pointing is None for row in rows)


def test_tumours_of_unknown_type_are_asked_about_too(
    make_bundle: MakeBundle, predict: Predict, table: Table
) -> None:
    data, rows = predict(make_bundle(table=[replace(table[0], label=UNTYPED), *table[1:]]))
    assert len(rows) == 3 * len(table)
    assert data.slices == len(table) - 1, "their type is unknown"
    assert data.sha256 == fingerprint(table[1:])


def test_what_is_finished_is_not_asked_again(make_bundle: MakeBundle, predict: Predict) -> None:
    bundle = make_bundle()
    first = predict(bundle)[1]
    assert predict(bundle)[1] == first
    assert predict.steps == []


def test_a_changed_test_part_is_asked_again(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    predict(make_bundle())
    predict(make_bundle("fewer", table=table[1:]))
    assert len(predict.steps) == 3 * (len(table) - 1)


def test_one_slice_in_so_many(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    data, rows = predict(make_bundle(), stride=5)
    assert data.slices == len(rows) / 3 == len(table[::5])


def test_a_refused_slice_still_has_its_most_probable_label(
    make_bundle: MakeBundle, predict: Predict, table: Table
) -> None:
    _, rows = predict(make_bundle(thresholds=Thresholds(unsure=0.1, no_tumour=0.1, refused=1.0)))
    refused = [row for row in rows if row.verdict == "refused"]
    assert refused
    assert {row.predicted for row in refused} <= {row.label for row in table}
    assert all("no_brain_mri" in row.reasons for row in refused)


def test_without_thresholds_nothing_is_answered(make_bundle: MakeBundle, predict: Predict) -> None:
    _, rows = predict(make_bundle(thresholds=None))
    assert {row.verdict for row in rows} == {"unsure"}
    assert all("uncalibrated" in row.reasons for row in rows)


def test_random_weights_are_not_evaluated(make_bundle: MakeBundle, predict: Predict) -> None:
    random = make_bundle("random", name="other", provenance=random_weights())
    data, rows = predict(make_bundle(), random)
    assert not any(row.file.startswith("other") for row in rows)
    assert set(data.without.values()) == {"random weights"} and len(data.without) == 3
    with pytest.raises(BenchmarkError, match="No bundle has trained weights"):
        predict(random)


def test_a_runtime_that_is_not_installed_leaves_the_others(
    make_bundle: MakeBundle, predict: Predict, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    data, rows = predict(make_bundle())
    assert data.without == {"toy@128 toy-float32.onnx": "not installed"}
    assert len(rows) == 2 * len(table)


def test_copies_of_what_was_seen_in_training_are_marked(
    make_bundle: MakeBundle, predict: Predict, table: Table
) -> None:
    marked = [replace(row, copy=i == 0) for i, row in enumerate(table)]
    _, rows = predict(make_bundle(table=marked))
    assert {row.path for row in rows if row.copy} == {table[0].path}


def test_different_protocols(make_bundle: MakeBundle, predict: Predict) -> None:
    bundles = make_bundle("a"), make_bundle("b", provenance=trained(protocol="paper"))
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different protocols, grouped and paper"):
        predict(*bundles)


def test_different_test_parts(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different test parts"):
        predict(make_bundle("a"), make_bundle("b", table=table[1:]))


def test_the_same_test_part_in_another_order(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    assert len(predict(make_bundle("a"), make_bundle("b", table=table[::-1]))[1]) == 6 * len(table)


SPOILS: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda path: path.unlink(), "is missing or can't be read"),
    "changed": (lambda path: path.write_bytes(b"changed"), "was changed"),
}


@pytest.mark.parametrize(("spoil", "sentence"), SPOILS.values(), ids=SPOILS)
def test_a_slice_that_is_not_as_it_was(
    make_bundle: MakeBundle,
    predict: Predict,
    table: Table,
    spoil: Callable[[Path], object],
    sentence: str,
) -> None:
    spoil(predict.data / table[2].path)
    with pytest.raises(BenchmarkError, match=f"{table[2].path}: {sentence}"):
        predict(make_bundle())
    assert predict.steps == []


def test_a_file_that_is_no_picture_is_named(make_bundle: MakeBundle, predict: Predict, table: Table) -> None:
    path = predict.data / table[0].path
    path.write_text("no picture", encoding="utf-8")
    digest = hashlib.sha256(b"no picture").hexdigest()
    corrupted = make_bundle(table=[replace(table[0], sha256=digest), *table[1:]])
    with pytest.raises(NotAnImage, match=str(path)):
        predict(corrupted)
