"""Figures of accuracy, computed from answers alone: no model is run."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure.predictions import Answer, HeldOut
from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.parts import Apart, apart
from evaluation.statistics import RESAMPLES, SEED, Estimate, bootstrap, mcnemar

MEASURES = ("accuracy", "balanced", "sensitivity", "specificity", "macro_f1")
TUMOUR_OR_NOT = ("sensitivity", "specificity")


@dataclass(frozen=True)
class OfClass:
    """How a file does on one class.

    Attributes:
        label: The class.
        slices: Number of its slices.
        sensitivity: Share of them that is called so.
        precision: Share of the slices called so that it is; None where none is.
    """

    label: str
    slices: int
    sensitivity: float | None
    precision: float | None


@dataclass(frozen=True)
class Score:
    """How well a file answers; all intervals are 95% and respect groups.

    Attributes:
        file: The file's name in the report.
        measures: ``accuracy``, ``balanced`` (mean sensitivity of the classes), ``sensitivity`` and
            ``specificity`` (tumour or not) and ``macro_f1``; those that the test part can't give are missing.
        keras: The accuracy of the file's own Keras model on the same slices.
        lost: ``keras`` minus ``accuracy``.
        flipped: Number of slices that the file and the Keras model answer differently.
        verdicts: Number of slices by verdict.
        copies: The accuracy on slices that are near-identical to one that the net learnt from; None where the
            test part has no such slices, or no others.
        new: And on the others; likewise.
        classes: One by one.
        confusion: Number of slices, truth by answer, in the order of ``classes``.
        apart: Slices of different kinds apart, tumours of unknown type among them.
    """

    file: str
    measures: dict[str, Estimate]
    keras: float
    lost: Estimate
    flipped: int
    verdicts: dict[str, int]
    copies: Estimate | None
    new: Estimate | None
    classes: tuple[OfClass, ...]
    confusion: tuple[tuple[int, ...], ...]
    apart: Apart


@dataclass(frozen=True)
class Duel:
    """McNemar's test between two files.

    Attributes:
        one: A file's name.
        other: Another's.
        one_only: Slices that only the first answers rightly.
        other_only: Slices that only the second does.
        p: Exact, two-sided.
    """

    one: str
    other: str
    one_only: int
    other_only: int
    p: float


@dataclass(frozen=True)
class Accuracy:
    """All that the answers to a test part say."""

    test_part: HeldOut
    scores: tuple[Score, ...]
    duels: tuple[Duel, ...]


def judge(test_part: HeldOut, answers: list[Answer]) -> Accuracy:
    """Computes all figures from all answers."""
    by_file: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_file[answer.file].append(answer)
    return Accuracy(
        test_part=test_part,
        scores=tuple(score(own, test_part.labels) for own in by_file.values()),
        duels=tuple(_duel(one, other) for one, other in combinations(by_file.values(), 2)),
    )


def score(answers: list[Answer], labels: tuple[str, ...]) -> Score:
    """Computes one file's figures from its answers."""
    known = [answer for answer in answers if answer.label != UNTYPED]
    groups = [answer.group for answer in known]
    keras = [float(answer.keras == answer.label) for answer in known]
    lost = [float(answer.keras == answer.label) - float(answer.predicted == answer.label) for answer in known]
    confusion = _confusions(known, labels)
    whole = confusion.sum(axis=0)
    copies, new = _apart(known)
    return Score(
        file=answers[0].file,
        measures=_estimates(confusion, labels),
        keras=float(np.mean(keras)),
        lost=bootstrap(lost, groups),
        flipped=sum(answer.predicted != answer.keras for answer in known),
        verdicts=dict(Counter(answer.verdict for answer in known)),
        copies=copies,
        new=new,
        classes=tuple(_of_class(whole, i, label) for i, label in enumerate(labels)),
        confusion=tuple(tuple(int(n) for n in row) for row in whole),
        apart=apart(answers),
    )


