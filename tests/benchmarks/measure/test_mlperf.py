from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import mlperf, models
from benchmarks.measure.mlperf import MLPerf
from evaluation.predictions import SlicePrediction
from tests.benchmarks.conftest import MakeBundle
from tests.benchmarks.provenances import random_weights


def measure(data: Path, *folders: Path) -> MLPerf:
    settings = mlperf.Settings(queries=64, seconds=0.05)
    parts = data.parent / "parts"
    return mlperf.measure(models.load(folders), data, settings, parts, lambda *step: None)


def test_loadgen_measures_every_trained_file(
    make_bundle: MakeBundle, data: Path, table: list[SlicePrediction]
) -> None:
    pytest.importorskip("mlperf_loadgen")
    bundles = make_bundle(), make_bundle("random", name="other", provenance=random_weights())
    result = measure(data, *bundles)
    assert [run.file for run in result.runs] == [
        f"toy@128 toy-{file}" for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    ]
    for run in result.runs:
        assert run.queries >= 64
        assert run.p90 > 0
        assert run.valid in ("VALID", "INVALID")
    # The test part holds the float file's own answers.
    assert result.runs[0].accuracy == sum(row.right for row in table) / len(table)
    assert measure(data, *bundles) == result  # an interrupted call's files are not measured again


def test_a_changed_slice(make_bundle: MakeBundle, data: Path) -> None:
    pytest.importorskip("mlperf_loadgen")
    next(data.rglob("Testing/*/*.jpg")).write_bytes(b"changed")
    with pytest.raises(BenchmarkError, match="was changed"):
        measure(data, make_bundle())


def test_without_loadgen(make_bundle: MakeBundle, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlperf, "installed", lambda: False)
    with pytest.raises(BenchmarkError, match="not installed: pip install mlcommons-loadgen"):
        measure(data, make_bundle())
