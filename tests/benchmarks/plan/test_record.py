"""What a step stands on, and the record of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.plan.record import NAME, Given, Places, Record, StepRecord, data_hash, inputs_of, outputs_of
from benchmarks.plan.steps import (
    BUNDLES,
    DATA,
    LITE0_WEIGHTS,
    OTHERS,
    RESULTS,
    SHIPPED,
    WEIGHTS,
    WORK,
    Step,
)
from edge_app.bundle import sha256
from edge_app.records import RecordError
from train.config import recipe_of

TRAINED = StepRecord(
    inputs="1" * 64,
    outputs={f"{WORK}/model": "2" * 64},
    commit="abc",
    date="2026-01-01",
    seconds=1.5,
)
GIVEN = Given(data="3" * 64, weights="imagenet", lite0_weights="", others="")
OTHER = replace(GIVEN, data="4" * 64)
RECORD = Record(GIVEN, {"train": TRAINED})
STEP = Step(name="score", command=("benchmarks", "run"), needs=("train",), outputs=(f"{RESULTS}/scores.csv",))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        data=tmp_path / "data",
        weights="imagenet",
        lite0_weights=tmp_path,
        others=Path("ood"),
        work=tmp_path / "made",
        results=tmp_path / "results",
        bundles=tmp_path / "bundles",
        shipped=tmp_path / "shipped",
    )


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    assert Record.load(tmp_path).steps == {}
    RECORD.save(tmp_path)
    assert Record.load(tmp_path) == RECORD


def test_a_step_is_added_or_takes_the_place_of_its_older_self() -> None:
    later = replace(TRAINED, seconds=2.0)
    assert RECORD.added("score", later, OTHER) == Record(OTHER, {"train": TRAINED, "score": later})
    assert RECORD.added("train", later, OTHER).steps == {"train": later}
    assert RECORD.steps == {"train": TRAINED}, "the older record is left alone"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"schema": 10**6}, "schema"),
        ({"steps": {"train": {"inputs": "1"}}}, "outputs"),
        ({"steps": []}, "steps"),
        ({"given": None}, "given"),
    ],
)
def test_a_broken_record_is_named(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    RECORD.save(tmp_path)
    path = tmp_path / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    with pytest.raises(RecordError, match=rf"plan\.json: .*{fault}"):
        Record.load(tmp_path)


def test_words_are_filled_with_places(places: Places, tmp_path: Path) -> None:
    words = (DATA, WORK, RESULTS, BUNDLES, SHIPPED)
    filled = [places.path(f"{word}/a") for word in words]
    assert filled == [tmp_path / name / "a" for name in ("data", "made", "results", "bundles", "shipped")]
    assert places.fill(f"--weights={WEIGHTS}") == "--weights=imagenet"
    assert places.fill(f"--weights={LITE0_WEIGHTS}") == f"--weights={tmp_path}"
    assert places.fill(f"{WORK}/a:{WORK}/b") == f"{tmp_path}/made/a:{tmp_path}/made/b"
    assert places.fill("{other}") == "{other}"


@pytest.mark.parametrize(
    "changed",
    [
        replace(STEP, command=("benchmarks", "run", "--more")),
        replace(STEP, recipe=recipe_of("edge")),
        replace(STEP, needs=()),
    ],
)
def test_another_step_has_other_inputs(changed: Step) -> None:
    assert inputs_of(changed, GIVEN, RECORD) != inputs_of(STEP, GIVEN, RECORD)


def test_a_recipe_decides_what_is_trained() -> None:
    steps = (replace(STEP, recipe=replace(recipe_of("edge"), epochs=epochs)) for epochs in (1, 2))
    first, second = (inputs_of(step, GIVEN, RECORD) for step in steps)
    assert first != second


def test_other_data_or_outputs_before_it_make_a_step_stale() -> None:
    before = inputs_of(STEP, GIVEN, RECORD)
    assert inputs_of(STEP, OTHER, RECORD) != before
    retrained = replace(TRAINED, outputs={f"{WORK}/model": "5" * 64})
    assert inputs_of(STEP, GIVEN, RECORD.added("train", retrained, GIVEN)) != before
    assert inputs_of(STEP, GIVEN, Record(GIVEN, {})) != before


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        (WEIGHTS, {"weights": "5" * 64}),
        (LITE0_WEIGHTS, {"lite0_weights": "6" * 64}),
        (OTHERS, {"others": "7" * 64}),
    ],
)
def test_what_else_is_given_makes_the_steps_stale_that_take_it(word: str, changed: dict[str, str]) -> None:
    taking = replace(STEP, command=(*STEP.command, word))
    other = replace(GIVEN, **changed)
    assert inputs_of(taking, other, RECORD) != inputs_of(taking, GIVEN, RECORD)
    assert inputs_of(STEP, other, RECORD) == inputs_of(STEP, GIVEN, RECORD)


def test_weights_and_lists_of_pictures_are_hashed_wherever_they_lie(places: Places, tmp_path: Path) -> None:
    places.data.mkdir()
    (places.data / "manifest.csv").touch()
    given = places.given()
    assert (given.weights, given.lite0_weights, given.others) == ("imagenet", "", "")
    found = set()
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        for file in ("weights.h5", "lite0.h5", "sources.csv"):
            (folder / file).write_text(file, encoding="utf-8")
        weights, lite0 = str(folder / "weights.h5"), folder / "lite0.h5"
        found.add(replace(places, weights=weights, lite0_weights=lite0, others=folder).given())
    (given,) = found
    assert len({given.weights, given.lite0_weights, given.others}) == 3
    assert {len(given.weights), len(given.lite0_weights), len(given.others)} == {64}


def test_code_and_time_make_no_step_stale() -> None:
    before = inputs_of(STEP, GIVEN, RECORD)
    again = replace(TRAINED, inputs="6" * 64, commit="def", date="2027-01-01", seconds=9.0)
    unrelated = RECORD.added("train", again, GIVEN).added("audit", TRAINED, GIVEN)
    assert inputs_of(STEP, GIVEN, unrelated) == before
    assert inputs_of(replace(STEP, timed=True), GIVEN, RECORD) == before


def test_outputs_are_hashed_by_the_step_s_own_names(places: Places) -> None:
    step = replace(STEP, outputs=(f"{RESULTS}/scores.csv", f"{WORK}/absent"))
    places.results.mkdir()
    (places.results / "scores.csv").write_text("a\n", encoding="utf-8")
    assert outputs_of(step, places) == {
        f"{RESULTS}/scores.csv": sha256(places.results / "scores.csv"),
        f"{WORK}/absent": "",
    }


def test_the_data_are_hashed_by_their_manifest_and_photographs(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"manifest\.csv: can't be read .*; name the folder"):
        data_hash(tmp_path)
    (tmp_path / "manifest.csv").write_text("path,label\n", encoding="utf-8")
    found = [data_hash(tmp_path)]
    (tmp_path / "not_mri").mkdir()
    for content in ("a cat", "a dog"):
        (tmp_path / "not_mri" / "0.jpg").write_text(content, encoding="utf-8")
        found.append(data_hash(tmp_path))
    (tmp_path / "manifest.csv").write_text("path,label\na.jpg,glioma\n", encoding="utf-8")
    assert len({*found, data_hash(tmp_path)}) == 4
