from __future__ import annotations

from pathlib import Path

from edge_app import records
from edge_app.classifier import Classifier
from edge_app.measuring import SCHEMA, STAGES, Measured, measure
from tests.conftest import ROOT


def test_a_record_is_read_as_it_was_written(toy_bundle: Path, tmp_path: Path) -> None:
    measured = measure(Classifier.load(toy_bundle), readings=12)
    assert tuple(measured.stages) == STAGES and measured.readings == 12
    for stage in measured.stages.values():
        assert 0 < stage.p50 <= stage.p90
    assert measured.model == "toy 1" and measured.precision == "int8"
    records.write(tmp_path / "board.json", measured, SCHEMA)
    assert records.read(tmp_path / "board.json", Measured, SCHEMA) == measured


def test_committed_records_of_boards_are_read() -> None:
    boards = ROOT / "benchmarks" / "results" / "boards"
    assert (boards / "README.md").is_file()
    for path in boards.glob("*.json"):
        records.read(path, Measured, SCHEMA)
