from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.experiments import calibration_set
from benchmarks.experiments.calibration_set import COLUMNS, WAYS, in_turns
from edge_app import records
from evaluation.tables import SCHEMA, Table
from train.data.dataset import Slice


def slices(**counts: int) -> list[Slice]:
    return [
        Slice(f"{source}/{label}/{i}.jpg", label, f"{i:064x}", group=str(i))
        for place, count in counts.items()
        for source, label in [place.split("_")]
        for i in range(count)
    ]


def test_turns_are_taken_by_class_and_source() -> None:
    given = slices(large_glioma=50, large_meningioma=20, small_glioma=2)
    chosen = in_turns(given, seed=1, count=10)
    assert len({slice_.path for slice_ in chosen}) == 10
    assert Counter((slice_.path.split("/")[0], slice_.label) for slice_ in chosen) == {
        ("large", "glioma"): 4,
        ("large", "meningioma"): 4,
        ("small", "glioma"): 2,
    }
    assert in_turns(given, seed=1, count=10) == chosen != in_turns(given, seed=2, count=10)


def test_there_are_no_more_slices_than_there_are() -> None:
    given = slices(large_glioma=3, small_glioma=2)
    assert sorted(slice_.path for slice_ in in_turns(given, seed=1, count=99)) == sorted(
        slice_.path for slice_ in given
    )


@pytest.mark.slow
def test_every_way_and_size_is_a_row(
    toy_run: Path, toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration_set, "SIZES", (8,))
    assert (
        main(["calibration-set", str(toy_run), "--data", str(toy_data), "--out", str(tmp_path / "out")]) == 0
    )
    table = records.read(tmp_path / "out" / "table.json", Table, SCHEMA)
    assert table.columns == COLUMNS
    assert [row[:2] for row in table.rows] == [(way, "8") for way in WAYS]
    for row in table.rows:
        figures = dict(zip(COLUMNS, row, strict=True))
        assert 0 <= int(figures["Flipped"]) <= 16
        assert 0 <= float(figures["Mean difference"]) <= float(figures["Largest difference"]) <= 1
        assert -1 <= float(figures["Heatmap"]) <= 1
        assert 0 <= float(figures["Accuracy %"]) <= 100
    assert "edge, int8 TFLite" in table.note and "validation part of `official`" in table.note


@pytest.mark.parametrize("fault", ["no run", "no data", "other data"])
def test_bad_input_gives_one_sentence_and_no_table(
    toy_run: Path, toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    training, data, out = toy_run, toy_data, tmp_path / "out"
    if fault == "no run":
        training = tmp_path
    elif fault == "no data":
        data = tmp_path / "nothing"
    else:
        data = shutil.copytree(toy_data, tmp_path / "data")
        next(data.glob("Training/*/*.jpg")).unlink()
    assert main(["calibration-set", str(training), "--data", str(data), "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.endswith(".")
    assert not out.exists()
