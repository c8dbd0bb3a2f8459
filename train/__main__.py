"""``python -m train``: trains a net; ``audit`` and ``fetch`` look after data, ``tables``, ``choice`` compare.

Every command imports what it needs when it runs: a Keras backend takes seconds that the others need not wait.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from edge_app import records
from train.config import (
    ARCHITECTURES,
    PRETRAINED,
    PROTOCOLS,
    Recipe,
    TrainingConfig,
    input_of,
    recipe_of,
)
from train.data.dataset import read_dataset
from train.data.fetch import URL, download
from train.errors import DataError
from train.outcome import exit_code

LAYOUTS = "class folders, Training/ and Testing/, or a manifest.csv"


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m train", description="From labelled slices to a run: a trained net and its scores."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser
    _describe_fit(add("fit", help="train a net", description="Trains a net on labelled slices."))
    _describe_audit(
        add(
            "audit",
            help="look for faults in a data set",
            description="Looks for copies, contradictions and giveaways in a data set.",
        )
    )
    _describe_fetch(add("fetch", help="download the paper's data set", description=f"Downloads {URL}."))
    _describe_tables(add("tables", help="compare finished runs", description="Compares finished runs."))
    _describe_choice(
        add(
            "choice",
            help="compare recipes by the folds that no net saw",
            description="Compares recipes by the folds that their nets did not see, pooled.",
        )
    )
    args = parser.parse_args(arguments)
    return exit_code(lambda: args.work(args), args.lost, args.out)


def _describe_fit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_fit, lost="the training is not finished.")
    parser.add_argument("data", type=Path, help=LAYOUTS)
    parser.add_argument("--arch", choices=ARCHITECTURES, default="edge")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="grouped", help="how slices are split")
    parser.add_argument("--out", type=Path, required=True, help="folder for the run")
    parser.add_argument("--epochs", type=_count, help="at most this many (default: the recipe's)")
    parser.add_argument("--batch", type=_count, help="slices a step (default: the recipe's)")
    parser.add_argument("--size", type=_count, help="input height and width (default: the net's)")
    parser.add_argument("--fold", type=int, default=0, help="test fold of the protocol grouped")
    parser.add_argument(
        "--cross-validate", action="store_true", help="grouped: a run for each fold, evaluated as one"
    )
    parser.add_argument("--groups", help="CSV of groups and folds (sha256, group, fold), or 'sartaj'")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--target-accuracy", type=float, help="stop once both accuracies reach this")
    backbones = " and ".join(PRETRAINED)
    parser.add_argument("--weights", help=f"{backbones}: a weights file, or 'imagenet'")
    parser.add_argument("--fine-tune", action="store_true", help=f"{backbones}: train the backbone too")
    parser.add_argument(
        "--backbone-size", type=_count, help=f"{backbones}: what the backbone sees (default: the input)"
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="RUN",
        help="a finished run of the same split, to learn from too; may be given again, for their average",
    )
    parser.add_argument(
        "--recipe",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="another value of the recipe than the net's own; may be given again",
    )
    parser.add_argument(
        "--mixed-precision",
        action="store_true",
        help="compute in bfloat16; pays on some GPUs, never on a CPU",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, as it was begun")


def _describe_audit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_audit, lost="nothing was finished.")
    parser.add_argument("data", type=Path, help=LAYOUTS)
    parser.add_argument("--out", type=Path, required=True, help="folder for the audit")
    parser.add_argument("--groups", help="CSV of groups and folds to check, or 'sartaj'")


def _describe_fetch(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_fetch, lost="nothing was finished.")
    parser.add_argument("--out", type=Path, help="a new or empty folder (default: kagglehub's cache)")


def _describe_tables(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_tables, lost="the tables are not written.")
    parser.add_argument("runs", type=Path, nargs="+", help="folders of finished runs")
    parser.add_argument("--audit", type=Path, help="an audit's JSON, for the nearest neighbour in pixels")
    parser.add_argument("--out", type=Path, required=True, help="folder for comparison/ and classes/")


def _describe_choice(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_choice, lost="the table is not written.")
    parser.add_argument("runs", type=Path, nargs="+", help="folders of finished runs of the protocol grouped")
    parser.add_argument("--out", type=Path, required=True, help="folder for table.json")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{count} is less than 1")
    return count


def _config_of(args: argparse.Namespace) -> TrainingConfig:
    """Makes the configuration of a training of its arguments."""
    if (args.fine_tune or args.backbone_size) and args.arch not in PRETRAINED:
        raise DataError(f"{args.arch} has no backbone to fine-tune; it is trained whole.")
    return TrainingConfig(
        arch=args.arch,
        input=input_of(args.arch, args.size),
        weights=args.weights,
        fine_tune=args.fine_tune,
        backbone_size=args.backbone_size,
        protocol=args.protocol,
        fold=args.fold,
        # Only in a cross-validation, whose nets never ship, does fold 0 belong to training parts.
        withheld_fold=None if args.cross_validate else 0,
        seed=args.seed,
        recipe=_recipe(args),
        teachers=(),
        target_accuracy=args.target_accuracy,
        mixed_precision=args.mixed_precision,
    )


def _recipe(args: argparse.Namespace) -> Recipe:
    """Returns a net's own recipe with what was asked for in its place."""
    own = recipe_of(args.arch, args.fine_tune, taught=bool(args.teacher))
    plain = asdict(replace(own, epochs=args.epochs or own.epochs, batch=args.batch or own.batch))
    for text in args.recipe:
        field, _, value = text.partition("=")
        try:
            plain[field] = json.loads(value)
        except json.JSONDecodeError:
            raise DataError(f"--recipe {text}: expected FIELD=VALUE, such as mix_sequences=0.5.") from None
    try:
        recipe: Recipe = records.build(Recipe, plain)
    except (TypeError, ValueError) as error:
        raise DataError(f"--recipe: {error}.") from None
    return recipe


def _fit(args: argparse.Namespace) -> None:
    config = _config_of(args)
    from train.evaluate import show
    from train.fit import cross_validate, resume, train

    if args.cross_validate:
        metrics = cross_validate(config, args.data, args.groups, args.out, args.teacher)
    elif args.resume:
        metrics = resume(args.out)
    else:
        metrics = train(config, args.data, args.groups, args.out, args.teacher)
    show(str(args.out), metrics)
    if metrics.state != "finished":
        raise KeyboardInterrupt


def _audit(args: argparse.Namespace) -> None:
    from train.audit.command import run

    run(args.data, args.groups, args.out)


def _fetch(args: argparse.Namespace) -> None:
    folder = download(args.out)
    print(
        f"{len(read_dataset(folder))} slices in {folder}. The same groups and folds as ours: --groups sartaj."
    )


def _tables(args: argparse.Namespace) -> None:
    from train.tables import write

    write(args.runs, args.audit, args.out)


def _choice(args: argparse.Namespace) -> None:
    from rich.console import Console

    from evaluation.tables import SCHEMA
    from train.tables import out_of_fold

    choice = out_of_fold(args.runs)
    records.write(args.out / "table.json", choice, SCHEMA)
    Console().print(choice.grid(), choice.note)


if __name__ == "__main__":
    sys.exit(main())
