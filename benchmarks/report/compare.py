"""What got better or worse beyond noise between two folders of results."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.report import results
from benchmarks.report.results import Report
from evaluation.metrics import difference
from evaluation.statistics import Estimate
from evaluation.tables import Table

# Whether more is worse, and how much of a change is noise where no interval says so, relative to the old.
MEASURES = {
    "accuracy": (False, 0.0),
    "balanced_accuracy": (False, 0.0),
    "sensitivity": (False, 0.0),
    "specificity": (False, 0.0),
    "macro_f1": (False, 0.0),
    "lost": (True, 0.0),
    "p50": (True, 0.1),
    "p90": (True, 0.2),
    "ratio": (True, 0.1),
    "cold": (True, 0.2),
    "memory": (True, 0.05),
    "bytes": (True, 0.0),
}
OF_MACHINE = ("p50", "p90", "cold", "memory")


@dataclass(frozen=True)
class Change:
    """One figure of one file in both reports.

    Attributes:
        file: Its name, with runtime and threads where the figure depends on them.
        measure: One of ``MEASURES``.
        old: Before.
        new: After.
        worse: By how much it got worse, in its own unit; negative where it got better.
        clear: Whether the change is beyond noise.
    """

    file: str
    measure: str
    old: float
    new: float
    worse: float
    clear: bool


def report(changes: list[Change], limits: list[Limit]) -> list[str]:
    """Says which changes pass a limit, a sentence each.

    Raises:
        BenchmarkError: There are no changes, or a limit is on what was not measured twice.
    """
    if not changes:
        raise BenchmarkError("The two have no file and figure in common.")
    missing = {limit.measure for limit in limits} - {change.measure for change in changes}
    if missing:
        raise BenchmarkError(f"{', '.join(sorted(missing))}: not measured in both reports.")
    return [
        f"{change.file}: {change.measure} went from {change.old:.4g} to {change.new:.4g}, past its limit."
        for change in changes
        for limit in limits
        if limit.passed_by(change)
    ]


def compare(old: Path, new: Path) -> Iterator[Change]:
    """Yields every figure that both folders hold.

    A change is beyond noise where its interval leaves out zero: paired, slice by slice, if the test part is
    the same. Otherwise the intervals of both must not overlap; and a figure without one must change more than
    timing or memory vary from run to run. Milliseconds and memory are compared on the same kind of machine
    alone.

    Args:
        old: A folder of results.
        new: Another.

    Raises:
        OtakError: Results are missing or broken.
    """
    before, after = results.assemble(old), results.assemble(new)
    paired = dict(_paired(old, before, new, after))
    figures = dict(_figures(after))
    same_machine = _machine(before) == _machine(after)
    for key, estimate in _figures(before):
        if key in figures and (same_machine or key[1] not in OF_MACHINE):
            yield _change(*key, estimate, figures[key], paired.get(key))


def _machine(report: Report) -> tuple[str, int] | None:
    provenance = report.provenance.get("latency")
    return (provenance.machine.cpu, provenance.machine.cores) if provenance else None


def _paired(
    old: Path, before: Report, new: Path, after: Report
) -> Iterator[tuple[tuple[str, str], Estimate]]:
    """Yields differences between predictions of the same slices."""
    if not (before.accuracy and after.accuracy):
        return
    if before.accuracy.data.sha256 != after.accuracy.data.sha256:
        return
    ones, others = results.table(old), results.table(new)
    for file in set(ones) & set(others):
        grown = difference(ones[file], others[file], before.accuracy.data.labels)
        yield from (((file, measure), estimate) for measure, estimate in grown.items())


def table(changes: list[Change]) -> Table:
    """Lays out what changed beyond noise."""
    rows = tuple(
        (
            change.file,
            change.measure,
            f"{change.old:.4g}",
            f"{change.new:.4g}",
            "worse" if change.worse > 0 else "better",
        )
        for change in changes
        if change.clear
    )
    same = sum(not change.clear for change in changes)
    return Table(
        f"Beyond noise: {len(rows)} of {len(changes)} figures",
        ("File", "Measure", "Old", "New", ""),
        rows,
        f"{same} figures are within noise.",
    )


@dataclass(frozen=True)
class Limit:
    """How much worse a measure may get; see ``parse_limit``."""

    measure: str
    limit: float
    relative: bool

    def passed_by(self, change: Change) -> bool:
        """Tells whether a change is worse than that, beyond noise."""
        limit = self.limit * abs(change.old) / 100 if self.relative else self.limit
        return change.measure == self.measure and change.clear and change.worse > limit


def parse_limit(text: str) -> Limit:
    """Reads a limit: ``accuracy=0.01``, or ``p50=20%`` relative to the old figure.

    Raises:
        ArgumentTypeError: It is none.
    """
    measure, _, limit = text.partition("=")
    if measure not in MEASURES:
        raise argparse.ArgumentTypeError(f"{measure} is none of {', '.join(MEASURES)}")
    try:
        return Limit(measure, float(limit.removesuffix("%")), limit.endswith("%"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: {limit} is no number") from None


def _change(file: str, measure: str, old: Estimate, new: Estimate, paired: Estimate | None) -> Change:
    more_is_worse, noise = MEASURES[measure]
    grown = new.value - old.value
    clear = abs(grown) > noise * abs(old.value)
    if paired and paired.low is not None and paired.high is not None:
        clear = paired.low > 0 or paired.high < 0
    elif old.low is not None and old.high is not None and new.low is not None and new.high is not None:
        clear = clear and (new.low > old.high or new.high < old.low)
    return Change(file, measure, old.value, new.value, grown if more_is_worse else -grown, clear)


def _figures(report: Report) -> Iterator[tuple[tuple[str, str], Estimate]]:
    for file in report.files:
        yield (file.name, "bytes"), _exact(file.bytes)
    for name, metrics in report.accuracy.files.items() if report.accuracy else ():
        for measure, estimate in metrics.overall.items():
            yield (name, measure), estimate
        if metrics.against_keras:
            yield (name, "lost"), metrics.against_keras.lost
    for speed in report.latency.speeds if report.latency else ():
        name = f"{speed.file}, {speed.runtime}, {speed.threads}"
        if speed.model:
            yield (name, "p50"), _exact(speed.model.p50)
            yield (name, "p90"), _exact(speed.model.p90)
        if speed.ratio:
            yield (name, "ratio"), speed.ratio
    for start in report.latency.starts if report.latency else ():
        yield (f"{start.file}, {start.runtime}", "cold"), _exact(start.seconds)
        yield (f"{start.file}, {start.runtime}", "memory"), _exact(start.memory)


def _exact(value: float) -> Estimate:
    return Estimate(float(value), None, None)
