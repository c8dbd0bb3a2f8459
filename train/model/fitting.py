"""Training a net on any Keras backend."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from evaluation.labels import NAMES
from train.config import Recipe
from train.data.arrays import Arrays
from train.data.siblings import Siblings
from train.model.augmentation import Augmentation, grid
from train.model.losses import loss, map_targets
from train.model.networks import with_map

Tensor = Any

CHECKPOINT_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """What a net learns from.

    Attributes:
        train: Slices.
        validation: Slices that are watched after every epoch.
        draws: float64 (N,), how often an epoch sees each slice of ``train`` on average; None for once.
        siblings: Of ``train``; None where nothing is mixed.
        teachers: Nets of the same input, but for its channels, whose average answer is learnt from too.
    """

    train: Arrays
    validation: Arrays
    draws: NDArray[np.float64] | None = None
    siblings: Siblings | None = None
    teachers: Sequence[keras.Model] = ()


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled batches, in an order of seed and epoch alone, so that a resumed run repeats it."""

    def __init__(
        self,
        arrays: Arrays,
        recipe: Recipe,
        seed: int,
        draws: NDArray[np.float64] | None = None,
        shuffle: bool = True,
        devices: int = 1,
        siblings: Siblings | None = None,
    ) -> None:
        super().__init__()
        self.arrays = arrays
        self.batch = recipe.batch
        self.share = recipe.mix_sequences
        self.siblings = siblings
        self.seed = seed
        self.draws = np.ones(len(arrays.pixels)) if draws is None else draws
        self.shuffle = shuffle
        self.devices = devices
        self.start(epoch=0)

    def start(self, epoch: int) -> None:
        """Chooses an epoch's slices and puts them in its order."""
        self.epoch = epoch
        count = len(self.draws)
        if not self.shuffle:
            self.order = np.arange(count)
            return
        generator = np.random.default_rng((self.seed, epoch))
        shuffled = generator.permutation(count)
        # Systematic sampling: each slice comes as often as it should, up to a rounding by chance.
        reached = np.cumsum(self.draws[shuffled]) / self.draws.sum() * count
        marks = np.arange(count) + generator.uniform()
        drawn = shuffled[np.searchsorted(reached, marks).clip(max=count - 1)]
        self.order = generator.permutation(drawn)

    def on_epoch_end(self) -> None:
        """Goes on to the next epoch's order."""
        self.start(self.epoch + 1)

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch)

    def __getitem__(self, index: int) -> tuple[dict[str, Any]]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        # A rest that the devices can't share evenly borrows from the epoch's start. In training it is filled
        # up wholly: another shape of batch would be compiled anew, which takes some backends half a minute.
        whole = self.batch if self.shuffle and index else self.devices
        rows = np.concatenate([rows, self.order[: -len(rows) % whole]])
        arrays = self.arrays
        pixels = arrays.pixels[rows]
        if self.siblings is not None:
            random = np.random.default_rng((self.seed, self.epoch, index))
            for own, row in zip(pixels, rows, strict=True):
                own[:] = self.siblings.mix(own, row, self.share, random)
        return ({"pixels": pixels, "boxes": arrays.boxes[rows], "targets": arrays.targets[rows]},)


class Training(keras.Model):  # type: ignore[misc]
    """A net with what surrounds it while it learns: augmentation, the loss at every place, teachers."""

    def __init__(
        self, net: keras.Model, recipe: Recipe, seed: int, teachers: Sequence[keras.Model] = ()
    ) -> None:
        # The pixels, 0 to 255, are augmented in float32 whatever the net computes in.
        super().__init__(dtype="float32", autocast=False)
        self.net = net
        self.recipe = recipe
        self.located = with_map(net) if recipe.map_weight else None
        self.augmentation = Augmentation(seed) if recipe.augment else None
        self.teachers = list(teachers)
        self.accuracy = keras.metrics.Mean(name="accuracy")

    def call(self, inputs: dict[str, Tensor], training: bool = False) -> dict[str, Tensor]:
        """Runs the net on a batch of ``Batches``.

        Returns:
            ``probabilities`` and ``targets`` (N, labels), while teachers are learnt from their ``taught``
            (N, labels), and where places are supervised ``map`` and ``map_targets`` (N, rows, columns,
            labels).
        """
        pixels = ops.cast(inputs["pixels"], "float32")
        boxes, targets = inputs["boxes"], inputs["targets"]
        matrices = ops.tile(ops.eye(2, 3)[None], (ops.shape(pixels)[0], 1, 1))
        if training and self.augmentation is not None:
            pixels, boxes, targets, matrices = self.augmentation(pixels, boxes, targets)
        # Teachers see the very same view, so that the net can learn all that they say (Beyer et al. 2022).
        taught = {}
        if training and self.teachers:
            answers = [teacher(_for(teacher, pixels), training=False) for teacher in self.teachers]
            taught["taught"] = ops.mean(ops.stack(answers), axis=0)
        pixels = _for(self.net, pixels)
        if self.located is None:
            return {"probabilities": self.net(pixels, training=training), "targets": targets, **taught}
        outputs = self.located(pixels, training=training)
        places = grid(outputs["map"].shape[1], matrices)
        return {
            **outputs,
            "targets": targets,
            "map_targets": map_targets(places, boxes, targets),
            **taught,
        }

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: Any = True,
    ) -> Tensor:
        """See ``train.model.losses.loss``."""
        return loss(y_pred, self.recipe)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Accuracy: the most probable label is one that the slice may have."""
        best = ops.one_hot(ops.argmax(y_pred["probabilities"], axis=-1), len(NAMES))
        self.accuracy.update_state(ops.sum(best * y_pred["targets"], axis=-1))
        metrics: dict[str, Any] = self.get_metrics_result()
        return metrics


def _for(net: keras.Model, pixels: Tensor) -> Tensor:
    """Returns grey pixels in as many channels as a net takes."""
    return ops.repeat(pixels, net.input_shape[-1] // pixels.shape[-1], axis=-1)


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps weights and optimizer after an epoch, in one file that is never half-written.

    Not after every one: on a GPU an epoch may take no longer than the writing.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.written = -math.inf

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes beside, then renames."""
        if time.monotonic() - self.written < CHECKPOINT_SECONDS:
            return
        unfinished = self.path.with_name("unfinished.weights.h5")
        self.model.save_weights(unfinished, overwrite=True)
        unfinished.replace(self.path)
        self.written = time.monotonic()


