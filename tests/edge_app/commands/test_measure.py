from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_app import records
from edge_app.measuring import SCHEMA, Measured
from tests.edge_app.commands.running import otak


def test_a_record_in_a_file(toy_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "boards" / "mine.json"
    run = otak("measure", "--bundle", toy_bundle, "--readings", 10, "--out", path, language="id")
    assert (run.returncode, run.stderr) == (0, "") and "pada separuh kali" in run.stdout
    assert records.read(path, Measured, SCHEMA).readings == 10


def test_a_record_for_programs(toy_bundle: Path) -> None:
    plain = json.loads(otak("measure", "--bundle", toy_bundle, "--readings", 10, "--json").stdout)
    assert plain["model"] == "toy 1" and set(plain["before"]) == {"celsius", "megahertz", "throttled"}


@pytest.mark.parametrize("readings", ["0", "9", "100001", "-5", "ten", "1e3", "\u0662\u0660"])
def test_how_many(readings: str) -> None:
    run = otak("measure", f"--readings={readings}")
    assert run.returncode == 2 and "a number from 10" in run.stderr


def test_where_nothing_can_be_written(toy_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = otak("measure", "--bundle", toy_bundle, "--readings", 10, "--out", tmp_path / "file" / "x.json")
    assert run.returncode == 1 and "can't be written" in run.stderr
    assert otak("measure", "--bundle", tmp_path).returncode == 2
