from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.bundle import sha256
from evaluation.labels import NAMES
from tests.phantoms import phantom
from tests.train.conftest import write_table
from train.data.dataset import Slice, once, read_dataset, root_of, unseen_labels
from train.errors import DataError


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
        ({"fold": "first"}, "line 2: the fold 'first' is no number"),
        ({"fold": "-1"}, "line 2: the fold '-1' is no whole number"),
        ({"sha256": "1E+17"}, "line 2: '1e.17' is no SHA-256"),
        ({"label_conflict": "perhaps"}, "line 2: the label_conflict 'perhaps' is neither 1 nor 0"),
        ({"box_cx": "120"}, "line 2: a box needs box_cx, .* within 0 to 1: fractions"),
        ({"box_cx": ""}, "line 2: a box needs box_cx"),
        ({"path": r"C:\data\a.jpg"}, "line 2: there is no file .*a.jpg; paths start at the folder of"),
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


def test_a_file_that_has_two_rows(table: list[dict[str, str]], tmp_path: Path) -> None:
    table[3] |= {"path": table[1]["path"]}
    with pytest.raises(DataError, match=r"line 5: the file .* has an earlier row already"):
        read_dataset(write_table(table, tmp_path / "manifest.csv"))


def test_cells_as_other_programs_write_them(paper_layout: Path, tmp_path: Path) -> None:
    shutil.copytree(paper_layout / "Training" / "glioma_tumor", tmp_path / "img")
    digest = sha256(tmp_path / "img" / "000.jpg")
    (tmp_path / "mine.CSV").write_text(
        "Path;Label;SHA256;Fold;Patient;label_conflict;duplicate_of;box_cx;box_cy;box_w;box_h\n"
        f"img\\000.jpg;Glioma;{digest.upper()};0.0;nan;True;;0,5;0,5;0,2;0,2\n"
        f"./img/001.jpg;Glioma;;1.0;nan;False;img\\000.jpg;;;;\n"
    )
    data = tmp_path / "mine.CSV"
    first, second = read_dataset(data)
    assert root_of(data) == tmp_path
    assert (first.path, first.sha256, first.group, first.fold) == ("img/000.jpg", digest, digest, 0)
    assert first.conflict and first.box == (0.5, 0.5, 0.2, 0.2)
    assert (second.path, second.duplicate_of, second.patient) == ("img/001.jpg", "img/000.jpg", "")
    assert second.group != first.group and not second.conflict


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


def test_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,label\n")
    with pytest.raises(DataError, match=r"manifest\.csv: holds no rows"):
        read_dataset(tmp_path)


def test_what_class_folders_hold_beside_is_logged(
    paper_layout: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(paper_layout / "Training", tmp_path / "data")
    read_dataset(tmp_path / "data")
    assert not caplog.messages
    (tmp_path / "data" / "no_tumor" / "scan.dcm").touch()
    assert len(read_dataset(tmp_path / "data")) == 64
    assert "Left out: files of other kinds" in caplog.text and "(1 .dcm)" in caplog.text


def test_pictures_of_other_kinds_alone(tmp_path: Path) -> None:
    (tmp_path / "glioma").mkdir()
    (tmp_path / "glioma" / "a.tif").touch()
    with pytest.raises(DataError, match=r"holds no images; .* Left out: .*\(1 \.tif\)"):
        read_dataset(tmp_path)


def test_a_name_in_no_known_encoding(tmp_path: Path) -> None:
    (tmp_path / "glioma").mkdir()
    (tmp_path / "glioma" / os.fsdecode(b"caf\xe9.jpg")).touch()
    with pytest.raises(DataError, match="its name is in no encoding that is known; rename it"):
        read_dataset(tmp_path)


def test_labels_that_nothing_is_learnt_of(paper_layout: Path) -> None:
    slices = read_dataset(paper_layout)
    assert unseen_labels(slices) == ()
    assert unseen_labels([slice_ for slice_ in slices if slice_.label in ("glioma", "no_tumor")]) == (
        "meningioma",
        "pituitary",
    )
    # Of a tumour of unknown type no type is learnt.
    assert unseen_labels([replace(slices[0], label="tumour")]) == tuple(NAMES)


def test_the_real_data(otak_data: Path) -> None:
    slices = read_dataset(otak_data)
    assert Counter(slice_.share for slice_ in slices) == {"Training": 2870, "Testing": 394, "": 4058}
    assert Counter(slice_.use for slice_ in slices) == {"all": 6389, "train": 836, "ood": 60, "none": 37}
    assert len({slice_.duplicate_of or slice_.path for slice_ in slices if slice_.use == "ood"}) == 23
