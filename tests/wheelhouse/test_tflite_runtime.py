"""tflite-runtime, in an environment of its own: it needs numpy 1, and has no wheels after Python 3.11."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

WHEN = (3, 11)


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info[:2] != WHEN, reason="tflite-runtime ends at Python 3.11")
def test_it_is_preferred_where_it_is_installed(tmp_path: Path, glioma: Path, toy_bundle: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["tflite-runtime"]]
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--retries", "0", "--only-binary", ":all:", *needed],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"tflite-runtime can't be fetched: {installed.stderr[-300:]}")
    done = subprocess.run(
        [python, "-m", "edge_app.cli", "predict", "--json", "--bundle", toy_bundle, glioma],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert (answer["runtime"], answer["label"]) == ("tflite-runtime", "glioma")
