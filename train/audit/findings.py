"""What an audit finds in a data set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import NAMES, UNTYPED
from train.audit.conflicts import contradicted
from train.audit.copies import THRESHOLD, Matches, components, match
from train.audit.figures import (
    Audited,
    Baseline,
    Classless,
    Contradicted,
    CopiedInTesting,
    ExactCopies,
    Figures,
    Grouping,
    Histogram,
    NearCopies,
    Sizes,
)
from train.audit.folds import group
from train.audit.leaks import baseline, between_folds, crossed
from train.audit.thumbnails import SIDE, Pictures
from train.config import PROTOCOLS
from train.data.dataset import Slice
from train.errors import DataError

BINS = np.round(np.arange(0.8, 1.0001, 0.0025), 4)  # of the histogram of best matches
COMMON = 5  # sizes that are named
SEED = 42  # of folds and splits, as training has it


@dataclass(frozen=True, kw_only=True)
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


def audit(pictures: Pictures) -> Audit:
    """Audits a data set.

    Args:
        pictures: At least two.

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
    across = crossed(slices, same)
    skipped: dict[str, str] = {}
    own_folds = all(slice_.fold is not None for slice_ in slices)
    try:
        grouped = slices if own_folds else group(slices, same, SEED)
    except DataError as error:
        grouped, skipped["folds"] = slices, str(error)
    baselines = []
    for protocol in PROTOCOLS:
        try:
            baselines += baseline(pictures, grouped, across, protocol, SEED)
        except DataError as error:
            skipped[protocol] = str(error)
    return Audit(
        pictures=pictures,
        matches=matches,
        clusters=components(len(slices), same),
        copied=copied,
        contradicted=contradicted(slices, same),
        crossed=across,
        grouped=grouped,
        leaks=between_folds(slices, same) if own_folds else None,
        baselines=baselines,
        skipped=skipped,
    )


def summarize(found: Audit, name: str, digest: str) -> Figures:
    """Returns the figures of an audit.

    Args:
        found: The audit.
        name: Of the data set's folder.
        digest: The data set's fingerprint.
    """
    pictures = found.pictures
    slices = pictures.slices
    digests = Counter(slice_.sha256 for slice_ in slices)
    return Figures(
        data=Audited(
            name=name,
            sha256=digest,
            images=len(slices) + len(pictures.faults),
            unreadable=tuple(pictures.faults),
        ),
        classes=_by_share(slices),
        sizes=_sizes(pictures.sizes),
        modes=dict(Counter(pictures.modes).most_common()),
        exact=ExactCopies(
            copies=len(slices) - len(digests), sets=sum(count > 1 for count in digests.values())
        ),
        near=_near(found),
        testing=_testing(slices, found.crossed),
        contradicted=Contradicted(
            images=int(found.contradicted.sum()),
            clusters=len(set(found.clusters[found.contradicted].tolist())),
        ),
        classless=_classless(found),
        baselines=tuple(found.baselines),
        groups=Grouping(
            own=found.leaks is not None,
            leaks=found.leaks,
            number=len({slice_.group for slice_ in found.grouped}),
            folds=_by_fold(found.grouped),
        ),
        skipped=found.skipped,
    )


def _near(found: Audit) -> NearCopies:
    members = np.bincount(found.clusters)
    counts, _ = np.histogram(found.matches.best.clip(BINS[0], BINS[-1]), BINS)
    return NearCopies(
        threshold=THRESHOLD,
        thumbnail=SIDE,
        copies=int(found.copied.sum()),
        images=int((members[found.clusters] > 1).sum()),
        clusters=int((members > 1).sum()),
        largest=int(members.max()),
        histogram=Histogram(edges=tuple(BINS.tolist()), counts=tuple(counts.tolist())),
    )


def _by_share(slices: Sequence[Slice]) -> dict[str, dict[str, int]]:
    shares: dict[str, Counter[str]] = defaultdict(Counter)
    for slice_ in slices:
        shares[slice_.share or "all"][slice_.label] += 1
    return {share: _in_order(counts) for share, counts in shares.items()}


def _by_fold(slices: Sequence[Slice]) -> dict[str, dict[str, int]]:
    folds: dict[int, Counter[str]] = defaultdict(Counter)
    for slice_ in slices:
        if slice_.fold is not None:
            folds[slice_.fold][slice_.label] += 1
    return {str(fold): _in_order(folds[fold]) for fold in sorted(folds)}


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in (*NAMES, UNTYPED) if counts[name]}


def _sizes(sizes: list[tuple[int, int]]) -> Sizes:
    by_area = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    return Sizes(
        distinct=len(set(sizes)),
        smallest=by_area[0],
        median=by_area[len(by_area) // 2],
        largest=by_area[-1],
        common=tuple((*size, count) for size, count in Counter(sizes).most_common(COMMON)),
    )


def _testing(slices: Sequence[Slice], crossed: NDArray[np.bool_]) -> dict[str, CopiedInTesting]:
    if not {"Training", "Testing"} <= {slice_.share for slice_ in slices}:
        return {}
    tested = Counter(slice_.label for slice_ in slices if slice_.share == "Testing")
    copies = Counter(slice_.label for slice_, copied in zip(slices, crossed, strict=True) if copied)
    return {
        name: CopiedInTesting(images=tested[name], copies=copies[name])
        for name in (*NAMES, UNTYPED)
        if tested[name]
    }


def _classless(found: Audit) -> dict[str, Classless]:
    slices = found.grouped
    result = {}
    for use in ("ood", "none"):
        own = [i for i, slice_ in enumerate(slices) if slice_.use == use]
        if own:
            result[use] = Classless(
                images=len(own),
                different=len(set(found.clusters[own].tolist())),
                testing=sum(slices[i].share == "Testing" for i in own),
            )
    return result
