from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.conftest import write_table
from train.dataset import DataError, Slice, read_dataset
from train.protocols import Split, copies, split


@pytest.fixture
def grouped(table: list[dict[str, str]], tmp_path: Path) -> list[Slice]:
    # Ten groups a class at least, so that a tenth can be set aside.
    return [
        replace(one, path=f"{copy}/{one.path}", group=f"{one.group}-{copy}")
        for one in read_dataset(write_table(table, tmp_path / "manifest.csv"))
        for copy in range(5)
    ]


def paths(slices: list[Slice]) -> set[str]:
    return {one.path for one in slices}


def assert_apart(parts: Split) -> None:
    for attribute in ("path", "group"):
        seen = [
            {getattr(one, attribute) for one in part} for part in (parts.train, parts.validation, parts.test)
        ]
        assert not seen[0] & seen[1] and not seen[0] & seen[2] and not seen[1] & seen[2]


def test_paper_is_a_stratified_fifth_of_training(paper_layout: Path) -> None:
    slices = read_dataset(paper_layout)
    parts = split(slices, "paper")
    assert (len(parts.train), len(parts.test)) == (51, 13)
    assert parts.validation == parts.test
    assert all(one.part == "Training" for one in parts.train + parts.test)
    assert parts == split(slices, "paper")
    assert parts != split(slices, "paper", seed=1)


def test_official_tests_on_testing(paper_layout: Path) -> None:
    parts = split(read_dataset(paper_layout), "official")
    assert {one.part for one in parts.test} == {"Testing"}
    assert {one.part for one in parts.train + parts.validation} == {"Training"}
    assert_apart(parts)


@pytest.mark.parametrize("fold", [0, 3])
def test_grouped_keeps_patients_apart(grouped: list[Slice], fold: int) -> None:
    parts = split(grouped, "grouped", fold=fold)
    assert {one.fold for one in parts.test} == {fold}
    assert 0 not in {one.fold for one in parts.train + parts.validation}
    assert_apart(parts)


def test_grouped_learns_from_untyped_tumours_but_is_not_tested_on_them(grouped: list[Slice]) -> None:
    grouped = [replace(one, label="tumour") if one.label == "glioma" else one for one in grouped]
    parts = split(grouped, "grouped")
    assert any(one.label == "tumour" for one in parts.train)
    assert not any(one.label == "tumour" for one in parts.test)


def test_conflicting_labels_are_not_learnt(grouped: list[Slice]) -> None:
    grouped = [replace(one, conflict=index % 7 == 0) for index, one in enumerate(grouped)]
    parts = split(grouped, "grouped")
    assert not any(one.conflict for one in parts.train + parts.validation)


def test_a_group_in_two_folds(grouped: list[Slice]) -> None:
    grouped[0] = replace(grouped[0], fold=4)
    with pytest.raises(DataError, match=f"The group {grouped[0].group} lies in several folds"):
        split(grouped, "grouped")


def test_grouped_needs_folds(paper_layout: Path) -> None:
    with pytest.raises(DataError, match="needs a manifest"):
        split(read_dataset(paper_layout), "grouped")


def test_an_empty_fold(grouped: list[Slice]) -> None:
    with pytest.raises(DataError, match="The fold 7 holds no slices"):
        split(grouped, "grouped", fold=7)


def test_official_needs_both_parts(paper_layout: Path) -> None:
    slices = [one for one in read_dataset(paper_layout) if one.part == "Training"]
    with pytest.raises(DataError, match="needs the folders Training and Testing"):
        split(slices, "official")


@pytest.mark.parametrize("protocol", ["paper", "official"])
def test_too_few_slices_of_a_class(paper_layout: Path, protocol: str) -> None:
    slices = [one for one in read_dataset(paper_layout) if "glioma" not in one.path or "/00" in one.path]
    rare = [one for one in slices if one.label != "glioma" or one.path.endswith(("000.jpg", "001.jpg"))]
    with pytest.raises(DataError, match="The class glioma has only 2 slices"):
        split(rare, protocol)


def test_one_class_alone(paper_layout: Path) -> None:
    slices = [one for one in read_dataset(paper_layout) if one.label == "glioma"]
    with pytest.raises(DataError, match="two classes"):
        split(slices, "paper")


def test_the_papers_numbers_on_the_real_data(otak_data: Path) -> None:
    slices = read_dataset(otak_data)
    parts = split(slices, "paper")
    assert (len(parts.train), len(parts.test)) == (2296, 574)
    assert len(split(slices, "official").test) == 394
    assert_apart(split(slices, "grouped"))


def test_untyped_tumours_of_the_test_fold_are_judged_apart(grouped: list[Slice]) -> None:
    grouped = [replace(one, label="tumour") if one.label == "glioma" else one for one in grouped]
    parts = split(grouped, "grouped", fold=2)
    assert {(one.label, one.fold) for one in parts.mixed} == {("tumour", 2)}
    assert not paths(parts.mixed) & paths(parts.train + parts.validation + parts.test)


def test_copies_are_found_through_other_copies(paper_layout: Path) -> None:
    original, first, second, other = read_dataset(paper_layout)[:4]
    first = replace(first, duplicate_of=original.path)
    second = replace(second, duplicate_of=first.path)
    assert copies([first, second, other], [original]) == [True, True, False]
    assert copies([second], [other]) == [False]


def test_the_copies_of_the_real_data(otak_data: Path) -> None:
    parts = split(read_dataset(otak_data), "official")
    assert sum(copies(parts.test, parts.train + parts.validation)) == 259
