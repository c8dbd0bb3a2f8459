"""Training, ``python -m train DATA``: labelled slices in, a run out."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec
from train.data import folds
from train.data.arrays import Arrays, load_arrays
from train.data.balance import draws
from train.data.dataset import DataError, Slice, fingerprint, read_dataset, root_of
from train.data.protocols import FOLDS, PROTOCOLS, Split, split
from train.evaluate import judge, pool, show
from train.model import networks
from train.model.fitting import RECIPES, TargetAccuracy, all_devices, fit
from train.outcome import exit_code
from train.run import ROLES, Run, environment, now, save_model, write_split


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code."""
    args = _parser().parse_args(arguments)

    def work() -> None:
        metrics = _cross_validate(args) if args.cross_validate else _train(_open_run(args))
        show(str(args.out), metrics)

    return exit_code(work, "the training is not finished.", args.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description="Trains a net on labelled slices.")
    parser.add_argument("data", type=Path, help="class folders, Training/ and Testing/, or a manifest.csv")
    parser.add_argument("--arch", choices=networks.ARCHITECTURES, default="edge")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="grouped", help="how slices are split")
    parser.add_argument("--out", type=Path, required=True, help="folder for the run")
    parser.add_argument("--epochs", type=int, help="at most this many (default: the recipe's)")
    parser.add_argument("--batch", type=int, help="slices a step (default: the recipe's)")
    parser.add_argument("--size", type=int, help="input height and width (default: the net's)")
    parser.add_argument("--fold", type=int, default=0, help="test fold of the protocol grouped")
    parser.add_argument(
        "--cross-validate", action="store_true", help="grouped: a run for each fold, judged as one"
    )
    parser.add_argument("--groups", help="CSV of groups and folds (sha256, group, fold), or 'sartaj'")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--target-accuracy", type=float, help="stop once both accuracies reach this")
    parser.add_argument("--weights", help="mobilenetv2: 'imagenet' or a weights file")
    parser.add_argument("--fine-tune", action="store_true", help="mobilenetv2: train the backbone too")
    parser.add_argument(
        "--mixed-precision",
        action="store_true",
        help="compute in bfloat16; pays on some GPUs, never on a CPU",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    return parser


def _cross_validate(args: argparse.Namespace) -> dict[str, Any]:
    """Trains and judges one run a fold; those that are finished are kept."""
    if args.protocol != "grouped":
        raise DataError(f"The protocol {args.protocol} has no folds; cross-validate with grouped.")
    folders = []
    for fold in range(FOLDS):
        folder = args.out / f"fold-{fold}"
        begun = (folder / "run.json").is_file()
        fold_args = argparse.Namespace(**vars(args) | {"fold": fold, "out": folder, "resume": begun})
        if not begun or Run.load(folder).state != "finished":
            _train(_open_run(fold_args))
        if Run.load(folder).state != "finished":
            raise KeyboardInterrupt
        folders.append(folder)
    return pool(args.out, folders, args.protocol)


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
    if args.fine_tune and args.arch != "mobilenetv2":
        raise DataError(f"{args.arch} has no backbone to fine-tune; it is trained whole.")
    recipe = replace(RECIPES["mobilenetv2, fine-tuned" if args.fine_tune else args.arch], **given)
    return Run(
        folder=args.out,
        arguments={
            key: str(value) if isinstance(value, Path) else value for key, value in vars(args).items()
        },
        input=networks.input_of(args.arch, args.size),
        recipe=recipe,
        data={},
        environment=environment(),
        started=now(),
        seconds=0.0,
        state="training",
    )


def _train(run: Run) -> dict[str, Any]:
    arguments = run.arguments
    data = Path(arguments["data"])
    groups = folds.find(arguments["groups"]) if arguments.get("groups") else None
    slices = folds.assign(read_dataset(data), groups) if groups else read_dataset(data)
    # Only in a cross-validation, whose nets never ship, does fold 0 belong to training parts.
    withheld = None if arguments.get("cross_validate") else 0
    parts = split(slices, arguments["protocol"], arguments["seed"], arguments["fold"], withheld)
    arrays = _load_parts(run, data, parts)
    run.folder.mkdir(parents=True, exist_ok=True)
    run = replace(run, data=_describe(data, groups, slices, parts))
    run.save()
    write_split(run.folder, parts)
    start = time.monotonic()
    net, finished = _fit(run, arrays, draws(parts.train) if run.recipe.balanced else None)
    state = "finished" if finished else "interrupted"
    run = replace(run, seconds=run.seconds + time.monotonic() - start, state=state)
    save_model(net, run.folder)
    metrics = judge(run, net, arrays, parts)
    run.save()
    if finished:
        (run.folder / "checkpoint.weights.h5").unlink(missing_ok=True)
    return metrics


def _fit(run: Run, arrays: dict[str, Arrays], draws: NDArray[np.float64] | None) -> tuple[keras.Model, bool]:
    """Builds and trains the run's net; returns it, and whether it was left to finish."""
    arguments = run.arguments
    target = arguments["target_accuracy"]
    keras.utils.set_random_seed(arguments["seed"])
    keras.config.set_dtype_policy("mixed_bfloat16" if arguments["mixed_precision"] else "float32")
    with all_devices() as devices:
        net = networks.build(arguments["arch"], run.input, arguments["weights"], arguments["fine_tune"])
        learner, learnt = _learner(net, run.input, arrays)
        finished = fit(
            learner,
            run.recipe,
            learnt["train"],
            learnt["validation"],
            run.folder,
            arguments["seed"],
            draws,
            devices,
            [TargetAccuracy(target)] if target else [],
        )
    return networks.detached(net), finished


def _learner(
    net: keras.Model, spec: InputSpec, arrays: dict[str, Arrays]
) -> tuple[keras.Model, dict[str, Arrays]]:
    """Returns what learns, the net or the head of a frozen one, and what it learns from."""
    parts = networks.split_frozen(net)
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
    return {
        "name": data.resolve().name,
        "sha256": fingerprint(slices),
        "groups": {"name": groups.name, "sha256": sha256(groups)} if groups else None,
        "slices": {role: len(getattr(parts, role)) for role in ROLES},
    }
