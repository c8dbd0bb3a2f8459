"""The whole way, once: phantoms in, a diagnosis over HTTP and a benchmark table out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.phantoms import write_dataset
from tests.servers import post, serving

ROOT = Path(__file__).parents[1]


def command(*arguments: str | Path) -> str:
    """Runs a command of the project and returns what it printed."""
    result = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_from_folders_to_a_diagnosis(tmp_path: Path) -> None:
    data, run, bundle = tmp_path / "data", tmp_path / "run", tmp_path / "bundle"
    write_dataset(data, per_class=16, seed=7)
    command("train", "fit", data, "--protocol", "official", "--epochs", "2", "--out", run)
    command("convert", "make", run, "--out", bundle)

    picture = next((data / "Testing").rglob("*.jpg"))
    line = json.loads(command("edge_app.cli", "predict", picture, "--bundle", bundle, "--json"))
    assert sum(line["probabilities"].values()) == pytest.approx(1)

    with serving(bundle) as (_, address):
        status, said = post(address, picture.read_bytes())
    answer = json.loads(said)
    assert (status, answer["label"]) == (200, line["label"])
    assert answer["probabilities"] == pytest.approx(line["probabilities"])

    out = tmp_path / "report"
    command("benchmarks", "all", bundle, "--data", data, "--quick", "--out", out)
    assert "int8" in (out / "report.md").read_text()
