"""The rejection of out-of-distribution inputs: a dense op that knows a brain MRI from anything else.

At the same bound on brain slices, a Mahalanobis distance over these features refused a third as many pictures
of families that it had not seen, and a regression on their squares too fewer than the plain one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from convert.calibrate import negatives
from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec, preprocess
from evaluation.out_of_distribution import OtherPicture
from train.data.arrays import Arrays
from train.model.augmentation import Augmentation
from train.model.networks import with_map

REGULARIZATION = 0.1
BATCH = 64
FOLDS = 5  # of families, to tell what is refused of unseen ones


@dataclass(frozen=True)
class Rejection:
    """What the graph computes from the last feature map's maxima and means.

    Attributes:
        weights: float32 (2 x channels,), for the maxima, then the means.
        bias: Added.
    """

    weights: NDArray[np.float32]
    bias: float

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns how likely slices are of a brain MRI, float32 (N,), by their maxima and means."""
        scores: NDArray[np.float32] = 1 / (1 + np.exp(-(features @ self.weights + self.bias)))
        return scores.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Negatives:
    """Pictures that are no slice of a brain MRI, preprocessed once for all nets that are fitted on them.

    Attributes:
        drawn: uint8 (N, size, size, 1), crops of photographs and drawings.
        others: uint8 (M, size, size, 1), other pictures, whole and cropped.
        families: Of each of these.
        whole: bool (M,), which of them are whole.
        photographs: Hashes of the photographs; the rejection can't be evaluated on them.
        others_sha256: Of the other pictures.
    """

    drawn: NDArray[np.uint8]
    others: NDArray[np.uint8]
    families: tuple[str, ...]
    whole: NDArray[np.bool_]
    photographs: tuple[str, ...]
    others_sha256: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a net makes of what a rejection is fitted on: maxima and means, float32 (N, 2 x channels) each.

    Attributes:
        brains: Of the training part, augmented and as it is.
        drawn: Of ``Negatives.drawn`` and of drawings from the training part's slices.
        others: Of ``Negatives.others``.
    """

    brains: NDArray[np.float32]
    drawn: NDArray[np.float32]
    others: NDArray[np.float32]


def draw_negatives(
    photographs: Sequence[Path], others: Sequence[OtherPicture], spec: InputSpec, seed: int
) -> Negatives:
    """Draws what every net's rejection is fitted on.

    Args:
        photographs: That are no MRI.
        others: Pictures of other bodies, modalities and things.
        spec: What the nets take.
        seed: For crops and drawings.
    """
    generator = np.random.default_rng(seed)
    each = 1 + negatives.OTHER_CROPS
    return Negatives(
        drawn=_preprocess(negatives.of_photographs(photographs, generator), spec),
        others=_preprocess(negatives.of_others([other.path for other in others], generator), spec),
        families=tuple(other.family for other in others for _ in range(each)),
        whole=np.arange(each * len(others)) % each == 0,
        photographs=tuple(sha256(path) for path in photographs),
        others_sha256=tuple(sorted(sha256(other.path) for other in others)),
    )


def extract(net: keras.Model, spec: InputSpec, train: Arrays, shown: Negatives, seed: int) -> Features | None:
    """Computes what a rejection is fitted on.

    Args:
        net: The net.
        spec: What it takes.
        train: Its training part.
        shown: What is no brain MRI.
        seed: For the augmentation, and for sheets and screens drawn from the training part.

    Returns:
        The features; None for a net that does not end in global pooling.
    """
    if with_map(net) is None:
        return None
    of_slices = _preprocess(negatives.of_slices(train.pixels, np.random.default_rng(seed)), spec)
    parts = (train.pixels, shown.drawn, of_slices, shown.others)
    plain, drawn, sheets, others = (features_of(net, spec, pixels) for pixels in parts)
    augmented = features_of(net, spec, _augmented(train, seed))
    return Features(
        brains=np.concatenate([augmented, plain]), drawn=np.concatenate([drawn, sheets]), others=others
    )


def fit(features: Features) -> Rejection:
    """Fits a rejection on a net's features by logistic regression: brains against all that is none."""
    return _fit(features.brains, np.concatenate([features.drawn, features.others]))


def refused_unseen(features: Features, shown: Negatives, threshold: float) -> int:
    """Counts the other pictures, whole, that are refused by a rejection that was fitted without their family.

    Args:
        features: Of a net.
        shown: What they are of.
        threshold: What is less likely a brain MRI is refused.
    """
    families = np.array(shown.families)
    count = 0
    for seen, unseen in GroupKFold(min(FOLDS, len(set(shown.families)))).split(families, groups=families):
        rejection = _fit(features.brains, np.concatenate([features.drawn, features.others[seen]]))
        whole = unseen[shown.whole[unseen]]
        count += int((rejection.score(features.others[whole]) < threshold).sum())
    return count


def features_of(net: keras.Model, spec: InputSpec, pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Returns the maxima and means of the last feature map, float32 (N, 2 x channels).

    Args:
        net: A net that ends in global pooling.
        spec: What it takes.
        pixels: (N, size, size, 1), levels of 0 to 255.
    """
    pooling = next(layer for layer in net.layers if "Global" in type(layer).__name__)
    maxima, means = (
        pool(pooling.input) for pool in (keras.layers.GlobalMaxPool2D(), keras.layers.GlobalAvgPool2D())
    )
    extractor = keras.Model(net.inputs, keras.layers.Concatenate()([maxima, means]))
    batches = (pixels[i : i + BATCH] for i in range(0, len(pixels), BATCH))
    found = [
        extractor.predict_on_batch(np.repeat(batch, spec.channels, axis=3).astype(np.float32))
        for batch in batches
    ]
    return np.concatenate([np.empty((0, extractor.output_shape[-1]), np.float32), *found])


def _fit(brains: NDArray[np.float32], others: NDArray[np.float32]) -> Rejection:
    regression = LogisticRegression(C=REGULARIZATION, max_iter=1000, class_weight="balanced")
    pipeline = make_pipeline(StandardScaler(), regression)
    truth = np.r_[np.ones(len(brains)), np.zeros(len(others))]
    pipeline.fit(np.concatenate([brains, others]), truth)
    scaler = pipeline[0]
    weights = regression.coef_[0] / scaler.scale_
    bias = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    return Rejection(weights.astype(np.float32), bias)


def _preprocess(images: Iterable[Image.Image], spec: InputSpec) -> NDArray[np.uint8]:
    empty = np.empty((0, spec.size, spec.size, 1), np.uint8)
    return np.concatenate([empty, *(preprocess(image, spec)[0][..., :1] for image in images)])


def _augmented(train: Arrays, seed: int) -> NDArray[np.float32]:
    augmentation = Augmentation(seed)
    batches = [slice(i, i + BATCH) for i in range(0, len(train.pixels), BATCH)]
    return np.concatenate(
        [
            keras.ops.convert_to_numpy(
                augmentation(train.pixels[rows].astype(np.float32), train.boxes[rows], train.targets[rows])[0]
            )
            for rows in batches
        ]
    )
