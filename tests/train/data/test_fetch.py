"""Kaggle is out of reach of tests: what fails without it is real, what it would answer is feigned."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from train.__main__ import main

ROOT = Path(__file__).parents[3]
# Nothing listens on the discard port, so that no test depends on a network or leaves the machine.
NO_NETWORK = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}


@pytest.fixture
def kagglehub() -> object:
    return pytest.importorskip("kagglehub", reason="the extra fetch is not installed")


def answer(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    import requests
    from kagglehub.exceptions import KaggleApiHTTPError

    response = requests.Response()
    response.status_code = status

    def download(handle: str, output_dir: str | None) -> str:
        raise KaggleApiHTTPError("as kagglehub words it", response=response)

    monkeypatch.setattr("kagglehub.dataset_download", download)


def test_no_network(kagglehub: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (NO_NETWORK | {"KAGGLEHUB_CACHE": str(tmp_path / "cache")}).items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "train", "fetch", "--out", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Kaggle can't be reached: is there a network here?")
    assert "Traceback" not in done.stderr


def test_no_kagglehub(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert main(["fetch"]) == 2
    assert 'kagglehub is not installed: pip install ".[fetch]".' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "Kaggle wants an account"), (403, "Kaggle wants an account"), (503, "Kaggle answered 503")],
)
def test_refusals(
    kagglehub: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    message: str,
) -> None:
    answer(monkeypatch, status)
    assert main(["fetch"]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").touch()
    assert main(["fetch", "--out", str(tmp_path)]) == 2
    assert "is no empty folder" in capsys.readouterr().err
    assert main(["fetch", "--out", str(tmp_path / "mine.txt")]) == 2


def test_what_arrives_is_counted(
    kagglehub: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    paper_layout: Path,
    tmp_path: Path,
) -> None:
    def download(handle: str, output_dir: str) -> str:
        assert handle == "sartajbhuvaji/brain-tumor-classification-mri"
        shutil.copytree(paper_layout, output_dir)
        return output_dir

    monkeypatch.setattr("kagglehub.dataset_download", download)
    assert main(["fetch", "--out", str(tmp_path / "data")]) == 0
    assert "80 slices in" in capsys.readouterr().out
