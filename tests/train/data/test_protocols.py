from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.conftest import write_table
from train.data.dataset import DataError, Slice, read_dataset
from train.data.protocols import Split, copies, split


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
    assert all(one.share == "Training" for one in parts.train + parts.test)
    assert parts == split(slices, "paper")
    assert parts != split(slices, "paper", seed=1)


def test_official_tests_on_testing(paper_layout: Path) -> None:
    parts = split(read_dataset(paper_layout), "official")
    assert {one.share for one in parts.test} == {"Testing"}
    assert {one.share for one in parts.train + parts.validation} == {"Training"}
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


def test_guessed_groups_are_learnt_from_alone(grouped: list[Slice]) -> None:
    grouped = [replace(one, use="train") if index % 3 == 0 else one for index, one in enumerate(grouped)]
    parts = split(grouped, "grouped", fold=2)
    assert {one.use for one in parts.train} == {"all", "train"}
    assert {one.use for one in parts.validation + parts.test} == {"all"}
    assert_apart(parts)


@pytest.mark.parametrize("use", ["ood", "none"])
def test_slices_of_no_class_are_in_no_part_but_the_papers(
    grouped: list[Slice], paper_layout: Path, use: str
) -> None:
    grouped = [replace(one, use=use) if index % 4 == 0 else one for index, one in enumerate(grouped)]
    parts = split(grouped, "grouped")
    assert {one.use for one in parts.train + parts.validation + parts.test} == {"all"}
    slices = [replace(one, use=use) for one in read_dataset(paper_layout)]
    assert [len(part) for part in (split(slices, "paper").test, split(slices, "official").test)] == [13, 16]


def test_every_part_has_a_picture_once(grouped: list[Slice]) -> None:
    known = {}
    for one in grouped:
        known.setdefault(one.group, one.path)
    grouped = [
        replace(one, duplicate_of="" if known[one.group] == one.path else known[one.group]) for one in grouped
    ]
    parts = split(grouped, "grouped")
    for part in (parts.train, parts.validation, parts.test):
        assert len({one.group for one in part}) == len(part) > 0


def test_every_collection_from_elsewhere_is_watched(grouped: list[Slice]) -> None:
    wide = [replace(one, path=f"w/{one.path}", group=f"w{one.group}", source="wide/x") for one in grouped]
    assert any(one.elsewhere for one in split(grouped + wide, "grouped").validation)


def test_a_patient_in_two_folds(grouped: list[Slice]) -> None:
    named = [replace(one, patient=one.group, source=f"s{one.fold}") for one in grouped]
    assert split(named, "grouped")
    named[0] = replace(named[0], patient=next(one.patient for one in named if one.fold != named[0].fold))
    named = [replace(one, source="wide/x") for one in named]
    with pytest.raises(DataError, match=f"patient {named[0].patient} of wide/x lies in several folds"):
        split(named, "grouped")


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
    slices = [one for one in read_dataset(paper_layout) if one.share == "Training"]
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
    assert sum(one.use != "all" for one in parts.train + parts.test) == 31 + 16


def test_the_parts_of_the_real_data(otak_data: Path) -> None:
    parts = split(read_dataset(otak_data), "grouped")
    assert_apart(parts)
    assert not {one.use for one in parts.validation + parts.test + parts.mixed} - {"all"}
    assert {one.use for one in parts.train} == {"all", "train"}
    assert Counter(one.source if one.elsewhere else "classic" for one in parts.test) == {
        "classic": 547,
        "wide/lgg_tcga": 388,
        "wide/nichart": 48,
        "wide/open_ms": 80,
    }
    assert sum(one.label == "no_tumor" and not one.elsewhere for one in parts.test) == 54
    assert len(parts.mixed) == 60


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
