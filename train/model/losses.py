"""What a net is trained to lower: cross-entropies of sets of labels, of a slice and of its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

from evaluation.labels import NAMES, NO_TUMOUR_INDEX
from train.config import Recipe
from train.model.augmentation import ellipse

Tensor = Any

LESION_WEIGHT = 4.0  # a place inside a tumour weighs this much more, since there are few of them


def loss(outputs: Mapping[str, Tensor], recipe: Recipe) -> Tensor:
    """Returns the cross-entropy of the slices' answers, and of the answers at their places.

    Args:
        outputs: ``probabilities`` and ``targets`` (N, labels), with teachers their ``taught`` (N, labels),
            and where places are supervised ``map`` and ``map_targets`` (N, rows, columns, labels).
        recipe: Smoothing, and the weights of teachers and places.
    """
    total = ops.mean(
        partial_crossentropy(outputs["targets"], outputs["probabilities"], recipe.label_smoothing)
    )
    if "taught" in outputs:
        distance = distillation(outputs["taught"], outputs["probabilities"], recipe.temperature)
        total = (1 - recipe.teacher_weight) * total + recipe.teacher_weight * ops.mean(distance)
    if "map" in outputs:
        targets = outputs["map_targets"]
        weights = 1 + LESION_WEIGHT * (1 - targets[..., NO_TUMOUR_INDEX])
        total += recipe.map_weight * ops.mean(weights * partial_crossentropy(targets, outputs["map"], 0))
    return total


def partial_crossentropy(targets: Tensor, probabilities: Tensor, smoothing: float) -> Tensor:
    """Returns the cross-entropy of the summed probability of all labels that the target allows.

    The categorical cross-entropy where the target is one-hot; 0 where it allows every label.

    Args:
        targets: float32 (..., labels), 1 for each label allowed.
        probabilities: float32 (..., labels).
        smoothing: Share that goes to the mean of all labels' cross-entropies.
    """
    allowed = -ops.log(ops.clip(ops.sum(targets * probabilities, axis=-1), 1e-7, 1.0))
    if not smoothing:
        return allowed
    spread = -ops.mean(ops.log(ops.clip(probabilities, 1e-7, 1.0)), axis=-1)
    return (1 - smoothing) * allowed + smoothing * spread


def distillation(taught: Tensor, probabilities: Tensor, temperature: float) -> Tensor:
    """Returns how far answers are from the teachers', both softened (Hinton et al. 2015): 0 where they agree.

    Args:
        taught: float32 (..., labels), the teachers' probabilities.
        probabilities: float32 (..., labels).
        temperature: Softens; the square of it keeps the gradients as large as without.
    """
    wanted, found = (_softened(each, temperature) for each in (taught, probabilities))
    return temperature**2 * ops.sum(ops.exp(wanted) * (wanted - found), axis=-1)


def map_targets(places: Tensor, boxes: Tensor, targets: Tensor) -> Tensor:
    """Returns which labels are allowed at every place of a slice.

    The slice's own inside the ellipse of its tumour's box, *no tumour* well outside, either between the two,
    and either everywhere in a slice whose box is unknown.

    Args:
        places: float32 (N, rows, columns, 2), x and y as fractions of the slice.
        boxes: float32 (N, 4); NaN where unknown.
        targets: float32 (N, labels).
    """
    known = ops.cast(~ops.isnan(boxes[:, :1]), "float32")[:, :, None, None]
    boxes = ops.maximum(ops.nan_to_num(boxes), [0.0, 0.0, 1.5 / places.shape[1], 1.5 / places.shape[1]])
    distance = ellipse(places, boxes, 1.0)[..., None]
    inside = known * ops.cast(distance < 0.7, "float32")
    outside = known * ops.cast(distance > 2.5, "float32")
    own = targets[:, None, None, :]
    none = ops.one_hot(NO_TUMOUR_INDEX, len(NAMES))[None, None, None, :]
    return inside * own + outside * none + (1 - inside - outside) * ops.maximum(own, none)


def _softened(probabilities: Tensor, temperature: float) -> Tensor:
    return ops.log_softmax(ops.log(ops.clip(probabilities, 1e-7, 1.0)) / temperature, axis=-1)
