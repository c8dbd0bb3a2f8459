from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.phantoms import phantom
from tests.train.conftest import write_table
from train.dataset import DataError, parse_label, read_dataset


def test_reads_the_papers_layout(paper_layout: Path) -> None:
    slices = read_dataset(paper_layout)
    assert Counter((one.part, one.label) for one in slices) == {
        (part, label): count
        for part, count in (("Training", 16), ("Testing", 4))
        for label in ("glioma", "meningioma", "no_tumor", "pituitary")
    }
    assert all((paper_layout / one.path).is_file() and len(one.sha256) == 64 for one in slices)


def test_reads_plain_class_folders(tmp_path: Path) -> None:
    for name in ("Glioma", "no tumor"):
        (tmp_path / name).mkdir()
        phantom("glioma", seed=1).save(tmp_path / name / "a.png")
    (tmp_path / "Glioma" / "notes.txt").write_text("no slice")
    assert [(one.label, one.part) for one in read_dataset(tmp_path)] == [("glioma", ""), ("no_tumor", "")]


def test_reads_a_table_with_groups_folds_and_boxes(table: list[dict[str, str]], tmp_path: Path) -> None:
    table[0]["label_conflict"] = "1"
    slices = read_dataset(write_table(table, tmp_path / "manifest.csv"))
    assert slices == read_dataset(tmp_path)
    assert (slices[0].group, slices[0].fold, slices[0].box) == ("glioma0", 0, (0.5, 0.4, 0.2, 0.3))
    assert slices[0].conflict and not slices[1].conflict
    assert next(one for one in slices if one.label == "no_tumor").box is None


def test_a_patient_column_gives_the_groups(table: list[dict[str, str]], tmp_path: Path) -> None:
    for row in table:
        row["patient"] = row.pop("group")
    assert read_dataset(write_table(table, tmp_path / "mine.csv"))[0].group == "glioma0"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("glioma_tumor", "glioma"),
        ("Pituitary", "pituitary"),
        ("notumor", "no_tumor"),
        ("no tumour", "no_tumor"),
        ("tumour", "tumour"),
        ("lungs", None),
        ("", None),
    ],
)
def test_the_names_of_classes(name: str, label: str | None) -> None:
    assert parse_label(name) == label


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: there is no such folder"):
        read_dataset(tmp_path / "nowhere")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no images"):
        read_dataset(tmp_path)


def test_an_unknown_class(paper_layout: Path, tmp_path: Path) -> None:
    shutil.copytree(paper_layout, tmp_path / "data")
    (tmp_path / "data" / "Training" / "cats").mkdir()
    with pytest.raises(DataError, match="cats: is no known class"):
        read_dataset(tmp_path / "data")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "lungs"}, "line 2: the label 'lungs' is unknown"),
        ({"path": "absent.jpg"}, "line 2: there is no file .*absent.jpg"),
        ({"fold": "first"}, "line 2: 'first' is no number"),
    ],
)
def test_broken_rows(
    table: list[dict[str, str]], tmp_path: Path, change: dict[str, str], message: str
) -> None:
    table[0] |= change
    with pytest.raises(DataError, match=message):
        read_dataset(write_table(table, tmp_path / "manifest.csv"))


def test_a_table_without_labels(table: list[dict[str, str]], tmp_path: Path) -> None:
    for row in table:
        del row["label"]
    with pytest.raises(DataError, match="lacks the column label"):
        read_dataset(write_table(table, tmp_path / "manifest.csv"))


def test_the_real_data(otak_data: Path) -> None:
    slices = read_dataset(otak_data)
    assert Counter(one.part for one in slices) == {"Training": 2870, "Testing": 394, "": 1031}
    assert sum(one.box is not None for one in slices) == 3242
