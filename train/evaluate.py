"""Evaluating a run: what its test part says, written down for every later step."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge_app import records
from evaluation.labels import NAMES, NO_TUMOUR_INDEX, UNTYPED
from evaluation.parts import Answered, apart
from train import evaluation, figures
from train.data.arrays import Arrays
from train.data.dataset import Slice
from train.data.protocols import Split, copies
from train.run import Run, read_predictions, write_predictions


def evaluate(run: Run, net: keras.Model, arrays: dict[str, Arrays], parts: Split) -> dict[str, Any]:
    """Evaluates a trained net on its run's test part and writes what that leaves.

    Args:
        run: The run.
        net: Its net.
        arrays: By role; ``train``, ``test``, and ``mixed`` where the split has such slices.
        parts: The split.

    Returns:
        What ``metrics.json`` holds.
    """
    probabilities = net.predict(arrays["test"].as_input(run.input.channels), verbose=0)
    truth = arrays["test"].targets.argmax(axis=1)
    groups = np.array([one.group for one in parts.test])
    metrics = evaluation.evaluate(truth, probabilities, groups.tolist())
    tested = parts.test + parts.mixed
    # Under ``paper`` the validation part is the test part.
    unseen = set(parts.test)
    copied = copies(tested, [one for one in parts.train + parts.validation if one not in unseen])
    own = np.array(copied[: len(parts.test)])
    if run.config.protocol == "official" and 0 < own.sum() < len(own):
        metrics["copies"], metrics["new"] = (
            evaluation.evaluate(truth[mask], probabilities[mask], groups[mask].tolist())
            for mask in (own, ~own)
        )
    mixed = np.zeros((0, len(NAMES)), np.float32)
    if parts.mixed:
        mixed = net.predict(arrays["mixed"].as_input(run.input.channels), verbose=0)
    answers = _answers(tested, np.concatenate([probabilities, mixed]))
    metrics |= asdict(apart(answers)) | {"training": _training_share(run, net, arrays["train"])}
    metrics |= {"protocol": run.config.protocol, "training_seconds": run.seconds, "state": run.state}
    records.write_text(run.folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_predictions(run.folder, tested, copied, np.concatenate([probabilities, mixed]))
    figures.draw(run.folder, truth, probabilities, metrics["confusion"])
    figures.draw_mistakes(run.folder, net, arrays["test"], probabilities, [one.path for one in parts.test])
    return metrics


def _answers(slices: list[Slice], probabilities: NDArray[np.float32]) -> list[Answered]:
    return [
        Answered(
            label=one.label,
            group=one.group,
            predicted=NAMES[row.argmax()],
            tumour=float(1 - row[NO_TUMOUR_INDEX]),
            source=one.source,
            sequence=one.sequence,
            plane=one.plane,
        )
        for one, row in zip(slices, probabilities, strict=True)
    ]


def _probabilities(rows: list[dict[str, str]]) -> NDArray[np.float32]:
    return np.array([[float(row[f"p_{name}"]) for name in NAMES] for row in rows], np.float32)


def _training_share(run: Run, net: keras.Model, train: Arrays) -> dict[str, Any]:
    """Measures how much a net remembers: its accuracy on what it learnt from, as it is."""
    answers = net.predict(train.as_input(run.input.channels), verbose=0).argmax(axis=1)
    allowed = train.targets[np.arange(len(answers)), answers]
    return {"slices": len(answers), "accuracy": float(allowed.mean())}


def pool(folder: Path, runs: list[Path]) -> dict[str, Any]:
    """Judges all runs of a cross-validation as one and writes ``metrics.json``.

    Args:
        folder: For the metrics.
        runs: Folders of runs of one protocol whose test parts don't overlap.

    Returns:
        What ``metrics.json`` holds; each run's own accuracy as ``folds``.
    """
    rows = [row for run in runs for row in read_predictions(run)]
    typed = [row for row in rows if row["label"] != UNTYPED]
    truth = np.array([NAMES.index(row["label"]) for row in typed])
    metrics = evaluation.evaluate(truth, _probabilities(typed), [row["group"] for row in typed])
    slices = [
        Slice(
            path=row["path"],
            label=row["label"],
            sha256=row["sha256"],
            group=row["group"],
            source=row["source"],
            sequence=row["sequence"],
            plane=row["plane"],
        )
        for row in rows
    ]
    metrics |= asdict(apart(_answers(slices, _probabilities(rows))))
    own = [json.loads((run / "metrics.json").read_text(encoding="utf-8")) for run in runs]
    metrics |= {
        "protocol": own[0]["protocol"],
        "folds": [one["accuracy"]["value"] for one in own],
        "training_seconds": sum(one["training_seconds"] for one in own),
    }
    records.write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    return metrics


def show(title: str, metrics: dict[str, Any]) -> None:
    """Prints the paper's table and the headline figures."""
    table = Table("Class", "Precision", "Recall", "F1", "Support", title=f"{title}: the test part")
    for name, row in metrics["classes"].items():
        figures_ = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
        table.add_row(name, *figures_, str(row["support"]))
    accuracy = metrics["accuracy"]
    console = Console()
    console.print(table)
    bounds = "" if accuracy["low"] is None else f" ({accuracy['low']:.1%} to {accuracy['high']:.1%})"
    console.print(_part_table(metrics["parts"]))
    console.print(
        f"Accuracy {accuracy['value']:.1%}{bounds}; {metrics['training_seconds']:.0f} s of training."
    )
    if "training" in metrics:
        console.print(f"On what it learnt from: {metrics['training']['accuracy']:.1%}.")


def _part_table(parts: list[dict[str, Any]]) -> Table:
    shares = {"right": "Right", "found": "Found", "cleared": "Cleared", "found_at_95": "Found at 95%"}
    table = Table("Part", "Slices", *shares.values())
    for part in parts:
        cells = [f"{part[key]['estimate']['value']:.1%}" if part[key] else "-" for key in shares]
        table.add_row(part["name"], str(part["slices"]), *cells)
    return table
