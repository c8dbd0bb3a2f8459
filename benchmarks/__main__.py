"""``python -m benchmarks BUNDLE... --data DATA``: one table for all files of some bundles."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks import candidates, latency, reference, report
from benchmarks.accuracy import Answer, ask, judge
from benchmarks.candidates import Candidate
from benchmarks.latency import Latency
from benchmarks.machine import this_machine
from benchmarks.report import Data, Report
from edge_app.errors import OtakError

WIDTH = 190  # of the table where the output is no terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0, 2 on an error, 130 when interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] == "trust":
        # Its libraries, of the workshop, need not be there to time a bundle.
        from benchmarks import trust

        return trust.main(list(words[1:]))
    options = _parser().parse_args(words)
    try:
        subjects = candidates.load(options.bundle)
        reference.verify(reference.all_slices(subjects[0].reference), options.data)
        report.prepare(options.out)
        answers, latencies = _measure(subjects, options.data, options.queries)
        result = _report(subjects, answers, latencies, options, words)
        report.write(options.out, result, subjects, answers)
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; no report was written.", file=sys.stderr)
        return 130
    Console(width=None if sys.stdout.isatty() else WIDTH).print(report.table(result))
    print(f"Written to {options.out}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures accuracy, size and latency of every file of some bundles, side by side.",
    )
    parser.add_argument("bundle", nargs="+", type=Path, help="a folder that `convert` wrote")
    parser.add_argument("--data", required=True, type=Path, help="the folder that the nets were trained from")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/benchmark"),
        help="where the report goes (default: %(default)s)",
    )
    parser.add_argument(
        "--queries", type=_positive, default=1024, help="timed calls a file (default: %(default)s)"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _measure(subjects: list[Candidate], data: Path, queries: int) -> tuple[list[list[Answer]], list[Latency]]:
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        task = progress.add_task(
            "Accuracy", total=sum(len(reference.all_slices(subject.reference)) for subject in subjects)
        )
        answers = [ask(subject, data, lambda: progress.advance(task)) for subject in subjects]
    # Without the thread that redraws, which would disturb the clock.
    with Progress(console=console, auto_refresh=False) as progress:
        task = progress.add_task("Latency", total=queries)
        latencies = latency.measure(
            subjects, data, queries, lambda done: progress.update(task, advance=done, refresh=True)
        )
    return answers, latencies


def _report(
    subjects: list[Candidate],
    answers: list[list[Answer]],
    latencies: list[Latency],
    options: argparse.Namespace,
    words: Sequence[str],
) -> Report:
    slices = subjects[0].reference.slices
    accuracies = [judge(own, subject.reference) for own, subject in zip(answers, subjects, strict=True)]
    rows = zip(subjects, accuracies, latencies, latency.ratios(subjects, latencies), strict=True)
    return Report(
        data=Data(
            folder=options.data.resolve().name,
            images=len(slices),
            groups=len({slice_.group for slice_ in slices}),
            sha256=reference.fingerprint(slices),
        ),
        protocol=candidates.protocol(subjects[0].classifier.bundle),
        machine=this_machine(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        command=shlex.join(["python", "-m", "benchmarks", *words]),
        queries=options.queries,
        files=tuple(report.file_result(*row) for row in rows),
    )


if __name__ == "__main__":
    sys.exit(main())
