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


def test_what_is_installed_answers(toy_bundle: Path, tmp_path: Path, glioma: Path, state: Path) -> None:
    run = otak("bundle", "install", pack(tmp_path / "toy.zip", files_of(toy_bundle)))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("toy 1 (") and "is installed" in run.stdout
    answer = json.loads(otak("predict", "--json", glioma).stdout)
    assert answer["model"]["name"] == "toy"
    listed = otak("bundle", "list").stdout.splitlines()
    assert [line[0] for line in listed] == [" ", "*"] and listed[0].endswith("ships with Otak")
    (state / "bundles" / "0001" / "toy-int8.tflite").unlink()
    assert otak("bundle", "list", language="id").stdout.splitlines()[1].startswith("* rusak")
    assert otak("predict", glioma).returncode == 2, "another model than the one that was chosen never answers"
    back = otak("bundle", "rollback", language="id")
    assert (back.returncode, back.stderr) == (0, "") and "kembali menjawab" in back.stdout
    assert json.loads(otak("predict", "--json", glioma).stdout)["model"]["name"] == "edge"


def test_what_can_not_be_done(tmp_path: Path) -> None:
    run = otak("bundle", "install", tmp_path / "none.zip")
    assert run.returncode == 1 and "no whole ZIP file" in run.stderr
    run = otak("bundle", "rollback", language="id")
    assert run.returncode == 1 and "sudah menjawab" in run.stderr
    assert otak("bundle").returncode == 2
