from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from train.evaluation import evaluate

from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES
from train.__main__ import main
from train.config import Architecture, Protocol, TrainingConfig, recipe_of
from train.run import DataDescription, Environment, RoleCounts, Run, State


def make_run(folder: Path, arch: Architecture, protocol: Protocol, state: State = "finished") -> Path:
    folder.mkdir()
    truth = np.arange(40) % 4
    metrics = evaluate(truth, np.eye(4, dtype=np.float32)[truth], [str(i) for i in range(40)])
    share = {"estimate": {"value": 0.875, "low": 0.8, "high": 0.9}, "count": 7, "of": 8}
    metrics |= {
        "protocol": protocol,
        "training_seconds": 12.0,
        "parts": [{"name": "classic", "right": share, "found_at_95": None}, {"name": "wide", "right": share}],
        "training": {"slices": 100, "accuracy": 0.99},
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    run = Run(
        folder=folder,
        config=TrainingConfig(
            arch=arch,
            input=InputSpec(128),
            weights=None,
            fine_tune=True,
            protocol=protocol,
            fold=0,
            withheld_fold=0,
            seed=1,
            recipe=replace(recipe_of("edge"), epochs=3),
            target_accuracy=None,
            mixed_precision=False,
        ),
        data_folder="data",
        groups_file=None,
        data=DataDescription(
            name="d",
            sha256="ab" * 32,
            groups=None,
            slices=RoleCounts(train=100, validation=10, test=40, mixed=0),
        ),
        environment=Environment(
            python="3.11.0", keras="3.12.0", backend="tensorflow", device="cpu:0", commit="c" * 40
        ),
        started="2026-01-02T00:00:00",
        seconds=12.0,
        state=state,
    )
    run.save()
    return folder


def test_runs_stand_beside_the_claims(tmp_path: Path) -> None:
    grouped = make_run(tmp_path / "a", "edge", "grouped")
    paper = make_run(tmp_path / "b", "mobilenetv2", "paper")
    baseline = {"value": 0.9, "low": 0.8, "high": 0.95}
    audit = tmp_path / "audit.json"
    audit.write_text(json.dumps({"baselines": [{"protocol": "paper", "part": "all", "accuracy": baseline}]}))
    out = tmp_path / "results"
    assert main(["tables", str(grouped), str(paper), "--audit", str(audit), "--out", str(out)]) == 0
    table = json.loads((out / "comparison" / "table.json").read_text())
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    nets = [row[0] for row in table["rows"]]
    assert nets == [
        "Published 14-layer CNN",
        "Published MobileNetV2",
        "1-NN in pixels",
        "`mobilenetv2`@128, fine-tuned",
        "`edge`",
    ]
    assert table["rows"][2][2] == "90.0 (80.0 to 95.0)"
    assert table["rows"][4][2:9] == ["87.5 (80.0 to 90.0)", "", "", "", "", "87.5 (80.0 to 90.0)", "99.0"]
    assert table["rows"][4][-1] == "12, 3 epochs" and "2026-01-02" in table["note"]
    classes = json.loads((out / "classes" / "table.json").read_text())
    assert [row[2] for row in classes["rows"]] == [*NAMES, *NAMES]
    assert classes["rows"][0][3:] == ["1.000", "1.000", "1.000", "10"]


def test_an_unfinished_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path / "a", "edge", "grouped", state="training")
    assert main(["tables", str(run), "--out", str(tmp_path / "results")]) == 2
    assert "not finished" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", str(tmp_path), "--out", str(tmp_path / "results")]) == 2
    assert str(tmp_path) in capsys.readouterr().err
