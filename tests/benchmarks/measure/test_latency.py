import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, sample_images
from benchmarks.measure.latency import Effort, measure


@pytest.fixture
def clock(data, tmp_path):
    def clock(*folders, queries=4, threads=(1,), python=None, done=None, chosen=None):
        advance = (lambda *step: None) if done is None else lambda *step: done.append(step)
        shown = sample_images.choose(data, []) if chosen is None else chosen
        effort = Effort(queries, 1, threads)
        subjects = models.load(folders)
        return measure(subjects, shown, "phantoms", tmp_path / "parts", effort, python, advance)

    return clock


def only(bundle, *files):
    """Keeps some files of a bundle alone."""
    data = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    data["files"] = [file for file in data["files"] if file["path"] in files]
    (bundle / "bundle.json").write_text(json.dumps(data), encoding="utf-8")
    return bundle


def test_every_file_in_every_runtime_of_its_format(make_bundle, clock):
    result = clock(make_bundle(), queries=19)
    rows = {(one.file.split("-")[1], one.runtime): one for one in result.speeds}
    assert set(rows) == {
        ("float32.tflite", "LiteRT"),
        ("float32.tflite", "tflite-runtime"),
        ("int8.tflite", "LiteRT"),
        ("int8.tflite", "tflite-runtime"),
        ("float32.onnx", "ONNX Runtime"),
    }
    measured = [one for one in result.speeds if one.problem is None]
    assert measured
    for one in measured:
        assert 0 < one.model.p50 <= one.model.p90 <= one.model.p99
        assert one.model.p50 < one.whole.p50
        assert 0 < one.decode.p50 < one.whole.p50
        assert len(one.curve) == 101 and list(one.curve) == sorted(one.curve)
        assert one.ratio is None, "MobileNetV2 is not among them"
    for one in result.speeds:
        if one.problem is not None:
            assert one.problem == "not installed" and one.model is None and one.curve == ()
    assert result.queries == 19 and result.pictures == "phantoms"
    for start in result.starts:
        assert 0 < start.seconds < 60
        assert 10e6 < start.memory < 1e9
        assert (start.macs is None) == start.file.endswith("onnx")


def test_the_other_tflite_runtime_is_not_installed_and_the_rest_goes_on(make_bundle, clock):
    result = clock(only(make_bundle(), "toy-int8.tflite"))
    assert sorted(one.problem or "" for one in result.speeds) == ["", "not installed"]
    assert len(result.starts) == 1


def test_threads_are_measured_apart_and_finished_ones_kept(make_bundle, clock):
    bundle, done, again = only(make_bundle(), "toy-int8.tflite"), [], []
    first = clock(bundle, threads=(1,), done=done)
    both = clock(bundle, threads=(1, 2), done=again)
    assert {one.threads for one in both.speeds} == {1, 2}
    assert "Cold starts" in {name for name, *_ in done}
    assert {name for name, *_ in again} == {"Latency, threads: 2"}
    assert asdict(both.speeds[0]) == asdict(first.speeds[0])


def test_ratios_are_to_mobilenetv2_at_224_in_int8_in_litert(make_bundle, clock):
    toy = only(make_bundle(), "toy-int8.tflite")
    mobilenet = only(make_bundle("m", name="mobilenetv2"), "toy-int8.tflite")
    data = json.loads((mobilenet / "bundle.json").read_text(encoding="utf-8"))
    data["input"]["size"] = 224  # the interpreter adapts
    (mobilenet / "bundle.json").write_text(json.dumps(data), encoding="utf-8")
    own, other = (one.ratio for one in clock(toy, mobilenet, queries=16).speeds if one.runtime == "LiteRT")
    assert (other.value, other.low, other.high) == (1, 1, 1)
    assert 0 < own.low <= own.value <= own.high


def test_the_shipped_yardstick_has_a_ratio_of_one(clock):
    root = Path(__file__).parents[3]
    result = clock(root / "benchmarks" / "baselines" / "mobilenetv2", queries=16)
    ratio = next(one.ratio for one in result.speeds if one.runtime == "LiteRT")
    assert (ratio.value, ratio.low, ratio.high) == (1, 1, 1)
    (start,) = (one for one in result.starts if one.runtime == "LiteRT")
    assert start.macs == pytest.approx(300e6, rel=0.01)


@pytest.mark.parametrize("python", ["/nowhere/python", __file__])
def test_a_python_that_cannot_be_started(make_bundle, clock, python):
    with pytest.raises(BenchmarkError, match="can't be started"):
        clock(only(make_bundle(), "toy-int8.tflite"), python=Path(python))


def test_a_python_that_breaks_off(make_bundle, clock, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(BenchmarkError, match=r"tflite-runtime: broke off \(no such module\)"):
        clock(only(make_bundle(), "toy-int8.tflite"), python=broken)


def test_a_picture_that_is_none(make_bundle, clock, tmp_path):
    path = tmp_path / "no.jpg"
    path.write_text("no picture")
    result = clock(only(make_bundle(), "toy-int8.tflite"), chosen=[path])
    assert all(one.problem for one in result.speeds)


def test_any_python_with_the_dependencies_can_time(make_bundle, clock):
    result = clock(only(make_bundle(), "toy-int8.tflite"), python=Path(sys.executable))
    assert len(result.speeds) == 2
