from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import machine
from benchmarks.plan import run
from benchmarks.plan.record import Places, Record
from benchmarks.plan.run import Maker, faults, outdated
from benchmarks.plan.steps import RESULTS, WORK, Step
from edge_app.records import RecordError
from train.config import recipe_of
from train.run import Run

LEAVE = "tests.benchmarks.plan.leave"
MODEL = Step(name="model", command=(LEAVE, f"{WORK}/model", "m1 "), outputs=(f"{WORK}/model",))
SCORES = Step(
    name="scores",
    command=(LEAVE, f"{RESULTS}/a/scores", "s1 ", f"{WORK}/model"),
    needs=("model",),
    outputs=(f"{RESULTS}/a/scores",),
)
TABLE = Step(
    name="table",
    command=(LEAVE, f"{RESULTS}/table", "t1 ", f"{RESULTS}/a/scores"),
    needs=("scores",),
    outputs=(f"{RESULTS}/table",),
)
PLAN = (MODEL, SCORES, TABLE)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "manifest.csv").write_text("path,label\n", encoding="utf-8")
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


@pytest.fixture
def make(places: Places) -> Callable[..., list[str]]:
    def make(*steps: Step) -> list[str]:
        told: list[str] = []
        Maker(steps or PLAN, places, told.append).make()
        return told

    return make


def calls(places: Places) -> dict[str, int]:
    """How often each step's command was called."""
    found = [*places.work.rglob("*.calls"), *places.results.rglob("*.calls")]
    return {path.stem: len(path.read_text()) for path in found}


def strays(places: Places) -> None:
    """Takes away what the tests' own command leaves beside its output."""
    for path in places.results.rglob("*.calls"):
        path.unlink()


def test_every_step_is_done_once_and_recorded(make: Callable[..., list[str]], places: Places) -> None:
    told = make()
    assert (places.results / "table").read_text() == "t1 s1 m1 "
    assert calls(places) == {"model": 1, "scores": 1, "table": 1}
    assert told[0] == "2 results to make: scores, table."
    assert any(sentence.startswith("table: done in") for sentence in told)
    record = Record.load(places.results)
    assert set(record.steps) == {"model", "scores", "table"}
    assert make() == ["Every result is current."]
    assert calls(places) == {"model": 1, "scores": 1, "table": 1}


def test_what_is_committed_needs_no_work_again(make: Callable[..., list[str]], places: Places) -> None:
    make()
    (places.work / "model").unlink()
    assert make() == ["Every result is current."]
    # A later step alone is stale: what it reads lies there, so that the model is not made again.
    make(MODEL, SCORES, replace(TABLE, command=(LEAVE, f"{RESULTS}/table", "t2 ", f"{RESULTS}/a/scores")))
    assert calls(places)["table"] == 2 and calls(places)["model"] == 1
    # But it is, where what reads it is stale.
    make(MODEL, replace(SCORES, command=(*SCORES.command[:2], "s2 ", f"{WORK}/model")), TABLE)
    assert calls(places)["model"] == 2


def test_a_change_makes_all_that_stands_on_it_again(make: Callable[..., list[str]], places: Places) -> None:
    make()
    make(replace(MODEL, command=(LEAVE, f"{WORK}/model", "m2 ")), SCORES, TABLE)
    assert (places.results / "table").read_text() == "t1 s1 m2 "
    (places.data / "manifest.csv").write_text("path,label\nother,glioma\n", encoding="utf-8")
    make(replace(MODEL, command=(LEAVE, f"{WORK}/model", "m2 ")), SCORES, TABLE)
    assert calls(places) == {"model": 3, "scores": 3, "table": 3}


def test_a_result_that_was_touched_is_made_again(make: Callable[..., list[str]], places: Places) -> None:
    make()
    (places.results / "a" / "scores").write_text("better", encoding="utf-8")
    make()
    assert (places.results / "table").read_text() == "t1 s1 m1 "
    assert calls(places)["scores"] == 2


def test_a_failure_keeps_what_was_done(make: Callable[..., list[str]], places: Places) -> None:
    failing = replace(SCORES, command=(LEAVE, f"{RESULTS}/a/scores", "fail"))
    with pytest.raises(BenchmarkError, match="scores: failed"):
        make(MODEL, failing, TABLE)
    with pytest.raises(KeyboardInterrupt):
        make(MODEL, replace(SCORES, command=(LEAVE, f"{RESULTS}/a/scores", "interrupt")), TABLE)
    make()
    assert calls(places) == {"model": 1, "scores": 1, "table": 1}


def test_a_step_that_leaves_nothing_is_told(make: Callable[..., list[str]]) -> None:
    with pytest.raises(BenchmarkError, match=r"model: left no .*/made/model"):
        make(replace(MODEL, command=(LEAVE, f"{WORK}/model", "nothing")), SCORES)


