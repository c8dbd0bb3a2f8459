from __future__ import annotations

from pathlib import Path

import pytest

from tests.phantoms import phantom, write_dataset
from train.__main__ import main
from train.audit.figures import read


def audit(*arguments: str | Path) -> int:
    return main(["audit", *map(str, arguments)])


def test_the_same_data_give_the_same_files(audited: Path, planted: Path, tmp_path: Path) -> None:
    assert audit(planted, "--out", tmp_path) == 0
    for name in ("audit.json", "copies.csv", "groups.csv"):
        assert (tmp_path / name).read_bytes() == (audited / name).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "audit.json",
        "audit.html",
        "copies.csv",
        "groups.csv",
    }


def test_a_data_set_too_small_for_folds_is_audited_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dataset(tmp_path / "data", per_class=2, seed=1)
    assert audit(tmp_path / "data", "--out", tmp_path / "out") == 0
    assert "No folds: The class glioma has only 3 slices for 5 folds." in capsys.readouterr().out
    skipped = read(tmp_path / "out" / "audit.json").skipped
    assert set(skipped) == {"folds", "paper", "official", "grouped"}
    assert not (tmp_path / "out" / "groups.csv").exists()
    assert "None were made" in (tmp_path / "out" / "audit.html").read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "there is no such folder"),
        ("empty", "holds no images"),
        ("alone", "There are 1 readable pictures; nothing can be compared."),
        ("lungs", "is no known class"),
    ],
)
def test_bad_input_gives_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("alone/glioma", "lungs/lungs"):
        (tmp_path / folder).mkdir(parents=True)
        phantom("glioma", seed=1).save(tmp_path / folder / "a.png")
    assert audit(tmp_path / name, "--out", tmp_path / "out") == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (tmp_path / "out" / "audit.json").exists()


def test_an_unwritable_folder(paper_layout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").touch()
    assert audit(paper_layout, "--out", tmp_path / "out") == 2
    assert "nothing was finished" in capsys.readouterr().err


def test_groups_of_other_images(
    paper_layout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(paper_layout, "--groups", "sartaj", "--out", tmp_path) == 2
    assert "does not hold 80 of the 80 images" in capsys.readouterr().err
