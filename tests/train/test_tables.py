from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_app import records
from evaluation.labels import NAMES
from evaluation.statistics import Estimate
from evaluation.tables import SCHEMA, Table
from tests.train.runs import make_metrics, make_run
from train.__main__ import main
from train.audit.figures import read
from train.config import Architecture, Protocol
from train.run import State


def write_run(folder: Path, arch: Architecture, protocol: Protocol, state: State = "finished") -> str:
    make_run(folder, arch, protocol, state).save()
    make_metrics(protocol).save(folder)
    return str(folder)


def table(path: Path) -> Table:
    return records.read(path / "table.json", Table, SCHEMA)


def test_runs_stand_beside_the_claims(tmp_path: Path, audit: Path) -> None:
    grouped = write_run(tmp_path / "a", "edge", "grouped")
    paper = write_run(tmp_path / "b", "mobilenetv2", "paper")
    out = tmp_path / "results"
    assert main(["tables", grouped, paper, "--audit", str(audit), "--out", str(out)]) == 0
    comparison = table(out / "comparison")
    assert all(len(row) == len(comparison.columns) for row in comparison.rows)
    assert [row[0] for row in comparison.rows] == [
        "Published 14-layer CNN",
        "Published MobileNetV2",
        "1-NN in pixels",
        "`mobilenetv2`@128, fine-tuned",
        "`edge`",
    ]
    assert comparison.rows[2][2] == "90.0 (80.0 to 95.0)"
    edge = comparison.rows[4]
    assert edge[2].startswith("87.5 (") and edge[3:5] == ("", "") and edge[6:9] == ("", "", "99.0")
    assert edge[-1] == "12, 3 epochs" and "2026-01-02" in comparison.note
    classes = table(out / "classes")
    assert [row[2] for row in classes.rows] == [*NAMES, *NAMES]
    assert classes.rows[0][-1] == "10" and float(classes.rows[0][4]) == 0.5


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """The committed audit of the paper's data, with one baseline alone."""
    committed = Path(__file__).parents[2] / "train" / "results" / "audit-sartaj.json"
    assert read(committed).baselines
    plain = json.loads(committed.read_text())
    accuracy = {"value": 0.9, "low": 0.8, "high": 0.95}
    plain["baselines"] = [{"protocol": "paper", "part": "all", "slices": 10, "accuracy": accuracy}]
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(plain))
    assert read(path).baselines[0].accuracy == Estimate(0.9, 0.8, 0.95)
    return path


def test_an_unfinished_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "a", "edge", "grouped", state="training")
    assert main(["tables", run, "--out", str(tmp_path / "results")]) == 2
    assert "not finished" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", str(tmp_path), "--out", str(tmp_path / "results")]) == 2
    assert str(tmp_path) in capsys.readouterr().err
