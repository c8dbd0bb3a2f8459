"""How well a file answers, computed from its predictions alone: no model is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.parts import PartScore, by_cell, by_part
from evaluation.predictions import SlicePrediction
from evaluation.reliability import Bin, ece, reliability
from evaluation.statistics import Estimate, Resampled, bootstrap, group_weights, mcnemar

OVERALL = ("accuracy", "balanced_accuracy", "macro_f1", "sensitivity", "specificity")


@dataclass(frozen=True)
class ClassMetrics:
    """How a file does on one class.

    Attributes:
        label: The class.
        slices: Number of its slices.
        sensitivity: Share of them that is called so (recall); None without slices.
        precision: Share of the slices called so that it is; None where none is called so.
        f1: The harmonic mean of the two; None without slices.
    """

    label: str
    slices: int
    sensitivity: float | None
    precision: float | None
    f1: float | None


@dataclass(frozen=True)
class AgainstKeras:
    """How a file differs from the Keras model that it was converted from.

    Attributes:
        accuracy: The Keras model's.
        lost: That minus the file's.
        flipped: Number of slices that the two answer differently.
    """

    accuracy: float
    lost: Estimate
    flipped: int


@dataclass(frozen=True)
class PointingScore:
    """The pointing game over the tumours with a box whose type was named rightly.

    Attributes:
        tumours: How many.
        hits: Share whose hottest point lies in the box.
        inside: Mean share of the heat that lies in the box.
    """

    tumours: int
    hits: float
    inside: float


@dataclass(frozen=True)
class Metrics:
    """How well a file answers; all intervals are 95% and respect groups.

    Slices of unknown type count in ``parts``, ``sequences`` and ``planes`` alone.

    Attributes:
        slices: Of known type.
        groups: Among them.
        overall: ``accuracy``, ``balanced_accuracy`` (mean sensitivity of the classes), ``macro_f1``,
            ``sensitivity`` and ``specificity`` (tumour or not); those that the slices can't give are missing.
        auc: Of telling tumours from none by the tumour's probability; None where one kind is missing.
        ece: Expected calibration error of the most probable answer.
        reliability: Its bins.
        classes: One by one.
        confusion: Number of slices, truth by answer, in the order of ``classes``.
        verdicts: Number of slices by verdict; empty where nothing decides.
        copies: Accuracy on slices near-identical to one seen in training; None where all or none are.
        new: And on the others; likewise.
        against_keras: None where the Keras model's answers are unknown.
        pointing: None without heatmaps or boxes.
        parts: By where slices come from, the weakest first.
        sequences: By the scanner's sequence, over all parts: a sequence must not stand for an answer.
        planes: By plane, over all parts.
    """

    slices: int
    groups: int
    overall: dict[str, Estimate]
    auc: float | None
    ece: float
    reliability: tuple[Bin, ...]
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    verdicts: dict[str, int]
    copies: Estimate | None
    new: Estimate | None
    against_keras: AgainstKeras | None
    pointing: PointingScore | None
    parts: tuple[PartScore, ...]
    sequences: tuple[PartScore, ...]
    planes: tuple[PartScore, ...]

    def part(self, name: str) -> PartScore | None:
        """Returns one of the parts; None where no slice belongs to it."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True)
class PairwiseMcNemar:
    """McNemar's test between two files.

    Attributes:
        first: A file's name.
        second: Another's.
        first_only: Slices that only the first answers rightly.
        second_only: Slices that only the second does.
        p: Exact, two-sided.
    """

    first: str
    second: str
    first_only: int
    second_only: int
    p: float


def evaluate(predictions: Sequence[SlicePrediction], labels: Sequence[str]) -> Metrics:
    """Computes all figures of one file.

    Args:
        predictions: Its rows, at least one of known type.
        labels: In the order of tables.
    """
    typed = [each for each in predictions if each.label != UNTYPED]
    by_group = _confusions(typed, labels)
    confusion = by_group.sum(axis=0)
    bins = reliability(
        np.array([each.confidence for each in typed]), np.array([each.right for each in typed])
    )
    copies, new = _copies_and_new(typed)
    return Metrics(
        slices=len(typed),
        groups=len(by_group),
        overall=_overall(by_group, labels),
        auc=auc(
            np.array([each.tumour for each in typed]), np.array([each.label != NO_TUMOUR for each in typed])
        ),
        ece=ece(bins),
        reliability=tuple(bins),
        classes=tuple(_class_metrics(confusion, i, label) for i, label in enumerate(labels)),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        verdicts=dict(Counter(each.verdict for each in typed if each.verdict)),
        copies=copies,
        new=new,
        against_keras=_against_keras(typed),
        pointing=_pointing(typed),
        parts=by_part(predictions),
        sequences=by_cell(predictions, lambda each: each.sequence),
        planes=by_cell(predictions, lambda each: each.plane),
    )


def difference(
    old: Sequence[SlicePrediction], new: Sequence[SlicePrediction], labels: Sequence[str]
) -> dict[str, Estimate]:
    """Estimates by how much each overall figure grew between two files on the same slices, draw by draw."""
    known = {each.path: each for each in new}
    pairs = [(each, known[each.path]) for each in old if each.label != UNTYPED]
    confusions = [_confusions([pair[i] for pair in pairs], labels) for i in (0, 1)]
    before, after = (_resampled(each, labels) for each in confusions)
    return {
        name: Resampled(
            after[name].value - before[name].value, after[name].draws - before[name].draws
        ).estimate
        for name in _known(before, labels)
    }


