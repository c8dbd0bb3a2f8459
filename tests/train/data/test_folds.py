from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from train.data import folds
from train.data.dataset import Slice, read_dataset
from train.data.protocols import split
from train.errors import DataError


@pytest.fixture
def slices(paper_layout: Path) -> list[Slice]:
    """Phantoms with two slices a group and five folds."""
    found = read_dataset(paper_layout)
    return [replace(slice_, group=f"g{i // 2}", fold=i // 2 % 5) for i, slice_ in enumerate(found)]


@pytest.fixture
def groups(slices: list[Slice], tmp_path: Path) -> Path:
    path = tmp_path / "groups.csv"
    folds.write(path, slices)
    return path


def test_class_folders_get_groups_and_folds(slices: list[Slice], groups: Path, paper_layout: Path) -> None:
    assigned = folds.assign(read_dataset(paper_layout), groups)
    assert assigned == slices
    assert {slice_.fold for slice_ in split(assigned, "grouped").test} == {0}


def test_identical_files_share_a_row_and_are_copies_of_the_first(
    groups: Path, slices: list[Slice], tmp_path: Path
) -> None:
    path = tmp_path / "twice.csv"
    twice = [*slices, replace(slices[0], path="copy.jpg", duplicate_of=slices[0].path)]
    folds.write(path, twice)
    assert path.read_bytes() == groups.read_bytes()
    assert folds.assign([replace(slice_, duplicate_of="") for slice_ in twice], path) == twice


def test_what_is_known_of_an_image_comes_back(slices: list[Slice], tmp_path: Path) -> None:
    known = [
        replace(slices[0], use="ood", sequence="other", plane="axial", conflict=True),
        replace(slices[1], use="none", sequence="T2", duplicate_of=slices[0].path),
    ]
    folds.write(tmp_path / "groups.csv", known)
    assert (
        folds.assign([replace(slice_, duplicate_of="") for slice_ in slices[:2]], tmp_path / "groups.csv")
        == known
    )


def test_as_a_spreadsheet_writes_it(slices: list[Slice], tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    text = f"SHA256;Group;Fold;label_conflict\r\n{slices[0].sha256.upper()};p1;3.0;True\r\n"
    path.write_bytes(text.encode("utf-16"))
    known = replace(slices[0], group="p1", fold=3, conflict=True)
    assert folds.assign(slices[:1], path) == [known]


def test_three_columns_are_enough(slices: list[Slice], tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(f"sha256,group,fold\n{slices[0].sha256},p1,3\n")
    assert folds.assign(slices[:1], path) == [replace(slices[0], group="p1", fold=3)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column fold and group and sha256"),
        ("sha256,group\na,b\n", "lacks the column fold"),
        ("sha256,group,fold\na,b,\n", "line 2: needs a sha256, a group and a fold"),
        ("sha256,group,fold\na,b,one\n", "line 2: the fold 'one' is no number"),
        ("sha256,group,fold\na,b,-1\n", "line 2: the fold '-1' is no whole number from 0 up"),
        ("sha256,group,fold\na,b\n", "line 2: has 2 cells for 3 columns"),
        ("sha256,group,fold\na,b,0\na,c,0\n", "line 3: the image a already has another row"),
        ("sha256,group,fold\na,g,0\nb,g,1\n", "line 3: the group g lies in two folds"),
        ("sha256,group,fold,use\na,g,0,some\n", "line 2: the use 'some' is unknown"),
        ("sha256,group,fold,sequence\na,g,0,T3\n", "line 2: the sequence 'T3' is unknown"),
    ],
)
def test_a_broken_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        folds.read(path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0\x00")
    with pytest.raises(DataError, match="is no CSV"):
        folds.read(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: can't be read"):
        folds.read(tmp_path / "nowhere.csv")


def test_images_that_the_file_does_not_hold(slices: list[Slice], tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    folds.write(path, slices[2:])
    with pytest.raises(DataError, match=f"does not hold 2 of the 80 images, such as {slices[0].path}"):
        folds.assign(slices, path)


def test_a_class_with_fewer_images_than_folds(slices: list[Slice]) -> None:
    rest = [slice_ for slice_ in slices if slice_.label != "glioma"]
    few = [slice_ for slice_ in slices if slice_.label == "glioma"][:4]
    with pytest.raises(DataError, match="The class glioma has only 4 slices for 5 folds"):
        split(rest + few, "grouped")


def test_the_papers_groups() -> None:
    rows = folds.read(folds.find("sartaj"))
    assert len(rows) == 3027
    assert {known.fold for known in rows.values()} == set(range(5))


def test_the_papers_groups_say_what_the_manifest_says(otak_data: Path) -> None:
    described = {slice_.path: slice_ for slice_ in read_dataset(otak_data)}
    assigned = folds.assign(read_dataset(otak_data / "sartaj"), folds.find("sartaj"))
    for slice_ in assigned:
        known = described[f"sartaj/{slice_.path}"]
        assert (slice_.group, slice_.fold, slice_.use, slice_.sequence) == (
            known.group,
            known.fold,
            known.use,
            known.sequence,
        )
    assert Counter(slice_.use for slice_ in assigned) == {"all": 3182, "ood": 60, "none": 22}
    own = split(assigned, "grouped").test
    ours = [
        slice_
        for slice_ in split(list(described.values()), "grouped").test
        if slice_.path.startswith("sartaj/")
    ]
    assert sorted(slice_.sha256 for slice_ in own) == sorted(slice_.sha256 for slice_ in ours)
