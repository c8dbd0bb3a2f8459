"""Training, ``python -m train DATA``: labelled slices in, a run out."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from edge_app.bundle import sha256
from edge_app.errors import OtakError
from edge_app.preprocessing import InputSpec
from train import figures, grouping, nets
from train.dataset import NAMES, DataError, Slice, read_dataset, root_of
from train.evaluation import evaluate, mixed_tumours
from train.fitting import RECIPES, TargetAccuracy, fit
from train.protocols import PROTOCOLS, Split, copies, split
from train.run import (
    ROLES,
    Run,
    environment,
    now,
    save_model,
    write_predictions,
    write_split,
    write_text,
)
from train.slices import Arrays, load_arrays


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code."""
    args = _parser().parse_args(arguments)
    try:
        run = _open_run(args)
        metrics = _train(run, Path(run.arguments["data"]))
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or args.out}: {error.strerror}; nothing was finished.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted before there was anything to keep.", file=sys.stderr)
        return 130
    _print_metrics(run, metrics)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description="Trains a net on labelled slices.")
    parser.add_argument("data", type=Path, help="class folders, Training/ and Testing/, or a manifest.csv")
    parser.add_argument("--arch", choices=nets.ARCHITECTURES, default="edge")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="grouped", help="how slices are split")
    parser.add_argument("--out", type=Path, required=True, help="folder for the run")
    parser.add_argument("--epochs", type=int, help="at most this many (default: the recipe's)")
    parser.add_argument("--batch", type=int, help="slices a step (default: the recipe's)")
    parser.add_argument("--size", type=int, help="input height and width (default: the net's)")
    parser.add_argument("--fold", type=int, default=0, help="test fold of the protocol grouped")
    parser.add_argument("--groups", help="CSV of groups and folds (sha256, group, fold), or 'sartaj'")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--target-accuracy", type=float, help="stop once both accuracies reach this")
    parser.add_argument("--weights", help="mobilenetv2: 'imagenet' or a weights file")
    parser.add_argument("--fine-tune", action="store_true", help="mobilenetv2: train the backbone too")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    return parser


def _open_run(args: argparse.Namespace) -> Run:
    """Starts a run in an empty folder, or takes up the one that is there."""
    if args.resume:
        run = Run.load(args.out)
        if run.state == "finished":
            raise DataError(f"{args.out}: this run is finished; there is nothing to resume.")
        return run
    if args.out.exists() and any(args.out.iterdir()):
        raise DataError(f"{args.out}: is not empty; name a new folder, or go on with --resume.")
    given = {key: getattr(args, key) for key in ("epochs", "batch") if getattr(args, key)}
    recipe = replace(RECIPES[args.arch], **given)
    return Run(
        folder=args.out,
        arguments={
            key: str(value) if isinstance(value, Path) else value for key, value in vars(args).items()
        },
        input=nets.input_of(args.arch, args.size),
        recipe=recipe,
        data={},
        environment=environment(),
        started=now(),
        seconds=0.0,
        state="training",
    )


def _train(run: Run, data: Path) -> dict[str, Any]:
    arguments = run.arguments
    groups = grouping.find(arguments["groups"]) if arguments.get("groups") else None
    slices = grouping.assign(read_dataset(data), groups) if groups else read_dataset(data)
    parts = split(slices, arguments["protocol"], arguments["seed"], arguments["fold"])
    arrays = _load_parts(run, data, parts)
    keras.utils.set_random_seed(arguments["seed"])
    net = nets.build(arguments["arch"], run.input, arguments["weights"], arguments["fine_tune"])
    target = arguments["target_accuracy"]

    run.folder.mkdir(parents=True, exist_ok=True)
    run = replace(run, data=_describe(data, groups, slices, parts))
    run.save()
    write_split(run.folder, parts)
    start = time.monotonic()
    learner, learnt = _learner(net, run.input, arrays)
    finished = fit(
        learner,
        run.recipe,
        learnt["train"],
        learnt["validation"],
        run.folder,
        arguments["seed"],
        [TargetAccuracy(target)] if target else [],
    )
    state = "finished" if finished else "interrupted"
    run = replace(run, seconds=run.seconds + time.monotonic() - start, state=state)
    save_model(net, run.folder)
    metrics = _judge(run, net, arrays, parts)
    run.save()
    if finished:
        (run.folder / "checkpoint.weights.h5").unlink(missing_ok=True)
    return metrics


