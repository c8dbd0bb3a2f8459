from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from edge_app.preprocessing import InputSpec
from train.config import Recipe, recipe_of
from train.data.arrays import Arrays
from train.data.siblings import Siblings
from train.model.fitting import Batches, Checkpoint, Lessons, TargetAccuracy, Training, fit

GLIOMA, MENINGIOMA, NO_TUMOUR, _ = np.eye(4, dtype=np.float32)
TUMOUR = 1 - NO_TUMOUR
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
    targets = np.array([GLIOMA, MENINGIOMA] * 4 + [NO_TUMOUR] * 3 + [TUMOUR])
    return Arrays(pixels=pixels, boxes=boxes, targets=targets)


def net(channels: int = 1, dropped: float = 0.0) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((32, 32, channels)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 8, strides=4, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(dropped),
            layers.Dense(4, activation="softmax"),
        ]
    )


def lessons(arrays: Arrays, *teachers: keras.Model) -> Lessons:
    return Lessons(train=arrays, validation=arrays, teachers=teachers)


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


@pytest.mark.slow
def test_training_learns_and_leaves_a_history_and_a_checkpoint(arrays: Arrays, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    recipe = replace(RECIPE, epochs=40, learning_rate=1e-2, augment=False, map_weight=0, averaging=0.9)
    model = net()
    assert fit(model, recipe, lessons(arrays), tmp_path, seed=1)
    answers = model.predict(arrays.pixels.astype("float32"), verbose=0).argmax(axis=1)
    assert (arrays.targets[np.arange(12), answers] == 1).mean() > 0.7
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 41
    assert (tmp_path / "checkpoint.weights.h5").is_file()


@pytest.mark.slow
def test_a_stopped_training_goes_on_where_it_stopped(arrays: Arrays, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    recipe = replace(RECIPE, epochs=3, map_weight=0)
    assert not fit(net(), recipe, lessons(arrays), tmp_path, seed=1, callbacks=[Stop()])
    assert fit(net(), recipe, lessons(arrays), tmp_path, seed=1)
    epochs = [line.split(",")[0] for line in (tmp_path / "history.csv").read_text().splitlines()]
    assert epochs == ["epoch", "0", "1", "2"]


@pytest.mark.slow
def test_what_came_after_the_last_checkpoint_is_trained_again(arrays: Arrays, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

    recipe = replace(RECIPE, epochs=4, map_weight=0, augment=False)
    assert not fit(net(), recipe, lessons(arrays), tmp_path, seed=1, callbacks=[Stop()])
    assert fit(net(), recipe, lessons(arrays), tmp_path, seed=1)
    epochs = [line.split(",")[0] for line in (tmp_path / "history.csv").read_text().splitlines()]
    assert epochs == ["epoch", "0", "1", "2", "3"]


def test_a_checkpoint_is_not_written_after_every_short_epoch(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.weights.h5")
    checkpoint.set_model(net())
    checkpoint.on_epoch_end(0)
    (tmp_path / "checkpoint.weights.h5").unlink()
    checkpoint.on_epoch_end(1)
    assert not (tmp_path / "checkpoint.weights.h5").exists()


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
    checkpoint.written = -math.inf
    with pytest.raises(OSError, match="No space"):
        checkpoint.on_epoch_end(1)
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == before


def test_every_batch_of_a_training_is_full_so_that_one_shape_is_compiled(arrays: Arrays) -> None:
    batches = Batches(arrays, replace(RECIPE, batch=5), seed=1)
    assert [len(batches[i][0]["targets"]) for i in range(len(batches))] == [5, 5, 5]
    small = Batches(arrays, replace(RECIPE, batch=64), seed=1)
    assert [len(small[i][0]["targets"]) for i in range(len(small))] == [12]


def test_only_training_slices_are_mixed_and_alike_in_a_resumed_run(arrays: Arrays) -> None:
    siblings = Siblings(
        spec=InputSpec(32), pixels=255 - arrays.pixels[:8], starts=np.array([*range(8), *[8] * 5])
    )
    recipe = replace(RECIPE, batch=12, mix_sequences=1.0)
    first, again = (Batches(arrays, recipe, seed=1, siblings=siblings) for _ in range(2))
    assert np.array_equal(first[0][0]["pixels"], again[0][0]["pixels"])
    mixed = {row: (first[0][0]["pixels"][i] != arrays.pixels[row]).any() for i, row in enumerate(first.order)}
    assert mixed == {row: row < 8 for row in range(12)}
    assert (arrays.pixels[:8, 12:20] == 220).any()  # the arrays themselves stay as they were
    watched = Batches(arrays, recipe, seed=1, shuffle=False)
    assert np.array_equal(watched[0][0]["pixels"], arrays.pixels)


def test_a_teacher_is_shown_the_net_s_own_augmented_view(arrays: Arrays) -> None:
    """The same weights, their kernel laid on three channels, give the same answers to the same view alone.

    So they do where the teacher could drop units: it answers as it would on a device.
    """
    student, teacher = net(), net(channels=3, dropped=0.5)
    kernel, *others = student.get_weights()
    teacher.set_weights([np.repeat(kernel / 3, 3, axis=2), *others])
    training = Training(student, replace(RECIPE, map_weight=0.0), seed=1, teachers=[teacher])
    (batch,) = Batches(arrays, replace(RECIPE, batch=12), seed=1)[0]
    outputs = training(batch, training=True)
    taught, own = (ops.convert_to_numpy(outputs[name]) for name in ("taught", "probabilities"))
    assert taught == pytest.approx(own, abs=1e-5)
    plain = student.predict(batch["pixels"].astype("float32"), verbose=0)
    assert not np.allclose(own, plain, atol=1e-3)
    assert "taught" not in training(batch)


def sure_of(label: int, channels: int = 1) -> keras.Model:
    """Returns a net that answers one label, whatever it is shown."""
    model = net(channels)
    bias = 20 * np.eye(4, dtype=np.float32)[label]
    model.set_weights([*(np.zeros_like(weight) for weight in model.get_weights()[:-1]), bias])
    model.trainable = False
    return model


def test_of_several_teachers_the_mean_is_learnt_from(arrays: Arrays) -> None:
    """Each is given as many channels as it takes."""
    teachers = [sure_of(0), sure_of(1, channels=3), sure_of(1)]
    training = Training(net(), replace(RECIPE, map_weight=0.0), seed=1, teachers=teachers)
    (batch,) = Batches(arrays, RECIPE, seed=1)[0]
    taught = ops.convert_to_numpy(training(batch, training=True)["taught"])
    assert taught == pytest.approx(np.tile([1 / 3, 2 / 3, 0, 0], (4, 1)), abs=1e-6)


@pytest.mark.slow
def test_a_student_is_torn_between_teachers_who_disagree(arrays: Arrays, tmp_path: Path) -> None:
    """Against every label, and where the training was stopped midway."""

    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    keras.utils.set_random_seed(1)
    recipe = replace(
        RECIPE,
        epochs=30,
        batch=12,
        learning_rate=3e-2,
        augment=False,
        map_weight=0,
        averaging=0,
        teacher_weight=1.0,
    )
    given = lessons(arrays, sure_of(0), sure_of(3))
    assert not fit(net(), recipe, given, tmp_path, seed=1, callbacks=[Stop()])
    student = net()
    assert fit(student, recipe, given, tmp_path, seed=1)
    learnt = student.predict(arrays.pixels.astype("float32"), verbose=0)
    assert (learnt[:, [0, 3]] > 0.25).all() and (learnt[:, [1, 2]] < 0.01).all()


@pytest.mark.slow
def test_a_student_follows_its_teacher_against_the_labels_and_leaves_it_as_it_was(
    arrays: Arrays, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(1)
    teacher = net()
    teacher.trainable = False
    before = [weight.copy() for weight in teacher.get_weights()]
    recipe = replace(
        RECIPE, epochs=30, batch=12, learning_rate=3e-2, augment=False, map_weight=0, averaging=0
    )
    student = net()
    assert fit(student, replace(recipe, teacher_weight=1.0), lessons(arrays, teacher), tmp_path, seed=1)
    pixels = arrays.pixels.astype("float32")
    taught, learnt = (each.predict(pixels, verbose=0) for each in (teacher, student))
    assert np.abs(taught - learnt).mean() < 0.05
    assert all(np.array_equal(a, b) for a, b in zip(before, teacher.get_weights(), strict=True))


def test_a_rest_that_devices_cannot_share_evenly_is_filled_up() -> None:
    arrays = Arrays(
        pixels=np.zeros((9, 8, 8, 1), np.uint8),
        boxes=np.zeros((9, 4), np.float32),
        targets=np.tile(GLIOMA, (9, 1)),
    )
    batches = Batches(arrays, Recipe(batch=4), seed=1, shuffle=False, devices=2)
    assert [len(batches[i][0]["targets"]) for i in range(len(batches))] == [4, 4, 2]
