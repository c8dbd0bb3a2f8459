"""Reads mutated files until so many were read, and keeps those that a worker did not bear.

The same seed and number give the same file, so that a run can be stopped and gone on with by ``--start``.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from edge_app.errors import ImageError, OtakError
from edge_app.preprocessing import InputSpec
from edge_app.process import Limits
from edge_app.reading import SHOWN_SIDE
from edge_app.workers import Worker
from tests.conftest import ROOT
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import seeds

LIMITS = Limits(cpu=5, wall=60)
KEPT = ROOT / "runs" / "fuzz"
REPORTED = 100  # files between two lines of progress


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        number: Of the file.
        data: Its bytes.
        said: The error's code, ``read``, or what went wrong.
        borne: Whether it was read or refused, and the worker lives.
    """

    number: int
    data: bytes
    said: str
    borne: bool


def fuzz(seed: int, numbers: range) -> Iterator[Outcome]:
    """Makes files and has them read.

    Args:
        seed: The same one gives the same files.
        numbers: Of the files.
    """
    whole = seeds()
    with contextlib.closing(Worker(LIMITS)) as worker:
        for number in numbers:
            data = mutate(Random(f"{seed}/{number}"), whole)
            outcome = _try(worker, number, data)
            if not outcome.borne:
                # A worker without memory left is replaced, whatever the next one says.
                with contextlib.closing(Worker(LIMITS)) as fresh:
                    outcome = _try(fresh, number, data)
            yield outcome


def _try(worker: Worker, number: int, data: bytes) -> Outcome:
    before = worker.pid
    try:
        worker.read(data, "a", InputSpec(), None, SHOWN_SIDE)
        said = "read"
    except ImageError as error:
        said = error.code
    except OtakError as error:
        return Outcome(number, data, str(error), borne=False)
    return Outcome(number, data, said, borne=worker.pid == before or said == "too_much_memory")


def main() -> int:
    """Runs the command.

    Returns:
        The exit code: 0; 1 where a worker did not bear a file; 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="files (default: %(default)s)")
    parser.add_argument("--start", type=int, default=0, help="number of the first (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the files (default: %(default)s)")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    unborne = 0
    began = time.monotonic()
    end = arguments.start + arguments.count
    number = arguments.start
    try:
        for outcome in fuzz(arguments.seed, range(arguments.start, end)):
            number = outcome.number + 1
            counts[outcome.said if outcome.borne else "NOT BORNE"] += 1
            if not outcome.borne:
                unborne += 1
                print(f"\n{_keep(arguments.seed, outcome)}: {outcome.said}")
            if number % REPORTED == 0 or number == end:
                speed = counts.total() / (time.monotonic() - began)
                print(f"\r{number} of {end}, {speed:.0f} a second, {unborne} not borne", end="", flush=True)
    except KeyboardInterrupt:
        print(f"\nstopped; go on with --seed {arguments.seed} --start {number} --count {end - number}")
    print("", *(f"{count:8} {said}" for said, count in counts.most_common()), sep="\n")
    return 130 if number < end else min(unborne, 1)


def _keep(seed: int, outcome: Outcome) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{seed}-{outcome.number}.bin"
    path.write_bytes(outcome.data)
    return path


if __name__ == "__main__":
    sys.exit(main())
