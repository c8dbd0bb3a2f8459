"""The whole way, once: phantoms in, a diagnosis over HTTP and a benchmark table out."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.phantoms import write_dataset

ROOT = Path(__file__).parents[1]


def command(*arguments: str | Path) -> str:
    """Runs a command of the project and returns what it printed."""
    result = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300
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

    answer = ask_server(bundle, picture)
    assert answer["label"] == line["label"]
    assert answer["probabilities"] == pytest.approx(line["probabilities"])

    out = tmp_path / "report"
    command("benchmarks", "all", bundle, "--data", data, "--quick", "--out", out)
    assert "int8" in (out / "report.md").read_text()


def ask_server(bundle: Path, picture: Path) -> dict[str, object]:
    """Serves a bundle, uploads a picture as a program would, and returns the answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = [sys.executable, "-m", "edge_app.cli", "serve", "--port", str(port), "--bundle", str(bundle)]
    with subprocess.Popen(serving, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/api/v1/health", server)
            head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/predict",
                data=head + picture.read_bytes() + b"\r\n--edge--\r\n",
                headers={"Content-Type": "multipart/form-data; boundary=edge"},
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                answer: dict[str, object] = json.load(response)
                return answer
        finally:
            server.terminate()


def wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                assert json.load(response)["status"] == "ok"
                return
        except urllib.error.URLError:
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
