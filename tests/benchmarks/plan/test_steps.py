from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from benchmarks.command_line import parser
from benchmarks.plan.record import Places
from benchmarks.plan.steps import FIRST, LITE0_WEIGHTS, NETS, WORK, Scale, Step, plan
from convert.__main__ import main as convert
from tests.conftest import ROOT
from train.__main__ import main as train

PLACES = Places(
    data=ROOT / "d",
    weights="imagenet",
    lite0_weights=ROOT / "l",
    others=Path("ood"),
    work=ROOT / "w",
    results=ROOT / "r",
    bundles=ROOT / "b",
    shipped=ROOT / "s",
)


@pytest.mark.parametrize("scale", get_args(Scale))
def test_every_step_comes_after_those_that_it_needs(scale: Scale) -> None:
    done: set[str] = set()
    left: set[str] = set()
    for step in plan(scale):
        assert set(step.needs) <= done, step.name
        assert step.name not in done
        assert not left & set(step.outputs), "no file is left by two steps"
        done.add(step.name)
        left |= set(step.outputs)


def test_both_scales_are_the_same_plan_but_for_some_folds_and_what_needs_them_all() -> None:
    toy = [step.name for step in plan("toy")]
    whole = [step.name for step in plan("whole")]
    assert toy == [name for name in whole if not name.endswith(("-fold-3", "-fold-4", "choice"))]
    assert not any(LITE0_WEIGHTS in step.command for step in plan("toy"))


def test_every_net_is_trained_by_its_recipe_and_converted_unless_it_only_teaches() -> None:
    steps = {step.name: step for step in plan()}
    for net in NETS:
        assert steps[f"train {net.name}"].recipe is not None
        if not net.converted:
            assert f"convert {net.name}" not in steps
            continue
        assert set(steps[f"convert {net.name}"].needs) == {
            f"train {net.name}",
            *(f"train {net.name}-fold-{fold}" for fold in net.folds),
        }
    assert {net for net in NETS if not net.converted} == set(FIRST.taught_by)


@pytest.mark.parametrize("scale", get_args(Scale))
@pytest.mark.parametrize("fold", [None, 1, 2])
def test_what_ships_is_taught_in_every_fold_by_nets_of_that_fold(scale: Scale, fold: int | None) -> None:
    steps = {step.name: step for step in plan(scale)}
    end = "" if fold is None else f"-fold-{fold}"
    student = steps[f"train edge-grouped{end}"]
    names = [f"efficientnet_lite0-tuned-grouped{end}", f"edge-alone-grouped{end}"]
    assert student.needs == tuple(f"train {name}" for name in names)
    told = [after for word, after in pairwise(student.command) if word == "--teacher"]
    assert told == [f"{WORK}/runs/{name}" for name in names]
    assert student.recipe and student.recipe.teacher_weight > 0
    for step in (student, *(steps[name] for name in student.needs)):
        assert ("--fold" in step.command) == (fold is not None)
        assert fold is None or step.command[step.command.index("--fold") + 1] == str(fold)


def test_teachers_are_compared_and_not_measured() -> None:
    steps = {step.name: step for step in plan()}
    for net in FIRST.taught_by:
        assert f"train {net.name}" in steps["comparison"].needs
        assert not any(net.bundle in step.command for step in steps.values())


def test_times_are_taken_on_an_idle_machine_alone() -> None:
    timed = {step.name for step in plan() if step.timed}
    assert timed == {"latency grouped", "mlperf grouped", "browser grouped", "latency of baselines"}
    assert not any(step.timed for step in plan("toy"))


@pytest.mark.parametrize("step", [*plan(), *plan("toy")], ids=lambda step: step.name)
def test_every_command_is_one_of_the_project(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    """The words are understood: a parser asked for help after them finds no fault with those before."""
    room, *words = (PLACES.fill(word) for word in step.command)
    commands: dict[str, Callable[[list[str]], object]] = {
        "train": train,
        "convert": convert,
        "benchmarks": lambda arguments: parser().parse_args(arguments),
    }
    with pytest.raises(SystemExit) as stop:
        commands[room]([*words, "--help"])
    assert stop.value.code == 0, capsys.readouterr().err
