"""The server as a process of its own, over HTTP."""

from __future__ import annotations

import io
import json
import signal
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge_app import Classifier
from tests.phantoms import LABELS, phantom
from tests.servers import post, serving


@pytest.fixture(scope="module")
def address(toy_bundle: Path) -> Iterator[str]:
    with serving(toy_bundle) as (_, address):
        yield address


def test_an_answer(address: str, toy_bundle: Path, glioma: Path) -> None:
    with urllib.request.urlopen(f"{address}/api/v1/health", timeout=60) as response:
        assert response.status == 200
        assert response.headers["Server"] == "otak"
    status, answer = post(address, glioma.read_bytes())
    assert status == 200
    expected = Classifier.load(toy_bundle).predict(glioma).probabilities
    assert json.loads(answer)["probabilities"] == expected


@pytest.mark.parametrize("size", [20_000_001, 21_000_000, 60_000_000])
def test_too_large(address: str, size: int) -> None:
    status, answer = post(address, bytes(size))
    assert status == 413
    error = json.loads(answer)
    assert error["code"] == "too_many_bytes"
    assert "larger than 20 MB" in error["detail"]


def test_many_at_once(address: str, toy_bundle: Path) -> None:
    pictures = []
    for label in LABELS:
        buffer = io.BytesIO()
        phantom(label, 3).save(buffer, "PNG")
        pictures.append(buffer.getvalue())
    classifier = Classifier.load(toy_bundle)
    expected = [classifier.predict(picture).probabilities for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda picture: post(address, picture), pictures * 5))
    for index, (status, answer) in enumerate(results):
        assert status == 200
        assert json.loads(answer)["probabilities"] == expected[index % len(pictures)]


def test_it_stops_quietly_and_tells_nobody_of_the_pictures(toy_bundle: Path, glioma: Path) -> None:
    with serving(toy_bundle) as (process, address):
        post(address, glioma.read_bytes(), "ibu-ani.jpg")
        post(address, b"a letter", "ibu-ani.jpg")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output + errors == ""
