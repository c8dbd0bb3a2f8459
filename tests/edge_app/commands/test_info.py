from __future__ import annotations

import json
from pathlib import Path

import edge_app
from edge_app.bundle import Bundle
from tests.edge_app.commands.running import otak


def test_info(toy_bundle: Path, tmp_path: Path) -> None:
    run = otak("info", "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (0, "")
    bundle = Bundle.load(toy_bundle)
    for text in (
        edge_app.__version__,
        str(toy_bundle),
        f"{bundle.name} {bundle.version}",
        "not certain below 50.0%",
        "cases.sqlite",
        "numpy ",
    ):
        assert text in run.stdout, text
    assert all(file.sha256 in run.stdout for file in bundle.files)


def test_info_in_indonesian(study_bundle: Path) -> None:
    run = otak("info", "--bundle", study_bundle, language="id")
    assert "mencurigakan bila 2 irisan mencapai 90.0%" in run.stdout


def test_info_for_programs(study_bundle: Path) -> None:
    found = json.loads(otak("info", "--json", "--bundle", study_bundle).stdout)
    assert found["otak"] == edge_app.__version__ and found["workers"] >= 1
    assert found["study"] == {"rank": 2, "threshold": 0.9}
    assert found["model"]["file"] == "toy-int8.tflite"
    assert found["kept"] is False and found["packages"]["numpy"]


def test_a_bad_bundle(tmp_path: Path) -> None:
    run = otak("info", "--bundle", tmp_path)
    assert run.returncode == 2 and "bundle.json" in run.stderr


def test_addresses_need_no_model(tmp_path: Path) -> None:
    run = otak("info", "--addresses", "--bundle", tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "https://otak.local:8443/" in run.stdout and ":8080/" in run.stdout
    assert "\u2588" not in run.stdout, "nobody scans it from a file"
