from __future__ import annotations

import keras
import numpy as np
import pytest

from train.config import Recipe
from train.model.augmentation import grid
from train.model.losses import LESION_WEIGHT, distillation, loss, map_targets, partial_crossentropy

GLIOMA, MENINGIOMA, NO_TUMOUR, PITUITARY = np.eye(4, dtype=np.float32)
TUMOUR = 1 - NO_TUMOUR


def test_one_hot_targets_give_the_categorical_crossentropy() -> None:
    probabilities = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]], np.float32)
    targets = np.stack([GLIOMA, PITUITARY])
    expected = keras.losses.categorical_crossentropy(targets, probabilities)
    assert np.allclose(partial_crossentropy(targets, probabilities, 0), expected, atol=1e-6)


def test_an_untyped_tumour_costs_only_what_is_given_to_no_tumour() -> None:
    certain = np.array([[0.2, 0.5, 0.0, 0.3]], np.float32)
    assert np.allclose(partial_crossentropy(TUMOUR[None], certain, 0), 0, atol=1e-6)
    assert float(partial_crossentropy(TUMOUR[None], NO_TUMOUR[None], 0)[0]) > 10


def test_places_of_a_lesion() -> None:
    places = grid(16, np.tile(np.eye(2, 3, dtype=np.float32)[None], (3, 1, 1)))
    boxes = np.array([[0.25, 0.75, 0.2, 0.2], [np.nan] * 4, [np.nan] * 4], np.float32)
    targets = np.array(map_targets(places, boxes, np.stack([GLIOMA, GLIOMA, NO_TUMOUR])))
    assert (targets[0, 11, 3] == GLIOMA).all() and (targets[0, 12, 4] == GLIOMA).all()
    assert (targets[0, 3, 11] == NO_TUMOUR).all()
    assert (targets[1] == GLIOMA + NO_TUMOUR).all()
    assert (targets[2] == NO_TUMOUR).all()


def test_places_weigh_as_the_recipe_says_and_lesions_more() -> None:
    even = np.full((1, 4), 0.25, np.float32)
    outputs = {"probabilities": even, "targets": GLIOMA[None]}
    plain = float(loss(outputs, Recipe()))
    assert plain == pytest.approx(np.log(4), abs=1e-5)
    places = outputs | {
        "map": np.tile(even, (1, 1, 2, 1)),
        "map_targets": np.stack([GLIOMA, NO_TUMOUR])[None, None],
    }
    located = float(loss(places, Recipe(map_weight=0.5)))
    assert located == pytest.approx(plain * (1 + 0.5 * (2 + LESION_WEIGHT) / 2), abs=1e-5)


def test_smoothing_asks_for_a_share_of_every_answer() -> None:
    certain = np.array([[0.97, 0.01, 0.01, 0.01]], np.float32)
    outputs = {"probabilities": certain, "targets": GLIOMA[None]}
    assert float(loss(outputs, Recipe(label_smoothing=0.1))) > float(loss(outputs, Recipe()))


def test_a_teacher_s_answer_costs_nothing_where_it_is_the_net_s_own() -> None:
    own = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.0, 1.0, 0.0]], np.float32)
    assert np.allclose(distillation(own, own, 3.0), 0, atol=1e-6)
    assert float(distillation(own[:1], own[1:], 1.0)[0]) > 1


def test_without_softening_it_is_the_kullback_leibler_divergence() -> None:
    taught = np.array([[0.7, 0.1, 0.1, 0.1]], np.float32)
    found = np.array([[0.4, 0.3, 0.2, 0.1]], np.float32)
    expected = (taught * np.log(taught / found)).sum()
    assert float(distillation(taught, found, 1.0)[0]) == pytest.approx(expected, abs=1e-5)


def test_teacher_and_label_share_the_loss() -> None:
    even = np.full((1, 4), 0.25, np.float32)
    outputs = {"probabilities": even, "targets": GLIOMA[None]}
    taught = outputs | {"taught": np.array([[0.7, 0.1, 0.1, 0.1]], np.float32)}
    recipe = Recipe(teacher_weight=0.7, temperature=2.0)
    label, teacher = float(loss(outputs, recipe)), float(distillation(taught["taught"], even, 2.0)[0])
    assert float(loss(taught, recipe)) == pytest.approx(0.3 * label + 0.7 * teacher, abs=1e-6)
