"""How each net is trained where nothing else was asked for, and what a run's configuration may say."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest

from edge_app.preprocessing import InputSpec
from edge_app.records import build
from tests.train.runs import make_run
from train.config import (
    ARCHITECTURES,
    Architecture,
    Recipe,
    Teacher,
    TrainingConfig,
    but_for_fold,
    input_of,
    recipe_of,
)

CONFIG = make_run(Path("run")).config


def test_the_paper_s_net_is_trained_and_fed_without_refinements() -> None:
    recipe = recipe_of("paper")
    assert recipe == Recipe()
    assert not any((recipe.augment, recipe.cosine, recipe.balanced, recipe.averaging, recipe.label_smoothing))
    assert input_of("paper") == InputSpec(128, channels=3, crop="none", contrast="none")


def test_fine_tuning_is_the_edge_net_s_recipe_but_for_its_pace() -> None:
    tuned, trained = asdict(recipe_of("mobilenetv2", fine_tune=True)), asdict(recipe_of("edge"))
    changed = {name for name, value in tuned.items() if value != trained[name]}
    assert changed == {"epochs", "learning_rate", "weight_decay", "averaging"}


@pytest.mark.parametrize("arch", ["edge", "paper"])
def test_fine_tuning_says_nothing_of_nets_without_a_backbone(arch: Architecture) -> None:
    assert recipe_of(arch, fine_tune=True) == recipe_of(arch)


@pytest.mark.parametrize(("arch", "tuned"), [("edge", False), ("mobilenetv2", True)])
def test_a_teacher_changes_nothing_but_the_loss(arch: Architecture, tuned: bool) -> None:
    taught, alone = recipe_of(arch, tuned, taught=True), recipe_of(arch, tuned)
    assert taught.teacher_weight > 0 == alone.teacher_weight
    assert replace(taught, teacher_weight=0.0) == alone


def test_folds_differ_in_fold_and_teachers_alone() -> None:
    def taught(fold: int, *by: Architecture) -> TrainingConfig:
        teachers = (Teacher(arch=arch, weights=None, fold=fold, sha256=f"{fold:064x}") for arch in by)
        return replace(CONFIG, fold=fold, teachers=tuple(teachers))

    first, second = taught(1, "edge", "paper"), taught(2, "edge", "paper")
    assert but_for_fold(first) == but_for_fold(second) != but_for_fold(CONFIG)
    for other in (taught(2, "edge", "mobilenetv2"), taught(2, "edge")):
        assert but_for_fold(first) != but_for_fold(other)
    assert but_for_fold(first) != but_for_fold(replace(second, withheld_fold=None))


def test_a_frozen_backbone_sees_slices_as_they_are() -> None:
    """Its features are computed once, so that nothing may differ from one epoch to the next."""
    recipe = recipe_of("mobilenetv2")
    assert not recipe.augment and recipe.map_weight == 0


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_a_size_changes_nothing_else(arch: Architecture) -> None:
    assert input_of(arch, 64) == replace(input_of(arch), size=64)


def test_each_net_takes_what_it_was_made_for() -> None:
    # The backbone was pretrained on photographs of 224 x 224 pixels.
    assert input_of("mobilenetv2") == InputSpec(224, channels=3, crop="content", contrast="stretch")
    assert input_of("edge") == InputSpec(128, channels=1, crop="content", contrast="stretch")


@pytest.mark.parametrize(
    "config",
    [
        *(replace(CONFIG, arch=arch, input=input_of(arch), recipe=recipe_of(arch)) for arch in ARCHITECTURES),
        replace(CONFIG, weights="imagenet", withheld_fold=None, target_accuracy=0.95),
        replace(
            CONFIG,
            backbone_size=224,
            teachers=tuple(
                Teacher(arch="edge", weights=None, fold=0, sha256=digit * 64) for digit in ("a", "b")
            ),
        ),
    ],
)
def test_a_configuration_survives_its_run(config: TrainingConfig) -> None:
    assert build(TrainingConfig, json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize("field", [field.name for field in fields(TrainingConfig)])
def test_nothing_in_a_run_goes_without_saying(field: str) -> None:
    plain = asdict(CONFIG)
    del plain[field]
    with pytest.raises(TypeError, match=field):
        build(TrainingConfig, plain)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"protocol": "Grouped"}, "protocol: 'Grouped' is none of paper, official, grouped"),
        ({"input": {**asdict(CONFIG.input), "channels": 2}}, "input.channels: 2 is none of"),
        ({"fold": "0"}, "fold: '0' is no int"),
        ({"backbone_size": 8}, "backbone_size: 8 is not within"),
        (
            {"teachers": [{"arch": "edge", "weights": None, "fold": 0, "sha256": "../etc"}]},
            "teachers.*sha256",
        ),
        ({"recipe": {**asdict(CONFIG.recipe), "teacher_weight": 2}}, "recipe.teacher_weight: 2.0 is not"),
        ({"seed": True}, "seed: True is no int"),
        ({"recipe": {**asdict(CONFIG.recipe), "learning_rate": float("nan")}}, "recipe.learning_rate"),
    ],
)
def test_bad_values_are_named(change: dict[str, Any], fault: str) -> None:
    with pytest.raises((TypeError, ValueError), match=fault):
        build(TrainingConfig, asdict(CONFIG) | change)
