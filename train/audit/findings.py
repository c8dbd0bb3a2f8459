"""What an audit finds, as plain figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import NAMES, UNTYPED
from evaluation.statistics import Estimate, bootstrap
from train.audit.similarity import THRESHOLD, Matches, components, match, nearest
from train.audit.thumbnails import SIDE, Pictures
from train.config import PROTOCOLS, Protocol
from train.data.dataset import DataError, Slice
from train.data.protocols import FOLDS, split

BINS = np.round(np.arange(0.8, 1.0001, 0.0025), 4)  # of the histogram of best matches


@dataclass(frozen=True)
class Baseline:
    """How often the nearest neighbour's label is the true one.

    Attributes:
        protocol: See ``train.data.protocols``.
        part: ``all`` of the test part, its ``copies`` of training pictures, or the ``new`` ones.
        slices: How many.
        accuracy: With a 95% interval by a bootstrap over groups.
    """

    protocol: Protocol
    part: str
    slices: int
    accuracy: Estimate


@dataclass(frozen=True)
class Audit:
    """What an audit finds.

    Attributes:
        pictures: What was read.
        matches: What is near-identical.
        clusters: int64 (N,), the near-identical pictures share a number.
        copied: bool (N,), near-identical to an earlier picture.
        contradicted: bool (N,), near-identical to a picture whose label excludes this one's.
        crossed: bool (N,), a picture of Testing that is near-identical to one of Training.
        grouped: The slices with groups and folds, the data set's own where it has folds; ``None`` folds where
            none could be made.
        leaks: How many near-identical pairs lie in two of the data set's own folds; None where it has none.
        baselines: By protocol.
        skipped: Why a protocol has no baseline, or the data set no folds.
    """

    pictures: Pictures
    matches: Matches
    clusters: NDArray[np.int64]
    copied: NDArray[np.bool_]
    contradicted: NDArray[np.bool_]
    crossed: NDArray[np.bool_]
    grouped: list[Slice]
    leaks: int | None
    baselines: list[Baseline]
    skipped: dict[str, str]


def audit(pictures: Pictures, seed: int = 42) -> Audit:
    """Audits a data set.

    Args:
        pictures: At least two.
        seed: Of folds and splits.

    Raises:
        DataError: There are not two readable pictures.
    """
    slices = pictures.slices
    if len(slices) < 2:
        raise DataError(f"There are {len(slices)} readable pictures; nothing can be compared.")
    matches = match(pictures)
    same = matches.same
    copied = np.zeros(len(slices), bool)
    copied[same[:, 1]] = True
    labels, parts = ([getattr(one, what) for one in slices] for what in ("label", "share"))
    contradicted, crossed = np.zeros(len(slices), bool), np.zeros(len(slices), bool)
    for i, j in same:
        contradicted[[i, j]] |= excludes(labels[i], labels[j])
        for one, other in ((i, j), (j, i)):
            crossed[one] |= (parts[one], parts[other]) == ("Testing", "Training")
    skipped: dict[str, str] = {}
    own_folds = all(one.fold is not None for one in slices)
    try:
        grouped = slices if own_folds else group(slices, same, seed)
    except DataError as error:
        grouped, skipped["folds"] = slices, str(error)
    baselines = []
    for protocol in PROTOCOLS:
        try:
            baselines += baseline(pictures, grouped, crossed, protocol, seed)
        except DataError as error:
            skipped[protocol] = str(error)
    return Audit(
        pictures=pictures,
        matches=matches,
        clusters=components(len(slices), same),
        copied=copied,
        contradicted=contradicted,
        crossed=crossed,
        grouped=grouped,
        leaks=sum(slices[i].fold != slices[j].fold for i, j in same) if own_folds else None,
        baselines=baselines,
        skipped=skipped,
    )


def excludes(first: str, second: str) -> bool:
    """Tells whether two labels contradict each other; a tumour of unknown type may be of any type."""
    return first != second and not (UNTYPED in (first, second) and NO_TUMOUR not in (first, second))


def group(slices: list[Slice], same: NDArray[np.int64], seed: int) -> list[Slice]:
    """Gives slices groups and folds.

    Args:
        slices: The slices; groups that they already have (patients) stay together.
        same: int64 (Q, 2), near-identical pairs.
        seed: Of the folds.

    Raises:
        DataError: A class has fewer slices, or the data set fewer groups, than there are folds.
    """
    first_of: dict[str, int] = {}
    given = [(first_of.setdefault(one.group, i), i) for i, one in enumerate(slices)]
    names = components(len(slices), np.concatenate([same, np.array(given, np.int64)]))
    labels = np.array([one.label for one in slices])
    for label, count in sorted(Counter(labels.tolist()).items()):
        if count < FOLDS:
            raise DataError(f"The class {label} has only {count} slices for {FOLDS} folds.")
    if names.max() + 1 < FOLDS:
        raise DataError(f"There are only {names.max() + 1} groups for {FOLDS} folds.")
    folds = np.zeros(len(slices), int)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fold, (_, members) in enumerate(splitter.split(labels, labels, names)):
        folds[members] = fold
    return [
        replace(one, group=str(name), fold=int(fold))
        for one, name, fold in zip(slices, names, folds, strict=True)
    ]


def baseline(
    pictures: Pictures, slices: list[Slice], crossed: NDArray[np.bool_], protocol: Protocol, seed: int
) -> list[Baseline]:
    """Answers each slice of a test part with the label of the most similar training slice.

    Args:
        pictures: Compared as whole pictures, as a net would be fed them.
        slices: The pictures' slices, with groups and folds.
        crossed: Which of them are copies across the parts.
        protocol: See ``train.data.protocols``.
        seed: Of the split.

    Raises:
        DataError: The data set lacks what the protocol needs.
    """
    parts = split(slices, protocol, seed)
    index = {one.path: i for i, one in enumerate(slices)}
    tested = [index[one.path] for one in parts.test]
    learnt = {index[one.path] for one in parts.train + parts.validation if one.label != UNTYPED}
    known = sorted(learnt - set(tested))
    answers = np.array(known)[nearest(pictures.whole[tested], pictures.whole[known])]
    right = [float(slices[i].label == slices[j].label) for i, j in zip(tested, answers, strict=True)]
    groups = [slices[i].group for i in tested]
    masks = {"all": np.ones(len(tested), bool)}
    copies = crossed[tested]
    if protocol == "official" and 0 < copies.sum() < len(copies):
        masks |= {"copies": copies, "new": ~copies}
    return [
        Baseline(
            protocol,
            part,
            int(mask.sum()),
            bootstrap(
                [one for one, use in zip(right, mask, strict=True) if use],
                [one for one, use in zip(groups, mask, strict=True) if use],
            ),
        )
        for part, mask in masks.items()
    ]


def summarize(found: Audit, name: str, digest: str) -> dict[str, Any]:
    """Returns the figures of an audit, without any picture, for ``audit.json``.

    Args:
        found: The audit.
        name: Of the data set's folder.
        digest: One hash over the sorted hashes of the slices.
    """
    pictures = found.pictures
    slices = pictures.slices
    digests = Counter(one.sha256 for one in slices)
    members = np.bincount(found.clusters)
    counts, _ = np.histogram(found.matches.best.clip(BINS[0], BINS[-1]), BINS)
    return {
        "data": {
            "name": name,
            "sha256": digest,
            "images": len(slices) + len(pictures.faults),
            "unreadable": [asdict(fault) for fault in pictures.faults],
        },
        "classes": _by_part(slices),
        "sizes": _sizes(pictures.sizes),
        "modes": dict(Counter(pictures.modes).most_common()),
        "exact": {
            "copies": len(slices) - len(digests),
            "sets": sum(count > 1 for count in digests.values()),
        },
        "near": {
            "threshold": THRESHOLD,
            "thumbnail": SIDE,
            "copies": int(found.copied.sum()),
            "images": int((members[found.clusters] > 1).sum()),
            "clusters": int((members > 1).sum()),
            "largest": int(members.max()),
            "histogram": {"edges": BINS.tolist(), "counts": counts.tolist()},
        },
        "testing": _copies_by_class(slices, found.crossed),
        "contradicted": {
            "images": int(found.contradicted.sum()),
            "clusters": len(set(found.clusters[found.contradicted].tolist())),
        },
        "classless": _classless(found),
        "baselines": [asdict(one) for one in found.baselines],
        "groups": {
            "own": found.leaks is not None,
            "leaks": found.leaks,
            "number": len({one.group for one in found.grouped}),
            "folds": _by_fold(found.grouped),
        },
        "skipped": found.skipped,
    }


def _by_part(slices: list[Slice]) -> dict[str, dict[str, int]]:
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in slices:
        parts[one.share or "all"][one.label] += 1
    return {part: _in_order(counts) for part, counts in parts.items()}


def _classless(found: Audit) -> dict[str, dict[str, int]]:
    """By use, how many pictures are said to be of no class, and how many different ones these are."""
    slices = found.grouped
    result = {}
    for use in ("ood", "none"):
        own = [i for i, one in enumerate(slices) if one.use == use]
        if own:
            result[use] = {
                "images": len(own),
                "different": len(set(found.clusters[own].tolist())),
                "testing": sum(slices[i].share == "Testing" for i in own),
            }
    return result


def _by_fold(slices: list[Slice]) -> dict[str, dict[str, int]]:
    folds: dict[int, Counter[str]] = defaultdict(Counter)
    for one in slices:
        if one.fold is not None:
            folds[one.fold][one.label] += 1
    return {str(fold): _in_order(folds[fold]) for fold in sorted(folds)}


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in (*NAMES, UNTYPED) if counts[name]}


def _sizes(sizes: list[tuple[int, int]]) -> dict[str, Any]:
    by_area = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    common = Counter(sizes).most_common(5)
    return {
        "distinct": len(set(sizes)),
        "smallest": by_area[0],
        "median": by_area[len(by_area) // 2],
        "largest": by_area[-1],
        "common": [[*size, count] for size, count in common],
    }


def _copies_by_class(slices: list[Slice], copied: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """By class, how many slices of Testing there are and how many are copies of Training; empty without."""
    parts = {one.share for one in slices}
    if not {"Training", "Testing"} <= parts:
        return {}
    tested = Counter(one.label for one in slices if one.share == "Testing")
    copies = Counter(one.label for one, is_copy in zip(slices, copied, strict=True) if is_copy)
    return {
        name: {"images": tested[name], "copies": copies[name]} for name in (*NAMES, UNTYPED) if tested[name]
    }
