from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from train.config import Recipe
from train.data.balance import MOST, draws
from train.data.dataset import Slice

RECIPE = Recipe()


def kind(label: str, sequence: str, source: str, count: int) -> list[Slice]:
    names = [f"{label}-{sequence}-{source}-{i}" for i in range(count)]
    return [Slice(name, label, name, name, sequence=sequence, source=source) for name in names]


def seen(slices: list[Slice], by: str, recipe: Recipe = RECIPE) -> Counter[str]:
    times: Counter[str] = Counter()
    for slice_, expected in zip(slices, draws(slices, recipe), strict=True):
        times[getattr(slice_, by)] += expected
    return times


def test_an_epoch_has_as_many_draws_as_slices_and_none_too_often() -> None:
    slices = kind("glioma", "T1", "a", 90) + kind("no_tumor", "T1", "a", 9) + kind("no_tumor", "PD", "b", 1)
    found = draws(slices, RECIPE)
    assert found.sum() == pytest.approx(len(slices))
    assert found.min() > 0 and found.max() <= MOST
    assert found[-1] == MOST


def test_the_sequences_of_a_label_are_seen_alike() -> None:
    slices = kind("glioma", "T1", "a", 60) + kind("glioma", "T2", "a", 40) + kind("no_tumor", "T1", "a", 100)
    times = seen(slices[:100] + slices[100:], "sequence")
    assert times["T2"] == pytest.approx(50)


def test_no_tumour_and_all_tumours_weigh_by_the_root_of_what_there_is() -> None:
    slices = kind("glioma", "", "", 60) + kind("pituitary", "", "", 30) + kind("no_tumor", "", "", 40)
    times = seen(slices, "label")
    assert times["no_tumor"] / (times["glioma"] + times["pituitary"]) == pytest.approx(np.sqrt(40 / 90))
    assert times["glioma"] / times["pituitary"] == pytest.approx(np.sqrt(2))


def test_a_large_source_does_not_drown_a_small_one() -> None:
    slices = kind("no_tumor", "T1", "large", 160) + kind("no_tumor", "T1", "small", 40)
    times = seen(slices, "source")
    assert times["large"] / times["small"] == pytest.approx(2)


def test_alike_slices_are_seen_once_each() -> None:
    assert np.allclose(draws(kind("glioma", "", "", 7), RECIPE), 1)


def test_types_of_tumours_may_be_seen_alike() -> None:
    slices = kind("glioma", "", "", 60) + kind("pituitary", "", "", 30) + kind("no_tumor", "", "", 40)
    times = seen(slices, "label", Recipe(type_power=0.0))
    assert times["glioma"] == pytest.approx(times["pituitary"])


def test_collections_with_both_answers_in_a_sequence_may_be_seen_more_often() -> None:
    paired = kind("glioma", "T1", "paired", 20) + kind("no_tumor", "T1", "paired", 20)
    others = kind("glioma", "T1", "a", 40) + kind("no_tumor", "T1", "b", 40) + kind("no_tumor", "", "a", 9)
    plain, more = (seen(paired + others, "source", Recipe(paired_factor=x)) for x in (1.0, 2.0))
    assert more["paired"] / more["b"] == pytest.approx(2 * plain["paired"] / plain["b"])
    assert more["a"] < plain["a"] and sum(more.values()) == pytest.approx(129)


def test_typed_tumours_of_unknown_sequence_may_count_as_t1_with_contrast() -> None:
    slices = kind("glioma", "", "a", 80) + kind("glioma", "T1C", "a", 20) + kind("glioma", "FLAIR", "b", 50)
    slices += kind("tumour", "", "c", 30) + kind("tumour", "T1C", "c", 10)
    recipe = Recipe(unknown_as_contrast=True)
    plain, more = (draws(slices, each) for each in (RECIPE, recipe))
    assert more[0] == pytest.approx(more[80]) and plain[80] > 2 * plain[0]
    assert more[100:150].sum() == pytest.approx(more[:100].sum())
    assert more[150:180].sum() == pytest.approx(more[180:].sum()), "of unknown type they are of any sequence"
