from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from train.config import Recipe, recipe_of
from train.data.arrays import Arrays
from train.model.augmentation import Augmentation, grid, warp
from train.model.fitting import (
    Batches,
    Checkpoint,
    TargetAccuracy,
    fit,
    map_targets,
    partial_crossentropy,
)

GLIOMA, MENINGIOMA, NO_TUMOR, PITUITARY = np.eye(4, dtype=np.float32)
TUMOUR = 1 - NO_TUMOR
RECIPE = replace(recipe_of("edge"), epochs=1, batch=4)


@pytest.fixture
def arrays() -> Arrays:
    """Twelve slices: a bright spot on the left is a glioma, on the right a meningioma."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 60, (12, 32, 32, 1), dtype=np.uint8)
    boxes = np.full((12, 4), np.nan, np.float32)
    for i in range(8):
        left = 4 if i % 2 == 0 else 20
        pixels[i, 12:20, left : left + 8] = 220
        boxes[i] = ((left + 4) / 32, 0.5, 0.25, 0.25)
    targets = np.array([GLIOMA, MENINGIOMA] * 4 + [NO_TUMOR] * 3 + [TUMOUR])
    return Arrays(pixels=pixels, boxes=boxes, targets=targets)


def net() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 8, strides=4, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )


def test_one_hot_targets_give_the_categorical_crossentropy() -> None:
    probabilities = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]], np.float32)
    targets = np.stack([GLIOMA, PITUITARY])
    expected = keras.losses.categorical_crossentropy(targets, probabilities)
    assert np.allclose(partial_crossentropy(targets, probabilities, 0), expected, atol=1e-6)


def test_an_untyped_tumour_costs_only_what_is_given_to_no_tumour() -> None:
    certain = np.array([[0.2, 0.5, 0.0, 0.3]], np.float32)
    assert np.allclose(partial_crossentropy(TUMOUR[None], certain, 0), 0, atol=1e-6)
    assert float(partial_crossentropy(TUMOUR[None], NO_TUMOR[None], 0)[0]) > 10


def test_an_epoch_draws_as_told_and_its_order_depends_on_the_epoch_alone(arrays: Arrays) -> None:
    wanted = np.array([0.5] * 8 + [2.0, 2.5, 1.5, 2.0])
    batches = Batches(arrays, RECIPE, 1, wanted)
    times = np.bincount(batches.order, minlength=12)
    assert times.sum() == 12 and (np.abs(times - wanted) < 1).all()
    batches.on_epoch_end()
    resumed = Batches(arrays, RECIPE, 1, wanted)
    resumed.start(1)
    assert np.array_equal(batches.order, resumed.order)
    assert not np.array_equal(batches.order, Batches(arrays, RECIPE, 1, wanted).order)
    assert sorted(Batches(arrays, RECIPE, seed=1).order) == list(range(12))
    watched = Batches(arrays, RECIPE, seed=1, shuffle=False)
    assert np.array_equal(np.concatenate([batch["targets"] for (batch,) in watched]), arrays.targets)


def test_places_of_a_lesion() -> None:
    places = grid(16, np.tile(np.eye(2, 3, dtype=np.float32)[None], (3, 1, 1)))
    boxes = np.array([[0.25, 0.75, 0.2, 0.2], [np.nan] * 4, [np.nan] * 4], np.float32)
    targets = np.array(map_targets(places, boxes, np.stack([GLIOMA, GLIOMA, NO_TUMOR])))
    assert (targets[0, 11, 3] == GLIOMA).all() and (targets[0, 12, 4] == GLIOMA).all()
    assert (targets[0, 3, 11] == NO_TUMOR).all()
    assert (targets[1] == GLIOMA + NO_TUMOR).all()
    assert (targets[2] == NO_TUMOR).all()


def test_boxes_stay_on_their_lesion_when_the_slice_is_moved() -> None:
    pixels = np.zeros((8, 64, 64, 1), np.float32)
    pixels[:, 20:30, 40:50] = 255
    boxes = np.tile(np.array([45, 25, 10, 10], np.float32) / 64, (8, 1))
    moved, boxes, targets, matrices = Augmentation(seed=3)(pixels, boxes, np.tile(GLIOMA, (8, 1)))
    inside = np.array(map_targets(grid(64, matrices), boxes, targets))[..., 0] == 1
    inside &= np.array(map_targets(grid(64, matrices), boxes, targets))[..., 2] == 0
    for picture, mask in zip(np.array(moved)[..., 0], inside, strict=True):
        assert picture[mask].mean() > picture[~mask].mean() + 50


def test_an_implanted_lesion_brings_its_label_and_box() -> None:
    pixels = np.zeros((64, 32, 32, 1), np.float32)
    pixels[::2, 8:16, 8:16] = 255
    boxes = np.full((64, 4), np.nan, np.float32)
    boxes[::2] = (12 / 32, 12 / 32, 8 / 32, 8 / 32)
    targets = np.tile(np.stack([GLIOMA, NO_TUMOR]), (32, 1))
    augmented, new_boxes, new_targets, _ = (np.array(x) for x in Augmentation(seed=1)(pixels, boxes, targets))
    changed = (new_targets != targets).any(axis=1)
    assert 0 < changed.sum() < 32 and not changed[::2].any()
    assert (new_targets[changed] == GLIOMA).all() and np.isfinite(new_boxes[changed]).all()
    assert augmented[changed].max(axis=(1, 2, 3)).mean() > 100
    assert np.isfinite(augmented).all() and augmented.min() >= 0 and augmented.max() <= 255


def test_training_learns_and_leaves_a_history_and_a_checkpoint(arrays: Arrays, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    recipe = replace(RECIPE, epochs=40, learning_rate=1e-2, augment=False, map_weight=0, averaging=0.9)
    model = net()
    assert fit(model, recipe, arrays, arrays, tmp_path, seed=1)
    answers = model.predict(arrays.pixels.astype("float32"), verbose=0).argmax(axis=1)
    assert (arrays.targets[np.arange(12), answers] == 1).mean() > 0.7
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 41
    assert (tmp_path / "checkpoint.weights.h5").is_file()


def test_a_stopped_training_goes_on_where_it_stopped(arrays: Arrays, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    recipe = replace(RECIPE, epochs=3, map_weight=0)
    assert not fit(net(), recipe, arrays, arrays, tmp_path, seed=1, callbacks=[Stop()])
    assert fit(net(), recipe, arrays, arrays, tmp_path, seed=1)
    epochs = [line.split(",")[0] for line in (tmp_path / "history.csv").read_text().splitlines()]
    assert epochs == ["epoch", "0", "1", "2"]


def test_the_papers_callback_waits_for_both_accuracies() -> None:
    model = net()
    model.stop_training = False
    callback = TargetAccuracy(0.9)
    callback.set_model(model)
    callback.on_epoch_end(0, {"accuracy": 0.95, "val_accuracy": 0.85})
    assert not model.stop_training
    callback.on_epoch_end(1, {"accuracy": 0.95, "val_accuracy": 0.9})
    assert model.stop_training


def test_a_checkpoint_that_fails_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.weights.h5")
    model = net()
    checkpoint.set_model(model)
    checkpoint.on_epoch_end(0)
    before = (tmp_path / "checkpoint.weights.h5").read_bytes()

    def full(path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_weights", full)
    with pytest.raises(OSError, match="No space"):
        checkpoint.on_epoch_end(1)
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == before


def test_the_warp_moves_a_spot_to_where_the_matrix_says() -> None:
    random = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 1)).astype("float32")
    quarter_turn = np.array([[[0, 1, 0], [-1, 0, 0]]], np.float32)
    assert np.allclose(
        ops.convert_to_numpy(warp(random, quarter_turn))[0, ..., 0], np.rot90(random[0, ..., 0], -1), atol=1
    )


def test_a_rest_that_devices_cannot_share_evenly_is_filled_up() -> None:
    arrays = Arrays(
        pixels=np.zeros((9, 8, 8, 1), np.uint8),
        boxes=np.zeros((9, 4), np.float32),
        targets=np.tile(GLIOMA, (9, 1)),
    )
    batches = Batches(arrays, Recipe(batch=4), seed=1, shuffle=False, devices=2)
    assert [len(batches[i][0]["targets"]) for i in range(len(batches))] == [4, 4, 2]
