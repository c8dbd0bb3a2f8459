from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.out_of_distribution import SourcesError, read


def write(folder: Path, text: str) -> Path:
    (folder / "sources.csv").write_text(text, encoding="utf-8")
    return folder


def test_every_picture_has_its_kind_and_half(tmp_path: Path) -> None:
    (tmp_path / "knee.png").touch()
    (picture,) = read(write(tmp_path, "path,kind,half,licence\nknee.png,mr_body,train,none stated\n"))
    assert (picture.path, picture.kind, picture.half) == (tmp_path / "knee.png", "mr_body", "train")
    assert picture.family == "mr_body", "where the list names none"
    (picture,) = read(write(tmp_path, "path,kind,half,family\nknee.png,mr_body,train,clinic\n"))
    assert picture.family == "clinic"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,kind\nknee.png,mr_body\n", "is broken"),
        ("path,kind,half\nknee.png,mr_body,both\n", "for no half"),
        ("path,kind,half\nabsent.png,mr_body,train\n", "is not there"),
        ("path,kind,half\n\0", "sources.csv"),
    ],
)
def test_a_broken_list_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "knee.png").touch()
    with pytest.raises(SourcesError, match=message):
        read(write(tmp_path, text))


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match=r"sources\.csv: can't be read"):
        read(tmp_path)
