"""What decides how a training ends: written into its run, and from there into the bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from edge_app.preprocessing import InputSpec

Architecture = Literal["edge", "paper", "mobilenetv2"]
Protocol = Literal["paper", "official", "grouped"]
ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a net is trained.

    Attributes:
        epochs: At most this many passes.
        batch: Slices a step.
        learning_rate: Adam's, at its highest; falls along a cosine to zero where ``cosine``.
        cosine: Whether the learning rate falls.
        weight_decay: Adam's decoupled weight decay.
        augment: Whether slices are augmented.
        map_weight: Weight of the loss at every place of the slice, against the tumours' boxes.
        averaging: Momentum of the exponential average of the weights; 0 for none.
        label_smoothing: Share of the probability that the loss gives to other answers.
        balanced: Whether an epoch sees rare kinds of slices more often (see ``train.data.balance``).
    """

    epochs: int = 100
    batch: int = 32
    learning_rate: float = 1e-3
    cosine: bool = False
    weight_decay: float = 0.0
    augment: bool = False
    map_weight: float = 0.0
    averaging: float = 0.0
    label_smoothing: float = 0.0
    balanced: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """What a training was asked for; where its data lies is no part of it.

    Attributes:
        arch: The net.
        input: What it takes.
        weights: Where ``mobilenetv2`` begins: ``imagenet``, the name of a weights file, or None for random.
        fine_tune: Whether its backbone learns too.
        protocol: How slices are split.
        fold: The test fold of ``grouped``.
        withheld_fold: A fold that no net may learn from, whichever is tested; None in a cross-validation.
        seed: Of every random choice.
        recipe: How it is trained.
        target_accuracy: Training stops once both accuracies reach this; None to go on to the end.
        mixed_precision: Whether it is computed in bfloat16.
    """

    arch: Architecture
    input: InputSpec
    weights: str | None
    fine_tune: bool
    protocol: Protocol
    fold: int
    withheld_fold: int | None
    seed: int
    recipe: Recipe
    target_accuracy: float | None
    mixed_precision: bool


_EDGE = Recipe(
    epochs=500,
    batch=64,
    learning_rate=2e-3,
    cosine=True,
    weight_decay=1e-3,
    augment=True,
    map_weight=1.0,
    averaging=0.99,
    label_smoothing=0.05,
    balanced=True,
)


def recipe_of(arch: Architecture, fine_tune: bool = False) -> Recipe:
    """Returns how a net is trained where nothing else was asked for."""
    if arch == "paper":
        return Recipe()
    if arch == "edge":
        return _EDGE
    if fine_tune:
        return replace(_EDGE, epochs=12, learning_rate=5e-4, weight_decay=1e-4, averaging=0.0)
    return Recipe(cosine=True, balanced=True)


def input_of(arch: Architecture, size: int | None = None) -> InputSpec:
    """Returns what a net takes: the paper's net the plain resized picture, the others the cropped one."""
    if arch == "paper":
        return InputSpec(size or 128, channels=3, crop="none", contrast="none")
    if arch == "mobilenetv2":
        return InputSpec(size or 224, channels=3)
    return InputSpec(size or 128, channels=1)
