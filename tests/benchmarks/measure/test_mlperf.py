import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import mlperf, models


@pytest.fixture
def measure(data, tmp_path):
    def measure(*folders):
        effort = mlperf.Effort(queries=64, seconds=0.05)
        return mlperf.measure(models.load(folders), data, effort, tmp_path / "parts", lambda *step: None)

    return measure


def test_loadgen_measures_every_trained_file(make_bundle, measure, rows):
    pytest.importorskip("mlperf_loadgen")
    result = measure(make_bundle(), make_bundle("random", name="other", source={"weights": "random"}))
    assert [one.file for one in result.runs] == [
        f"toy@128 toy-{file}" for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    ]
    for one in result.runs:
        assert one.queries >= 64
        assert one.p90 > 0
        assert one.valid in ("VALID", "INVALID")
    # The reference holds the float file's own answers.
    right = sum(max((key for key in row if key[:2] == "p_"), key=row.get)[2:] == row["label"] for row in rows)
    assert result.runs[0].accuracy == right / len(rows)


def test_a_changed_slice(make_bundle, measure, data):
    pytest.importorskip("mlperf_loadgen")
    next(data.rglob("Testing/*/*.jpg")).write_bytes(b"changed")
    with pytest.raises(BenchmarkError, match="was changed"):
        measure(make_bundle())


def test_without_loadgen(make_bundle, measure, monkeypatch):
    monkeypatch.setattr(mlperf, "installed", lambda: False)
    with pytest.raises(BenchmarkError, match="not installed: pip install mlcommons-loadgen"):
        measure(make_bundle())
