"""``python -m benchmarks compare OLD.json NEW.json``: what got better or worse beyond noise."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.errors import BenchmarkError
from benchmarks.measure import predictions
from benchmarks.measure.predictions import Answer
from benchmarks.report import results, scores
from benchmarks.report.results import Report
from evaluation.statistics import Estimate
from evaluation.tables import Table

# Whether more is worse, and how much of a change is noise where no interval says so, relative to the old.
MEASURES = {
    "accuracy": (False, 0.0),
    "balanced": (False, 0.0),
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


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code: 1 where a limit is passed.

    Raises:
        BenchmarkError: A report is missing or broken, or they share no figure.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks compare",
        description="Compares two report.json and shows what changed beyond noise.",
        epilog=f"Measures: {', '.join(MEASURES)}. A limit counts in the measure's own unit: accuracy=0.01 "
        "fails where accuracy fell by more than one point, p50=0.5 where a picture takes 0.5 ms longer; with "
        "%%, relative to the old figure: p50=20%%. Only changes beyond noise fail.",
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument(
        "--fail-if",
        nargs="+",
        type=_limit,
        default=[],
        metavar="MEASURE=LIMIT",
        help="exit with 1 past these",
    )
    options = parser.parse_args(arguments)
    changes = list(compare(options.old, options.new))
    if not changes:
        raise BenchmarkError(f"{options.old} and {options.new}: have no file and figure in common.")
    missing = {limit.measure for limit in options.fail_if} - {change.measure for change in changes}
    if missing:
        raise BenchmarkError(f"{', '.join(sorted(missing))}: not measured in both reports.")
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table(changes).grid())
    failures = [one for one in changes for limit in options.fail_if if limit.passed_by(one)]
    for one in failures:
        console.print(
            f"{one.file}: {one.measure} went from {one.old:.4g} to {one.new:.4g}, past its limit.",
            markup=False,
        )
    return 1 if failures else 0


def compare(old: Path, new: Path) -> Iterator[Change]:
    """Yields every figure that both reports hold.

    A change is beyond noise where its interval leaves out zero: paired, slice by slice, if ``answers.csv``
    lies beside both reports and the test part is the same. Otherwise the intervals of both must not overlap;
    and a figure without one must change more than timing or memory vary from run to run. Milliseconds and
    memory are compared on the same kind of machine alone.

    Args:
        old: A ``report.json``.
        new: Another.

    Raises:
        BenchmarkError: A report or the answers beside it are missing or broken.
    """
    before, after = results.read(old), results.read(new)
    paired = dict(_paired(old.parent, before, new.parent, after))
    figures = dict(_figures(after))
    same_machine = _machine(before) == _machine(after)
    for key, one in _figures(before):
        if key in figures and (same_machine or key[1] not in OF_MACHINE):
            yield _change(*key, one, figures[key], paired.get(key))


def _machine(one: Report) -> tuple[str, int] | None:
    occasion = one.occasions.get("latency")
    return (occasion.machine.cpu, occasion.machine.cores) if occasion else None


def _paired(
    old: Path, before: Report, new: Path, after: Report
) -> Iterator[tuple[tuple[str, str], Estimate]]:
    """Yields differences between answers to the same slices."""
    if not (before.accuracy and after.accuracy):
        return
    if before.accuracy.test_part.sha256 != after.accuracy.test_part.sha256:
        return
    if not all((folder / results.ANSWERS).is_file() for folder in (old, new)):
        return
    ones: dict[str, list[Answer]] = defaultdict(list)
    others: dict[str, list[Answer]] = defaultdict(list)
    for folder, found in ((old, ones), (new, others)):
        for answer in predictions.read(folder / results.ANSWERS):
            found[answer.file].append(answer)
    for file in set(ones) & set(others):
        grown = scores.difference(ones[file], others[file], before.accuracy.test_part.labels)
        yield from (((file, measure), estimate) for measure, estimate in grown.items())


def table(changes: list[Change]) -> Table:
    """Lays out what changed beyond noise."""
    rows = tuple(
        (
            one.file,
            one.measure,
            f"{one.old:.4g}",
            f"{one.new:.4g}",
            "worse" if one.worse > 0 else "better",
        )
        for one in changes
        if one.clear
    )
    same = sum(not one.clear for one in changes)
    return Table(
        f"Beyond noise: {len(rows)} of {len(changes)} figures",
        ("File", "Measure", "Old", "New", ""),
        rows,
        f"{same} figures are within noise.",
    )


@dataclass(frozen=True)
class _Limit:
    measure: str
    limit: float
    relative: bool

    def passed_by(self, change: Change) -> bool:
        limit = self.limit * abs(change.old) / 100 if self.relative else self.limit
        return change.measure == self.measure and change.clear and change.worse > limit


def _limit(text: str) -> _Limit:
    measure, _, limit = text.partition("=")
    if measure not in MEASURES:
        raise argparse.ArgumentTypeError(f"{measure} is none of {', '.join(MEASURES)}")
    try:
        return _Limit(measure, float(limit.removesuffix("%")), limit.endswith("%"))
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


def _figures(one: Report) -> Iterator[tuple[tuple[str, str], Estimate]]:
    for file in one.files:
        yield (file.name, "bytes"), _exact(file.bytes)
    for score in one.accuracy.scores if one.accuracy else ():
        for measure, estimate in score.measures.items():
            yield (score.file, measure), estimate
        yield (score.file, "lost"), score.lost
    for speed in one.latency.speeds if one.latency else ():
        name = f"{speed.file}, {speed.runtime}, {speed.threads}"
        if speed.model:
            yield (name, "p50"), _exact(speed.model.p50)
            yield (name, "p90"), _exact(speed.model.p90)
        if speed.ratio:
            yield (name, "ratio"), speed.ratio
    for start in one.latency.starts if one.latency else ():
        yield (f"{start.file}, {start.runtime}", "cold"), _exact(start.seconds)
        yield (f"{start.file}, {start.runtime}", "memory"), _exact(start.memory)


def _exact(value: float) -> Estimate:
    return Estimate(float(value), None, None)
