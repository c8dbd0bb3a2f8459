from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.train.runs import make_run
from train.errors import DataError
from train.run import Run


def change(folder: Path, *keys: str, to: Any) -> None:
    plain = json.loads((folder / "run.json").read_text())
    place = plain
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    (folder / "run.json").write_text(json.dumps(plain))


def test_a_run_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    run.save()
    assert Run.load(tmp_path) == run
    assert str(tmp_path) not in (tmp_path / "run.json").read_text()


def test_a_run_may_be_moved(tmp_path: Path) -> None:
    make_run(tmp_path / "here").save()
    (tmp_path / "here").rename(tmp_path / "there")
    assert Run.load(tmp_path / "there").model == tmp_path / "there" / "model.keras"


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no run\.json; train a net into it first"):
        Run.load(tmp_path)


def test_half_a_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"state": "finished"')
    with pytest.raises(DataError, match=r"run\.json: is broken"):
        Run.load(tmp_path)


def test_a_run_of_version_0_1(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"arguments": {"arch": "edge"}, "state": "finished"}))
    with pytest.raises(DataError, match=r"run\.json: schema None is unknown; this version of Otak reads 2"):
        Run.load(tmp_path)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("state",), "done", "state: 'done' is none of training, interrupted, finished"),
        (("seconds",), "long", "seconds: 'long' is no float"),
        (("seconds",), -1, "seconds: -1.0 is not within"),
        (("config", "arch"), "resnet", "config.arch: 'resnet' is none of"),
        (("config", "recipe", "epochs"), 1.5, "config.recipe.epochs: 1.5 is no int"),
        (("config", "learning"), 1, "config: has the unknown 'learning'"),
        (("data", "sha256"), "../etc", "data.sha256: '../etc' is not allowed"),
        (("data",), {}, "data: lacks groups, name, sha256, slices"),
    ],
)
def test_a_broken_run(tmp_path: Path, keys: tuple[str, ...], value: Any, message: str) -> None:
    make_run(tmp_path).save()
    change(tmp_path, *keys, to=value)
    with pytest.raises(DataError) as error:
        Run.load(tmp_path)
    assert message in str(error.value)
