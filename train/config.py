"""What decides how a training ends: written into its run, and from there into the bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from edge_app.preprocessing import InputSpec
from edge_app.records import Range, Sha256

Architecture = Literal["edge", "paper", "mobilenetv2", "efficientnet_lite0"]
Protocol = Literal["paper", "official", "grouped"]
ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
PRETRAINED: tuple[Architecture, ...] = ("mobilenetv2", "efficientnet_lite0")  # a backbone and a head

Share = Annotated[float, Range(0, 1)]


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
        type_power: Where it does, the power of its size that the share of a type of tumour grows with.
        paired_factor: Where it does, how much more often it sees the collections that show slices with a
            tumour and without one in the same sequence.
        unknown_as_contrast: Where it does, whether tumours of known type and unknown sequence count as T1
            with contrast, which almost all of them are, and not as a sequence of their own.
        mix_sequences: Share of the slices of which other sequences of the same place are known that are
            mixed with those (see ``train.data.siblings``).
        teacher_weight: Of the teachers' answer in the loss, against the label's; 0 without a teacher.
        temperature: That the teachers' answer, and the net's beside it, are softened by.
        from_teacher: Whether the net begins as the teacher of its own architecture, and not at random.
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
    type_power: Share = 0.5
    paired_factor: Annotated[float, Range(1, 10)] = 1.0
    unknown_as_contrast: bool = False
    mix_sequences: Share = 0.0
    teacher_weight: Share = 0.0
    temperature: Annotated[float, Range(1, 20)] = 2.0
    from_teacher: bool = False


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """The run whose net a student learnt from.

    Attributes:
        arch: Its net.
        weights: The name of the weights that it began from; None for random.
        fold: Its test fold.
        sha256: Of its ``model.keras``.
    """

    arch: Architecture
    weights: str | None
    fold: int
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """What a training was asked for; where its data lies is no part of it.

    Attributes:
        arch: The net.
        input: What it takes.
        weights: Where a net of ``PRETRAINED`` begins: ``imagenet``, a weights file, or None for random.
        fine_tune: Whether its backbone learns too.
        backbone_size: Height and width that its backbone sees, to which the net itself brings its input; None
            where that is the input's size.
        protocol: How slices are split.
        fold: The test fold of ``grouped``.
        withheld_fold: A fold that no net may learn from, whichever is tested; None in a cross-validation.
        seed: Of every random choice.
        recipe: How it is trained.
        teachers: Whose answers, on average, it learns from too.
        target_accuracy: Training stops once both accuracies reach this; None to go on to the end.
        mixed_precision: Whether it is computed in bfloat16.
    """

    arch: Architecture
    input: InputSpec
    weights: str | None
    fine_tune: bool
    backbone_size: Annotated[int, Range(16, 1024)] | None
    protocol: Protocol
    fold: int
    withheld_fold: int | None
    seed: int
    recipe: Recipe
    teachers: tuple[Teacher, ...]
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


def but_for_fold(config: TrainingConfig) -> TrainingConfig:
    """Returns a configuration without what must differ between folds: each has teachers of its own."""
    alike = tuple(replace(teacher, fold=0, sha256="0" * 64) for teacher in config.teachers)
    return replace(config, fold=0, teachers=alike)


def recipe_of(arch: Architecture, fine_tune: bool = False, taught: bool = False) -> Recipe:
    """Returns how a net is trained where nothing else was asked for.

    Args:
        arch: The net.
        fine_tune: Whether its backbone learns too.
        taught: Whether it has a teacher.
    """
    if taught:
        return replace(recipe_of(arch, fine_tune), teacher_weight=0.7)
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
    if arch in PRETRAINED:
        return InputSpec(size or 224, channels=3)
    return InputSpec(size or 128, channels=1)