def test_times_wait_for_an_idle_machine(
    make: Callable[..., list[str]], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = iter([(100, 200), (110, 300), (0, 0), (95, 100)])
    monkeypatch.setattr(machine, "WATCHED", 0)
    monkeypatch.setattr(machine, "_cpu_times", lambda: next(loads))
    timed = replace(SCORES, timed=True)
    with pytest.raises(BenchmarkError, match="90% busy with other work"):
        make(MODEL, timed, TABLE)
    make(MODEL, timed, TABLE)
    assert calls(places) == {"model": 1, "scores": 1, "table": 1}


def test_a_file_is_copied_where_it_is_committed(make: Callable[..., list[str]], places: Places) -> None:
    audit = Step(
        name="audit",
        command=(LEAVE, f"{WORK}/audit/found", "a1"),
        outputs=(f"{RESULTS}/audit",),
        copies=((f"{WORK}/audit/found", f"{RESULTS}/audit"),),
    )
    make(audit)
    assert (places.results / "audit").read_text() == "a1"


def test_committed_results_are_checked(make: Callable[..., list[str]], places: Places) -> None:
    assert list(faults(PLAN, places)) == [], "what is not made yet is no fault"
    assert list(outdated(PLAN, places)) == ["model", "scores", "table"]
    places.results.mkdir()
    (places.results / "table").write_text("better", encoding="utf-8")
    assert list(faults(PLAN, places)) == [
        "table: was never recorded; make results makes it.",
        f"{places.results / 'table'}: is left by no step.",
    ]
    make()
    strays(places)
    assert list(faults(PLAN, places)) == []
    assert list(outdated(PLAN, places)) == []
    (places.results / "table").write_text("better", encoding="utf-8")
    (places.results / "a" / "by hand").write_text("much better", encoding="utf-8")
    (places.results / "a" / "report.md").write_text("made from the others", encoding="utf-8")
    assert list(faults(PLAN, places)) == [
        f"{places.results / 'table'}: is not what the step table left.",
        f"{places.results / 'a' / 'by hand'}: is left by no step.",
    ]
    changed = replace(MODEL, command=(LEAVE, f"{WORK}/model", "m2 "))
    assert list(outdated((changed, SCORES, TABLE), places)) == ["model"]


def test_bad_input_is_named(make: Callable[..., list[str]], places: Places) -> None:
    places.results.mkdir()
    (places.results / "plan.json").write_text("{", encoding="utf-8")
    with pytest.raises(RecordError, match=r"plan\.json: is broken"):
        make()
    (places.results / "plan.json").unlink()
    (places.data / "manifest.csv").unlink()
    with pytest.raises(RecordError, match=r"manifest\.csv: can't be read"):
        make()


def test_a_training_goes_on_where_it_stopped(
    places: Places, monkeypatch: pytest.MonkeyPatch, make: Callable[..., list[str]]
) -> None:
    """The run's own state says whether it is resumed; what other inputs left is taken away."""
    folder = places.work / "runs" / "net"
    training = Step(
        name="train net",
        command=(LEAVE, f"{WORK}/runs/net/model.keras", "m1"),
        outputs=(f"{WORK}/runs/net/model.keras",),
        recipe=recipe_of("edge"),
    )
    scores = replace(SCORES, needs=("train net",), command=(LEAVE, f"{RESULTS}/a/scores", "s1 "))
    state = "training"
    words: list[list[str]] = []

    class State:
        @property
        def state(self) -> str:
            return state

    class Done:
        def __init__(self, returncode: int) -> None:
            self.returncode = returncode

    def call(command: list[str], **_: object) -> Done:
        words.append(command)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("run.json", "model.keras"):
            (folder / name).touch()
        nonlocal state
        state = "finished" if "--resume" in command or "more" in command else state
        (places.results / "a").mkdir(parents=True, exist_ok=True)
        (places.results / "a" / "scores").touch()
        return Done(0 if state == "finished" else 130)

    monkeypatch.setattr(Run, "load", lambda _: State())
    monkeypatch.setattr(run, "git_commit", lambda: "0" * 40)
    monkeypatch.setattr(subprocess, "run", call)
    with pytest.raises(KeyboardInterrupt):
        make(training, scores)
    assert "--resume" not in words[0]
    make(training, scores)
    assert words[1][-1] == "--resume" and len(words) == 3
    Record(places.given(), {}).save(places.results)  # as if it had been killed before it was recorded
    make(training, scores)
    assert len(words) == 4, "a finished training is not begun again, its scores are"
    (folder / "old").touch()
    make(replace(training, command=(*training.command, "more")), scores)
    assert not (folder / "old").exists() and "--resume" not in words[4]
