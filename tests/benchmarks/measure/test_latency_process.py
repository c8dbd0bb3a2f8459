"""The process as its parent meets it: lines of JSON in and out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT


def told(bundle: Path, picture: Path, *bursts: tuple[int, int], **order: Any) -> list[dict[str, Any]]:
    """Gives orders, and returns the answers."""
    first = {"bundle": str(bundle), "precision": "int8", "format": "tflite", "threads": 1} | order
    lines = [first | {"pictures": [str(picture)]}, *bursts]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "benchmarks.measure.latency_process"],
        cwd=ROOT,
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_file_is_loaded_and_timed(toy_bundle: Path, glioma: Path) -> None:
    ready, first, second = told(toy_bundle, glioma, (0, 3), (3, 8))
    assert ready["runtime"] == "LiteRT" and ready["ready"] > 0
    assert 10e6 < ready["memory"] < 1e9 and ready["macs"] > 1000
    for times, count in ((first, 3), (second, 5)):
        assert {kind: len(values) for kind, values in times.items()} == dict.fromkeys(
            ("model", "whole", "decode"), count
        )
        assert all(value > 0 for values in times.values() for value in values)


def test_another_format_tells_no_multiply_adds(toy_bundle: Path, glioma: Path) -> None:
    (ready,) = told(toy_bundle, glioma, precision="float32", format="onnx")
    assert ready["runtime"] == "ONNX Runtime" and ready["macs"] is None


@pytest.mark.parametrize("fault", ["no bundle", "no picture", "no such file"])
def test_a_problem_is_told_in_a_sentence(toy_bundle: Path, glioma: Path, tmp_path: Path, fault: str) -> None:
    if fault == "no bundle":
        (answer,) = told(tmp_path, glioma)
    elif fault == "no picture":
        (answer,) = told(toy_bundle, tmp_path / "none.jpg")
    else:
        (answer,) = told(toy_bundle, glioma, precision="float16")
    assert set(answer) == {"problem"} and answer["problem"].endswith(".")
