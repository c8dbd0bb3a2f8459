from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from edge_app.bundles import expected
from edge_app.doctor import software


@pytest.fixture
def bundle(toy_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = shutil.copytree(toy_bundle, tmp_path / "bundle")
    monkeypatch.setattr(software, "current", lambda: folder)
    return folder


def cases() -> dict[str, str]:
    return {each.name: each.case for each in software.model()}


def test_a_bundle_that_is_well(bundle: Path) -> None:
    assert cases() == {"bundle": "whole", "runtime": "runs"}
    expected.write(bundle)
    assert cases() == {"bundle": "whole", "runtime": "right"}


def test_an_interpreter_that_computes_nonsense(bundle: Path) -> None:
    expected.write(bundle)
    path = bundle / expected.NAME
    plain = json.loads(path.read_text())
    plain["phantoms"][2]["in_distribution"] = 0.5
    path.write_text(json.dumps(plain))
    (_, runtime) = software.model()
    assert (runtime.case, runtime.level) == ("wrong", "bad")


def test_broken_bundles(bundle: Path) -> None:
    (bundle / expected.NAME).write_text("[]")
    assert cases() == {"bundle": "broken"}
    (bundle / expected.NAME).unlink()
    plain = json.loads((bundle / "bundle.json").read_text())
    plain["input"]["size"] = 64
    (bundle / "bundle.json").write_text(json.dumps(plain))
    assert cases() == {"bundle": "whole", "runtime": "broken"}
    (bundle / "toy-int8.tflite").write_bytes(b"")
    assert cases() == {"bundle": "broken"}
    shutil.rmtree(bundle)
    assert cases() == {"bundle": "broken"}


def test_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for built, level in ((True, "good"), (False, "bad")):
        monkeypatch.setattr("edge_app.delivery.is_built", lambda built=built: built)
        assert software.page().level == level


@pytest.mark.parametrize(("state", "level"), [("active", "good"), ("failed", "bad"), ("", "bad")])
def test_the_service(state: str, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert software.serving().case in ("none", "active", "down", "untold")
    monkeypatch.setattr("edge_app.service.is_installed", lambda: True)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert software.serving().case == "untold"
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\necho {state}\n")
    (tmp_path / "systemctl").chmod(0o755)
    assert software.serving().level == level
