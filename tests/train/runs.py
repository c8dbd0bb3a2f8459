"""Runs without a training, for what only reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES
from evaluation.metrics import evaluate
from evaluation.predictions import KERAS, SlicePrediction
from train.config import Architecture, Protocol, TrainingConfig, recipe_of
from train.run import DataDescription, Environment, RoleCounts, Run, State
from train.run_metrics import RunMetrics, TrainingShare


def make_run(
    folder: Path, arch: Architecture = "edge", protocol: Protocol = "grouped", state: State = "finished"
) -> Run:
    """Returns a run that is not written yet."""
    return Run(
        folder=folder,
        config=TrainingConfig(
            arch=arch,
            input=InputSpec(128),
            weights=None,
            fine_tune=arch == "mobilenetv2",
            backbone_size=None,
            protocol=protocol,
            fold=0,
            withheld_fold=0,
            seed=1,
            recipe=replace(recipe_of("edge"), epochs=3),
            teachers=(),
            target_accuracy=None,
            mixed_precision=False,
        ),
        data_folder="data",
        groups_file=None,
        teacher_folders=(),
        data=DataDescription(
            name="d",
            sha256="ab" * 32,
            groups=None,
            slices=RoleCounts(train=100, validation=10, test=40, mixed=0),
            unseen_labels=(),
        ),
        environment=Environment(
            python="3.11.0", keras="3.12.0", backend="tensorflow", device="cpu:0", commit="c" * 40
        ),
        started="2026-01-02T00:00:00+0000",
        seconds=12.0,
        state=state,
    )


def make_metrics(protocol: Protocol = "grouped") -> RunMetrics:
    """Returns the metrics of 40 slices, of which every eighth is answered wrongly."""
    rows = []
    for i in range(40):
        label, predicted = NAMES[i % 4], NAMES[(i + (i % 8 == 0)) % 4]
        probabilities = {name: float(name == predicted) for name in NAMES}
        rows.append(
            SlicePrediction(
                file=KERAS,
                path=f"{i}.png",
                sha256=f"{i:064x}",
                label=label,
                group=str(i),
                predicted=predicted,
                confidence=1.0,
                tumour=1 - probabilities["no_tumor"],
                probabilities=probabilities,
            )
        )
    return RunMetrics(
        protocol=protocol,
        state="finished",
        training_seconds=12.0,
        training=TrainingShare(slices=100, accuracy=0.99),
        folds=(),
        metrics=evaluate(rows, NAMES),
    )
