from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.phantoms import phantom
from tests.train.conftest import write_table
from train.data.dataset import DataError, Slice, once, parse_label, read_dataset


def test_reads_the_papers_layout(paper_layout: Path) -> None:
    slices = read_dataset(paper_layout)
    assert Counter((slice_.share, slice_.label) for slice_ in slices) == {
        (part, label): count
        for part, count in (("Training", 16), ("Testing", 4))
        for label in ("glioma", "meningioma", "no_tumor", "pituitary")
    }
    assert all((paper_layout / slice_.path).is_file() and len(slice_.sha256) == 64 for slice_ in slices)


def test_reads_plain_class_folders(tmp_path: Path) -> None:
    for name in ("Glioma", "no tumor"):
        (tmp_path / name).mkdir()
        phantom("glioma", seed=1).save(tmp_path / name / "a.png")
    (tmp_path / "Glioma" / "notes.txt").write_text("no slice")
    assert [(slice_.label, slice_.share) for slice_ in read_dataset(tmp_path)] == [
        ("glioma", ""),
        ("no_tumor", ""),
    ]


def test_reads_a_table_with_groups_folds_and_boxes(table: list[dict[str, str]], tmp_path: Path) -> None:
    table[0]["label_conflict"] = "1"
    slices = read_dataset(write_table(table, tmp_path / "manifest.csv"))
    assert slices == read_dataset(tmp_path)
    assert (slices[0].group, slices[0].fold, slices[0].box) == ("glioma0", 0, (0.5, 0.4, 0.2, 0.3))
    assert slices[0].conflict and not slices[1].conflict
    assert next(slice_ for slice_ in slices if slice_.label == "no_tumor").box is None


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
        ({"sequence": "T3"}, "line 2: the sequence 'T3' is unknown; expected T1, T1C, T2"),
        ({"plane": "oblique"}, "line 2: the plane 'oblique' is unknown"),
        ({"use": "test"}, "line 2: the use 'test' is unknown; expected all, train, ood, none or nothing"),
        ({"modality": "PET"}, "line 2: the modality 'PET' is unknown"),
    ],
)
def test_broken_rows(
    table: list[dict[str, str]], tmp_path: Path, change: dict[str, str], message: str
) -> None:
    table[0] |= change
    with pytest.raises(DataError, match=message):
        read_dataset(write_table(table, tmp_path / "manifest.csv"))


def test_what_a_table_says_of_a_slice(table: list[dict[str, str]], tmp_path: Path) -> None:
    said = {"source": "wide/here", "patient": "p1", "modality": "MR", "sequence": "T1C", "plane": "coronal"}
    said |= {"skull": "no", "lesion": "other", "use": "train"}
    table[0] |= said
    first, second, *_ = read_dataset(write_table(table, tmp_path / "manifest.csv"))
    assert {name: getattr(first, name) for name in said} == said
    assert {name: getattr(second, name) for name in said} == dict.fromkeys(said, "") | {"use": "all"}
    assert first.elsewhere and not second.elsewhere


def test_each_picture_once_through_copies_of_copies() -> None:
    first = Slice("a", "glioma", "1", "g")
    copies = [
        replace(first, path="b", duplicate_of="a"),
        replace(first, path="c", duplicate_of="b"),
        replace(first, path="d", duplicate_of="elsewhere"),
        replace(first, path="e", duplicate_of="e"),
    ]
    assert [slice_.path for slice_ in once([first, *copies])] == ["a", "d", "e"]
    assert [slice_.path for slice_ in once(copies[1:2])] == ["c"]


def test_a_table_without_labels(table: list[dict[str, str]], tmp_path: Path) -> None:
    for row in table:
        del row["label"]
    with pytest.raises(DataError, match="lacks the column label"):
        read_dataset(write_table(table, tmp_path / "manifest.csv"))


def test_the_real_data(otak_data: Path) -> None:
    slices = read_dataset(otak_data)
    assert Counter(slice_.share for slice_ in slices) == {"Training": 2870, "Testing": 394, "": 4058}
    assert Counter(slice_.use for slice_ in slices) == {"all": 6389, "train": 836, "ood": 60, "none": 37}
    assert len({slice_.duplicate_of or slice_.path for slice_ in slices if slice_.use == "ood"}) == 23