class TargetAccuracy(keras.callbacks.Callback):  # type: ignore[misc]
    """The paper's callback: stops once training and validation accuracy both reach a target."""

    def __init__(self, target: float) -> None:
        super().__init__()
        self.target = target

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Stops the training where the target is reached."""
        logs = logs or {}
        if min(logs["accuracy"], logs["val_accuracy"]) >= self.target:
            self.model.stop_training = True


@contextmanager
def all_devices() -> Iterator[int]:
    """Spreads every batch over all GPUs where there is more than one; Keras does that under JAX alone.

    Yields:
        The number of devices; every batch must be a multiple of it.
    """
    devices = keras.distribution.list_devices() if keras.backend.backend() == "jax" else []
    if len(devices) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    try:
        yield max(len(devices), 1)
    finally:
        keras.distribution.set_distribution(None)


def fit(
    net: keras.Model,
    recipe: Recipe,
    lessons: Lessons,
    folder: Path,
    seed: int,
    devices: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> bool:
    """Trains a net in place, going on from the folder's checkpoint where there is one.

    Args:
        net: The net.
        recipe: How.
        lessons: What it learns from.
        folder: Where ``checkpoint.weights.h5`` and ``history.csv`` are kept.
        seed: For order, augmentation and dropout.
        devices: How many share a batch (see ``all_devices``).
        callbacks: More Keras callbacks.

    Returns:
        False where the user interrupted; the net is usable all the same.
    """
    batches = Batches(lessons.train, recipe, seed, lessons.draws, devices=devices, siblings=lessons.siblings)
    watched = Batches(lessons.validation, recipe, seed, shuffle=False, devices=devices)
    model = Training(net, recipe, seed, lessons.teachers)
    steps = len(batches)
    model.compile(optimizer=_optimizer(recipe, steps))
    model(batches[0][0], training=True)
    checkpoint = folder / "checkpoint.weights.h5"
    epoch = 0
    if checkpoint.is_file():
        model.optimizer.build(model.trainable_variables)
        model.load_weights(checkpoint)
        epoch = int(ops.convert_to_numpy(model.optimizer.iterations)) // steps
        batches.start(epoch)
        _forget(folder / "history.csv", epoch)
    averaged = [keras.callbacks.SwapEMAWeights(swap_on_epoch=False)] if recipe.averaging else []
    log = keras.callbacks.CSVLogger(folder / "history.csv", append=epoch > 0)
    try:
        model.fit(
            batches,
            validation_data=watched,
            epochs=recipe.epochs,
            initial_epoch=epoch,
            verbose=2,
            callbacks=[*averaged, Checkpoint(checkpoint), log, *callbacks],
        )
    except KeyboardInterrupt:
        log.on_train_end()
        if checkpoint.is_file():
            # Midway through an epoch, weights and averages may be half swapped.
            model.load_weights(checkpoint)
        if recipe.averaging:
            model.optimizer.finalize_variable_values(model.trainable_variables)
        return False
    return True


def _forget(history: Path, epoch: int) -> None:
    """Takes what came after a checkpoint out of a history, since it is trained again."""
    lines = history.read_text(encoding="utf-8").splitlines(keepends=True)
    history.write_text("".join(lines[: 1 + epoch]), encoding="utf-8")


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    rate: Any = recipe.learning_rate
    if recipe.cosine:
        total = recipe.epochs * steps
        rate = keras.optimizers.schedules.CosineDecay(
            recipe.learning_rate / 100, total, warmup_target=recipe.learning_rate, warmup_steps=total // 20
        )
    return keras.optimizers.Adam(
        rate,
        weight_decay=recipe.weight_decay or None,
        use_ema=recipe.averaging > 0,
        ema_momentum=recipe.averaging or 0.99,
    )
