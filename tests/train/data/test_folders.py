from __future__ import annotations

from pathlib import Path

import pytest

from train.data import folders
from train.errors import DataError


def made(root: Path, *names: str) -> Path:
    """Makes empty files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def labelled(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): label for path, label in folders.find(root).pictures}


@pytest.mark.parametrize(
    "names",
    [
        ("Training/glioma_tumor/a.jpg", "Testing/glioma_tumor/a.jpg"),
        ("training/glioma/a.JPG", "testing/glioma/a.JPG"),
        ("TRAIN/glioma/a.png", "Test/glioma/a.png"),
        ("set-master/Training/glioma/a.jpg", "set-master/Testing/glioma/a.jpg"),
        ("archive/set/train/train/glioma/a.jpg", "archive/set/test/glioma/a.jpg"),
    ],
)
def test_parts_whatever_their_case_and_depth(tmp_path: Path, names: tuple[str, str]) -> None:
    assert labelled(made(tmp_path, *names)) == dict.fromkeys(names, "glioma")
    assert [folders.part_of(name) for name in names] == ["Training", "Testing"]
    assert list(labelled(tmp_path)) == list(names)


def test_pictures_set_aside_to_validate_on_are_of_the_training_side(tmp_path: Path) -> None:
    made(tmp_path, "test/glioma/a.jpg", "train/glioma/a.jpg", "valid/glioma/a.jpg")
    assert [folders.part_of(name) for name in labelled(tmp_path)] == ["Training", "Training", "Testing"]


def test_classes_one_folder_deeper(tmp_path: Path) -> None:
    assert labelled(made(tmp_path, "data/yes/Y1.jpg", "data/no/1 no.jpeg")) == {
        "data/no/1 no.jpeg": "no_tumor",
        "data/yes/Y1.jpg": "tumour",
    }


@pytest.mark.parametrize(
    "junk",
    [
        "__MACOSX/Training/glioma/._a.jpg",
        "__MACOSX/glioma/a.jpg",
        "Training/.ipynb_checkpoints/a-checkpoint.jpg",
        "Training/glioma/.ipynb_checkpoints/a-checkpoint.jpg",
        "Training/glioma/._a.jpg",
        "Training/glioma/.DS_Store",
        "Training/glioma/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
        "Training/glioma/Thumbs.db",
        "Training/desktop.ini",
        ".git/glioma/a.jpg",
    ],
)
def test_what_machines_leave_is_passed_over_and_not_told(tmp_path: Path, junk: str) -> None:
    names = ("Training/glioma/a.jpg", "Training/notumor/b.jpg")
    found = folders.find(made(tmp_path, *names, junk))
    assert [path.relative_to(tmp_path).as_posix() for path, _ in found.pictures] == list(names)
    assert found.left_out == ""


def test_a_hidden_folder_above_does_not_matter(tmp_path: Path) -> None:
    assert labelled(made(tmp_path / ".cache" / "set", "glioma/a.jpg", "no/b.jpg")) == {
        "glioma/a.jpg": "glioma",
        "no/b.jpg": "no_tumor",
    }


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    made(tmp_path, "glioma/a.jpg", "glioma/b.tif", "glioma/c.dcm", "no/d.TIF", "no/IM0001", "no/e.jpg")
    made(tmp_path, "loose.png", "glioma/notes.txt")
    said = folders.find(tmp_path).left_out
    assert "(1 .dcm, 2 .tif, 1 .txt, 1 without a suffix)" in said
    assert f"1 picture in no class folder, such as {tmp_path / 'loose.png'}" in said


def test_folders_beside_the_parts_are_told(tmp_path: Path) -> None:
    made(tmp_path, "train/glioma/a.jpg", "test/glioma/a.jpg", "extra/glioma/a.jpg", "extra/glioma/b.jpg")
    assert "2 pictures in no class folder, such as" in folders.find(tmp_path).left_out


@pytest.mark.parametrize("others", [(), ("glioma/a.jpg",)])
def test_an_unknown_class(tmp_path: Path, others: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="lungs: is no known class; expected glioma"):
        folders.find(made(tmp_path, "lungs/a.jpg", *others))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("glioma_tumor", "glioma"),
        ("Pituitary", "pituitary"),
        ("notumor", "no_tumor"),
        ("no tumour", "no_tumor"),
        ("Tidak ada tumor", "no_tumor"),
        ("brain_healthy", "no_tumor"),
        ("Tumor hipofisis", "pituitary"),
        ("brain_menin", "meningioma"),
        ("brain_glioma", "glioma"),
        ("tumour", "tumour"),
        ("brain_tumor", "tumour"),
        ("yes", "tumour"),
        ("no", "no_tumor"),
        ("lungs", None),
        ("1", None),
        ("", None),
    ],
)
def test_the_names_of_classes(name: str, label: str | None) -> None:
    assert folders.parse_label(name) == label