def difference(old: list[Answer], new: list[Answer], labels: tuple[str, ...]) -> dict[str, Estimate]:
    """Estimates by how much each measure grew from a file to another on the same slices, draw by draw."""
    order = {answer.path: answer for answer in new if answer.label != UNTYPED}
    pairs = [(answer, order[answer.path]) for answer in old if answer.label != UNTYPED]
    one, other = (_confusions([pair[i] for pair in pairs], labels) for i in (0, 1))
    values = [_measures(each.sum(axis=0)[None], labels) for each in (one, other)]
    drawn = [_measures(_resampled(each), labels) for each in (one, other)]
    return {
        name: _interval(
            float(values[1][name][0] - values[0][name][0]), drawn[1][name] - drawn[0][name], len(one)
        )
        for name in _estimates(one, labels)
    }


def _apart(answers: list[Answer]) -> tuple[Estimate, Estimate] | tuple[None, None]:
    """Estimates the accuracy on copies of what the net learnt from, and on new slices."""
    copies, new = ([one for one in answers if one.copy is copied] for copied in (True, False))
    if not (copies and new):
        return None, None
    return _right(copies), _right(new)


def _right(answers: list[Answer]) -> Estimate:
    return bootstrap([float(one.predicted == one.label) for one in answers], [one.group for one in answers])


def _confusions(answers: list[Answer], labels: tuple[str, ...]) -> NDArray[np.float64]:
    """Counts answers: (groups, truth, answer)."""
    places = {label: i for i, label in enumerate(labels)}
    groups = {group: i for i, group in enumerate(dict.fromkeys(answer.group for answer in answers))}
    counts = np.zeros((len(groups), len(labels), len(labels)))
    for answer in answers:
        counts[groups[answer.group], places[answer.label], places[answer.predicted]] += 1
    return counts


def _estimates(confusion: NDArray[np.float64], labels: tuple[str, ...]) -> dict[str, Estimate]:
    values = _measures(confusion.sum(axis=0)[None], labels)
    drawn = _measures(_resampled(confusion), labels)
    return {
        name: _interval(float(values[name][0]), drawn[name], len(confusion))
        for name in MEASURES
        if np.isfinite(values[name][0]) and (NO_TUMOUR in labels or name not in TUMOUR_OR_NOT)
    }


def _resampled(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draws whole groups, as slices of one patient resemble each other: (resamples, truth, answer)."""
    groups = len(confusion)
    weights = np.random.default_rng(SEED).multinomial(groups, np.full(groups, 1 / groups), RESAMPLES)
    return np.tensordot(weights.astype(float), confusion, 1)


def _interval(value: float, draws: NDArray[np.float64], groups: int) -> Estimate:
    if groups == 1:
        return Estimate(value, None, None)
    low, high = np.percentile(draws[np.isfinite(draws)], (2.5, 97.5))
    return Estimate(value, float(low), float(high))


def _measures(confusion: NDArray[np.float64], labels: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Returns each measure (resamples,) of confusions (resamples, truth, answer); NaN where unknown."""
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
            "balanced": np.nansum(recall, axis=1) / known,
            "macro_f1": np.nansum(f1, axis=1) / known,
            "sensitivity": confusion[:, tumour][:, :, tumour].sum(axis=(1, 2))
            / truths[:, tumour].sum(axis=1),
            "specificity": confusion[:, ~tumour][:, :, ~tumour].sum(axis=(1, 2))
            / truths[:, ~tumour].sum(axis=1),
        }


def _of_class(confusion: NDArray[np.float64], i: int, label: str) -> OfClass:
    right, truth, calls = confusion[i, i], confusion[i].sum(), confusion[:, i].sum()
    return OfClass(
        label=label,
        slices=int(truth),
        sensitivity=float(right / truth) if truth else None,
        precision=float(right / calls) if calls else None,
    )


def _duel(one: list[Answer], other: list[Answer]) -> Duel:
    others = {answer.path: answer for answer in other}
    pairs = [
        (answer.predicted == answer.label, others[answer.path].predicted == answer.label)
        for answer in one
        if answer.label != UNTYPED
    ]
    one_only, other_only = pairs.count((True, False)), pairs.count((False, True))
    return Duel(one[0].file, other[0].file, one_only, other_only, mcnemar(one_only, other_only))
