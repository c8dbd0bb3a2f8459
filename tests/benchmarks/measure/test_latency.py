from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, sample_images
from benchmarks.measure.latency import Latency, Settings, Speed, measure
from edge_app.bundle import Bundle
from edge_app.preprocessing import InputSpec
from tests.benchmarks.conftest import MakeBundle
from tests.conftest import ROOT


@dataclass(frozen=True)
class Clock:
    """Times bundles on phantoms.

    Attributes:
        data: The folder of phantoms.
        steps: What was told of the progress, call by call.
    """

    data: Path
    steps: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(
        self,
        *folders: Path,
        queries: int = 4,
        threads: tuple[int, ...] = (1,),
        python: Path | None = None,
        pictures: Sequence[Path] | None = None,
    ) -> Latency:
        self.steps.clear()
        chosen = sample_images.choose(self.data, []) if pictures is None else list(pictures)
        settings, parts = Settings(queries, 1, threads), self.data.parent / "parts"
        under_test = models.load(folders)
        return measure(
            under_test, chosen, "phantoms", parts, settings, python, lambda *step: self.steps.append(step)
        )


@pytest.fixture
def clock(data: Path) -> Clock:
    return Clock(data)


def only(folder: Path, path: str = "toy-int8.tflite") -> Path:
    """Keeps one file of a bundle alone."""
    bundle = Bundle.load(folder)
    replace(bundle, files=tuple(file for file in bundle.files if file.path == path)).save()
    return folder


def check_times(speed: Speed) -> None:
    assert speed.model and speed.whole and speed.decode
    assert 0 < speed.model.p50 <= speed.model.p90 <= speed.model.p99
    assert speed.model.p50 < speed.whole.p50
    assert 0 < speed.decode.p50 < speed.whole.p50
    assert len(speed.curve) == 101 and list(speed.curve) == sorted(speed.curve)
    assert speed.ratio is None, "MobileNetV2 is not among them"


def test_every_file_in_every_runtime_of_its_format(make_bundle: MakeBundle, clock: Clock) -> None:
    result = clock(make_bundle(), queries=19)
    assert {(speed.file.split("-")[1], speed.runtime) for speed in result.speeds} == {
        ("float32.tflite", "LiteRT"),
        ("float32.tflite", "tflite-runtime"),
        ("int8.tflite", "LiteRT"),
        ("int8.tflite", "tflite-runtime"),
        ("float32.onnx", "ONNX Runtime"),
    }
    assert any(speed.problem is None for speed in result.speeds)
    for speed in result.speeds:
        if speed.problem is None:
            check_times(speed)
        else:
            assert speed.problem == "not installed" and speed.model is None and speed.curve == ()
    assert result.queries == 19 and result.pictures == "phantoms"
    for start in result.starts:
        assert start.seconds > 0
        assert 10e6 < start.memory < 1e9
        assert (start.macs is None) == start.file.endswith("onnx")


def test_the_other_tflite_runtime_is_not_installed_and_the_rest_goes_on(
    make_bundle: MakeBundle, clock: Clock
) -> None:
    result = clock(only(make_bundle()))
    assert sorted(speed.problem or "" for speed in result.speeds) == ["", "not installed"]
    assert len(result.starts) == 1


def test_threads_are_measured_apart_and_finished_ones_kept(make_bundle: MakeBundle, clock: Clock) -> None:
    bundle = only(make_bundle())
    first = clock(bundle, threads=(1,))
    assert "Cold starts" in {name for name, *_ in clock.steps}
    both = clock(bundle, threads=(1, 2))
    assert {speed.threads for speed in both.speeds} == {1, 2}
    assert {name for name, *_ in clock.steps} == {"Latency, threads: 2"}
    assert both.speeds[0] == first.speeds[0]


def test_ratios_are_to_mobilenetv2_at_224_in_int8_in_litert(
    make_bundle: MakeBundle, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mobilenet = make_bundle("m", name="mobilenetv2")
    yardstick = ("mobilenetv2", 128, "tflite", "int8", "LiteRT")  # the toy takes 128 pixels alone
    monkeypatch.setattr("benchmarks.measure.latency.YARDSTICK", yardstick)
    result = clock(only(make_bundle()), only(mobilenet), queries=16)
    own, other = (speed.ratio for speed in result.speeds if speed.runtime == "LiteRT")
    assert other and (other.value, other.low, other.high) == (1, 1, 1)
    assert own and own.low is not None and own.high is not None
    assert 0 < own.low <= own.value <= own.high


def test_the_shipped_yardstick_has_a_ratio_of_one(clock: Clock) -> None:
    result = clock(ROOT / "benchmarks" / "baselines" / "mobilenetv2", queries=16)
    ratio = next(speed.ratio for speed in result.speeds if speed.runtime == "LiteRT")
    assert ratio and (ratio.value, ratio.low, ratio.high) == (1, 1, 1)
    (start,) = (start for start in result.starts if start.runtime == "LiteRT")
    assert start.macs == pytest.approx(300e6, rel=0.01)


@pytest.mark.parametrize("python", ["/nowhere/python", __file__])
def test_a_python_that_cannot_be_started(make_bundle: MakeBundle, clock: Clock, python: str) -> None:
    with pytest.raises(BenchmarkError, match="can't be started"):
        clock(only(make_bundle()), python=Path(python))


def test_a_python_that_breaks_off(make_bundle: MakeBundle, clock: Clock, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(BenchmarkError, match=r"tflite-runtime: broke off \(no such module\)"):
        clock(only(make_bundle()), python=broken)


def test_a_picture_that_is_none(make_bundle: MakeBundle, clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "no.jpg"
    path.write_text("no picture")
    result = clock(only(make_bundle()), pictures=[path])
    assert all(speed.problem for speed in result.speeds)


def test_a_file_that_does_not_fit_its_bundle_is_a_problem_of_its_own(
    make_bundle: MakeBundle, clock: Clock
) -> None:
    other = only(make_bundle("other", input=InputSpec(size=96)))
    result = clock(only(make_bundle()), other)
    problems = {(speed.file, speed.runtime): speed.problem for speed in result.speeds}
    assert problems["toy@128 toy-int8.tflite", "LiteRT"] is None
    assert "doesn't fit its bundle.json" in (problems["toy@96 toy-int8.tflite", "LiteRT"] or "")


def test_any_python_with_the_dependencies_can_time(make_bundle: MakeBundle, clock: Clock) -> None:
    result = clock(only(make_bundle()), python=Path(sys.executable))
    assert len(result.speeds) == 2