def _learner(
    net: keras.Model, spec: InputSpec, arrays: dict[str, Arrays]
) -> tuple[keras.Model, dict[str, Arrays]]:
    """Returns what learns, the net or the head of a frozen one, and what it learns from."""
    parts = nets.split_frozen(net)
    if parts is None:
        return net, arrays
    backbone, head = parts
    features = {
        role: replace(arrays[role], pixels=backbone.predict(arrays[role].as_input(spec.channels), verbose=0))
        for role in ("train", "validation")
    }
    return head, features


def _load_parts(run: Run, data: Path, parts: Split) -> dict[str, Arrays]:
    cache = run.folder.parent / ".cache"
    root = root_of(data)
    by_role = {role: getattr(parts, role) for role in ROLES}
    return {role: load_arrays(root, slices, run.input, cache) for role, slices in by_role.items() if slices}


def _describe(data: Path, groups: Path | None, slices: list[Slice], parts: Split) -> dict[str, Any]:
    digest = hashlib.sha256("".join(sorted(one.sha256 for one in slices)).encode()).hexdigest()
    return {
        "name": data.resolve().name,
        "sha256": digest,
        "groups": {"name": groups.name, "sha256": sha256(groups)} if groups else None,
        "slices": {role: len(getattr(parts, role)) for role in ROLES},
    }


def _judge(run: Run, net: keras.Model, arrays: dict[str, Arrays], parts: Split) -> dict[str, Any]:
    """Evaluates on the test part and writes what the evaluation leaves."""
    probabilities = net.predict(arrays["test"].as_input(run.input.channels), verbose=0)
    truth = arrays["test"].targets.argmax(axis=1)
    groups = np.array([one.group for one in parts.test])
    metrics = evaluate(truth, probabilities, groups.tolist())
    copied = np.array(copies(parts.test, parts.train + parts.validation))
    if run.arguments["protocol"] == "official" and 0 < copied.sum() < len(copied):
        metrics["copies"], metrics["new"] = (
            evaluate(truth[mask], probabilities[mask], groups[mask].tolist()) for mask in (copied, ~copied)
        )
    mixed = np.zeros((0, len(NAMES)), np.float32)
    if parts.mixed and metrics["tumour"]:
        mixed = net.predict(arrays["mixed"].as_input(run.input.channels), verbose=0)
        metrics["mixed"] = mixed_tumours(mixed, metrics["tumour"]["threshold_at_95_specificity"])
    metrics |= {"protocol": run.arguments["protocol"], "training_seconds": run.seconds, "state": run.state}
    write_text(run.folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_predictions(run.folder, parts.test + parts.mixed, np.concatenate([probabilities, mixed]))
    figures.draw(run.folder, truth, probabilities, metrics["confusion"])
    return metrics


def _print_metrics(run: Run, metrics: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Class", "Precision", "Recall", "F1", "Support", title=f"{run.folder}: the test part")
    for name, row in metrics["classes"].items():
        figures_ = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
        table.add_row(name, *figures_, str(row["support"]))
    accuracy = metrics["accuracy"]
    console = Console()
    console.print(table)
    bounds = "" if accuracy["low"] is None else f" ({accuracy['low']:.1%} to {accuracy['high']:.1%})"
    if "mixed" in metrics:
        seen = metrics["mixed"]["sensitivity_at_95_specificity"]
        console.print(f"Tumours of all sequences called a tumour, at 95% specificity: {seen:.1%}.")
    console.print(
        f"Accuracy {accuracy['value']:.1%}{bounds}; {metrics['training_seconds']:.0f} s of training."
    )
