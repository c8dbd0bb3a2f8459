from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.edge_app.bundles.packing import files_of, pack
from tests.edge_app.commands.running import otak


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path / "state"


def test_every_line_says_what_to_do(state: Path) -> None:
    run = otak("doctor", "--json")
    found = json.loads(run.stdout)
    assert found["schema"] == 1
    levels = {each["name"]: each["level"] for each in found["checks"]}
    assert {
        "system",
        "architecture",
        "bundle",
        "runtime",
        "disk",
        "memory",
        "temperature",
        "throttling",
    } <= set(levels)
    assert {"undervoltage", "permissions", "tls", "name", "clock"} <= set(levels)
    assert (levels["bundle"], levels["runtime"], levels["tls"]) == ("good", "good", "good")
    assert all((each["advice"] is None) == (each["level"] == "good") for each in found["checks"])
    assert run.returncode == int("bad" in levels.values())
    assert not state.exists(), "it changes nothing"


def test_a_broken_bundle_in_both_languages(state: Path, toy_bundle: Path, tmp_path: Path) -> None:
    assert otak("bundle", "install", pack(tmp_path / "toy.zip", files_of(toy_bundle))).returncode == 0
    (state / "bundles" / "0001" / "toy-int8.tflite").write_bytes(b"")
    run = otak("doctor")
    assert run.returncode == 1 and run.stderr == ""
    assert "bad " in run.stdout and "sudo otak bundle rollback" in run.stdout
    run = otak("doctor", language="id")
    assert run.returncode == 1 and "buruk " in run.stdout and "Kembali ke model sebelumnya" in run.stdout