def pairwise_mcnemar(files: dict[str, list[SlicePrediction]]) -> tuple[PairwiseMcNemar, ...]:
    """Compares every two files on the slices of known type."""
    right = {
        name: {each.path: each.right for each in rows if each.label != UNTYPED}
        for name, rows in files.items()
    }
    return tuple(_mcnemar(first, second, right) for first, second in combinations(files, 2))


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """Returns the area under the ROC curve by ranks (Hanley and McNeil 1982); None where one kind is missing.

    Args:
        scores: float64 (N,).
        positive: bool (N,).
    """
    count = int(positive.sum())
    if not 0 < count < len(positive):
        return None
    values, places = np.unique(scores, return_inverse=True)
    sizes = np.bincount(places, minlength=len(values))
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[places]
    others = len(positive) - count
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def roc_curve(
    scores: NDArray[np.float64], positive: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the shares of false and of true positives (points,) at every threshold, from none to all.

    Args:
        scores: float64 (N,).
        positive: bool (N,), of both kinds.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    true = np.cumsum(positive[order])[last]
    false = last + 1 - true
    return np.r_[0, false / false[-1]], np.r_[0, true / true[-1]]


def _copies_and_new(
    predictions: list[SlicePrediction],
) -> tuple[Estimate, Estimate] | tuple[None, None]:
    copies, new = ([each for each in predictions if each.copy is copied] for copied in (True, False))
    if not (copies and new):
        return None, None
    return _accuracy(copies), _accuracy(new)


def _accuracy(predictions: list[SlicePrediction]) -> Estimate:
    return bootstrap([float(each.right) for each in predictions], [each.group for each in predictions])


def _against_keras(predictions: list[SlicePrediction]) -> AgainstKeras | None:
    if not all(each.keras for each in predictions):
        return None
    keras = [float(each.keras == each.label) for each in predictions]
    lost = [value - float(each.right) for value, each in zip(keras, predictions, strict=True)]
    return AgainstKeras(
        accuracy=float(np.mean(keras)),
        lost=bootstrap(lost, [each.group for each in predictions]),
        flipped=sum(each.predicted != each.keras for each in predictions),
    )


def _pointing(predictions: list[SlicePrediction]) -> PointingScore | None:
    rounds = [each.pointing for each in predictions if each.pointing and each.right]
    if not rounds:
        return None
    return PointingScore(
        len(rounds),
        float(np.mean([each.hit for each in rounds])),
        float(np.mean([each.inside for each in rounds])),
    )


def _confusions(predictions: list[SlicePrediction], labels: Sequence[str]) -> NDArray[np.float64]:
    """Counts answers: (groups, truth, answer)."""
    places = {label: i for i, label in enumerate(labels)}
    groups = {group: i for i, group in enumerate(dict.fromkeys(each.group for each in predictions))}
    counts = np.zeros((len(groups), len(labels), len(labels)))
    for each in predictions:
        counts[groups[each.group], places[each.label], places[each.predicted]] += 1
    return counts


def _overall(by_group: NDArray[np.float64], labels: Sequence[str]) -> dict[str, Estimate]:
    resampled = _resampled(by_group, labels)
    return {name: resampled[name].estimate for name in _known(resampled, labels)}


def _known(resampled: dict[str, Resampled], labels: Sequence[str]) -> list[str]:
    tumour_or_not = ("sensitivity", "specificity")
    return [
        name
        for name in OVERALL
        if np.isfinite(resampled[name].value) and (NO_TUMOUR in labels or name not in tumour_or_not)
    ]


def _resampled(by_group: NDArray[np.float64], labels: Sequence[str]) -> dict[str, Resampled]:
    values = _figures(by_group.sum(axis=0)[None], labels)
    if len(by_group) == 1:
        return {name: Resampled(float(value[0]), np.empty(0)) for name, value in values.items()}
    draws = _figures(np.tensordot(group_weights(len(by_group)), by_group, 1), labels)
    return {name: Resampled(float(value[0]), draws[name]) for name, value in values.items()}


def _figures(confusion: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Returns each overall figure (resamples,) of confusions (resamples, truth, answer); NaN: unknown."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    truths, calls = confusion.sum(axis=2), confusion.sum(axis=1)
    tumour = np.array([label != NO_TUMOUR for label in labels])
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = right / truths
        # A class without slices has no say in the means.
        f1 = np.where(truths > 0, 2 * right / (truths + calls), np.nan)
        known = (truths > 0).sum(axis=1)
        return {
            "accuracy": right.sum(axis=1) / truths.sum(axis=1),
            "balanced_accuracy": np.nansum(recall, axis=1) / known,
            "macro_f1": np.nansum(f1, axis=1) / known,
            "sensitivity": confusion[:, tumour][:, :, tumour].sum(axis=(1, 2))
            / truths[:, tumour].sum(axis=1),
            "specificity": confusion[:, ~tumour][:, :, ~tumour].sum(axis=(1, 2))
            / truths[:, ~tumour].sum(axis=1),
        }


def _class_metrics(confusion: NDArray[np.float64], i: int, label: str) -> ClassMetrics:
    right, truth, calls = confusion[i, i], confusion[i].sum(), confusion[:, i].sum()
    return ClassMetrics(
        label=label,
        slices=int(truth),
        sensitivity=float(right / truth) if truth else None,
        precision=float(right / calls) if calls else None,
        f1=float(2 * right / (truth + calls)) if truth else None,
    )


def _mcnemar(first: str, second: str, right: dict[str, dict[str, bool]]) -> PairwiseMcNemar:
    pairs = [(right[first][path], right[second][path]) for path in right[first]]
    first_only, second_only = pairs.count((True, False)), pairs.count((False, True))
    return PairwiseMcNemar(first, second, first_only, second_only, mcnemar(first_only, second_only))
