"""The command ``python -m benchmarks results``: makes the plan's results, or checks them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.plan import run
from benchmarks.plan.record import Places
from benchmarks.plan.steps import LITE0_WEIGHTS, plan

ROOT = Path(__file__).parents[2]


def describe(command: argparse.ArgumentParser) -> None:
    """Gives a parser the arguments of the command ``results``."""
    command.add_argument("--data", type=Path, help="the folder of the data set, with its manifest.csv")
    command.add_argument(
        "--weights", default="imagenet", help="MobileNetV2's, a file or 'imagenet' (default: %(default)s)"
    )
    command.add_argument(
        "--lite0-weights", type=Path, metavar="FILE", help="EfficientNet-Lite0's, which Keras can't download"
    )
    command.add_argument(
        "--out-of-distribution",
        type=Path,
        default=Path("ood"),
        metavar="DIR",
        help="pictures to be refused, with a sources.csv (default: %(default)s)",
    )
    command.add_argument(
        "--check", action="store_true", help="make nothing; fail where a committed result is not as recorded"
    )
    command.add_argument(
        "--toy", type=Path, metavar="DIR", help="try the whole plan on small nets, coarsely, into this folder"
    )
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace, words: list[str]) -> int:
    steps = plan("toy" if options.toy else "whole")
    if options.check:
        found = list(run.faults(steps, _places(options)))
        for fault in found:
            print(fault, file=sys.stderr)
        if old := list(run.outdated(steps, _places(options))):
            print(f"Made from other inputs than today's plan has: {', '.join(old)}.")
        return 1 if found else 0
    if options.data is None:
        raise BenchmarkError("--data names no data set; make results DATA=FOLDER.")
    places = _places(options)
    if any(LITE0_WEIGHTS in step.command for step in steps) and not places.lite0_weights.is_file():
        raise BenchmarkError(
            "--lite0-weights names no weights file of EfficientNet-Lite0, which teaches our net; "
            "make results LITE0_WEIGHTS=FILE."
        )
    run.Maker(steps, places, _tell).make()
    return 0


def _places(options: argparse.Namespace) -> Places:
    toy: Path | None = options.toy
    return Places(
        data=(options.data or Path()).absolute(),
        weights=options.weights,
        lite0_weights=(options.lite0_weights or Path()).absolute(),
        others=options.out_of_distribution.absolute(),
        work=toy / "work" if toy else ROOT / "runs" / "results",
        results=toy / "results" if toy else ROOT / "benchmarks" / "results",
        bundles=toy if toy else ROOT / "benchmarks",
        shipped=toy / "shipped" if toy else ROOT / "edge_app" / "models",
    )


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
