from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.conftest import write_table
from train.config import Protocol
from train.data.dataset import Slice, read_dataset
from train.data.protocols import Split, copies, split
from train.errors import DataError


@pytest.fixture
def grouped(table: list[dict[str, str]], tmp_path: Path) -> list[Slice]:
    # Ten groups a class at least, so that a tenth can be set aside.
    return [
        replace(slice_, path=f"{copy}/{slice_.path}", group=f"{slice_.group}-{copy}")
        for slice_ in read_dataset(write_table(table, tmp_path / "manifest.csv"))
        for copy in range(5)
    ]


def paths(slices: list[Slice]) -> set[str]:
    return {slice_.path for slice_ in slices}


def assert_apart(parts: Split) -> None:
    for attribute in ("path", "group"):
        seen = [
            {getattr(slice_, attribute) for slice_ in part}
            for part in (parts.train, parts.validation, parts.test)
        ]
        assert not seen[0] & seen[1] and not seen[0] & seen[2] and not seen[1] & seen[2]


def test_paper_is_a_stratified_fifth_of_training(paper_layout: Path) -> None:
    slices = read_dataset(paper_layout)
    parts = split(slices, "paper")
    assert (len(parts.train), len(parts.test)) == (51, 13)
    assert parts.validation == parts.test
    assert all(slice_.share == "Training" for slice_ in parts.train + parts.test)
    assert parts == split(slices, "paper")
    assert parts != split(slices, "paper", seed=1)


def test_official_tests_on_testing(paper_layout: Path) -> None:
    parts = split(read_dataset(paper_layout), "official")
    assert {slice_.share for slice_ in parts.test} == {"Testing"}
    assert {slice_.share for slice_ in parts.train + parts.validation} == {"Training"}
    assert_apart(parts)


@pytest.mark.parametrize("fold", [0, 3])
def test_grouped_keeps_patients_apart(grouped: list[Slice], fold: int) -> None:
    parts = split(grouped, "grouped", fold=fold)
    assert {slice_.fold for slice_ in parts.test} == {fold}
    assert 0 not in {slice_.fold for slice_ in parts.train + parts.validation}
    assert_apart(parts)


def test_grouped_trains_on_untyped_tumours_but_is_not_tested_on_them(grouped: list[Slice]) -> None:
    grouped = [replace(slice_, label="tumour") if slice_.label == "glioma" else slice_ for slice_ in grouped]
    parts = split(grouped, "grouped")
    assert any(slice_.label == "tumour" for slice_ in parts.train)
    assert not any(slice_.label == "tumour" for slice_ in parts.test)


def test_conflicting_labels_are_not_trained_on(grouped: list[Slice]) -> None:
    grouped = [replace(slice_, conflict=index % 7 == 0) for index, slice_ in enumerate(grouped)]
    parts = split(grouped, "grouped")
    assert not any(slice_.conflict for slice_ in parts.train + parts.validation)


def test_guessed_groups_are_for_training_alone(grouped: list[Slice]) -> None:
    grouped = [
        replace(slice_, use="train") if index % 3 == 0 else slice_ for index, slice_ in enumerate(grouped)
    ]
    parts = split(grouped, "grouped", fold=2)
    assert {slice_.use for slice_ in parts.train} == {"all", "train"}
    assert {slice_.use for slice_ in parts.validation + parts.test} == {"all"}
    assert_apart(parts)


@pytest.mark.parametrize("use", ["ood", "none"])
def test_slices_of_no_class_are_in_no_part_but_the_papers(
    grouped: list[Slice], paper_layout: Path, use: str
) -> None:
    grouped = [replace(slice_, use=use) if index % 4 == 0 else slice_ for index, slice_ in enumerate(grouped)]
    parts = split(grouped, "grouped")
    assert {slice_.use for slice_ in parts.train + parts.validation + parts.test} == {"all"}
    slices = [replace(slice_, use=use) for slice_ in read_dataset(paper_layout)]
    assert [len(part) for part in (split(slices, "paper").test, split(slices, "official").test)] == [13, 16]


def test_every_part_has_a_picture_once(grouped: list[Slice]) -> None:
    known: dict[str, str] = {}
    for slice_ in grouped:
        known.setdefault(slice_.group, slice_.path)
    grouped = [
        replace(slice_, duplicate_of="" if known[slice_.group] == slice_.path else known[slice_.group])
        for slice_ in grouped
    ]
    parts = split(grouped, "grouped")
    for part in (parts.train, parts.validation, parts.test):
        assert len({slice_.group for slice_ in part}) == len(part) > 0


def test_every_collection_from_elsewhere_is_watched(grouped: list[Slice]) -> None:
    wide = [
        replace(slice_, path=f"w/{slice_.path}", group=f"w{slice_.group}", source="wide/x")
        for slice_ in grouped
    ]
    assert any(slice_.elsewhere for slice_ in split(grouped + wide, "grouped").validation)


def test_a_patient_in_two_folds(grouped: list[Slice]) -> None:
    named = [replace(slice_, patient=slice_.group, source=f"s{slice_.fold}") for slice_ in grouped]
    assert split(named, "grouped")
    named[0] = replace(
        named[0], patient=next(slice_.patient for slice_ in named if slice_.fold != named[0].fold)
    )
    named = [replace(slice_, source="wide/x") for slice_ in named]
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


def test_a_fold_without_negatives(grouped: list[Slice]) -> None:
    def without(fold: int) -> list[Slice]:
        return [
            replace(slice_, label="glioma") if (slice_.fold, slice_.label) == (fold, "no_tumor") else slice_
            for slice_ in grouped
        ]

    with pytest.raises(DataError, match="The fold 2 holds no slice without a tumour"):
        split(without(2), "grouped", fold=2)
    assert split(without(2), "grouped", fold=3)
    guessed = [replace(slice_, use="train") if slice_.fold == 2 else slice_ for slice_ in grouped]
    with pytest.raises(DataError, match="The fold 2 holds no slices"):
        split(guessed, "grouped", fold=2)


def test_negatives_in_the_tested_fold_alone(grouped: list[Slice]) -> None:
    grouped = [
        replace(slice_, label="pituitary") if slice_.fold != 1 and slice_.label == "no_tumor" else slice_
        for slice_ in grouped
    ]
    with pytest.raises(DataError, match="The training part of the fold 1 holds no slice without a tumour"):
        split(grouped, "grouped", fold=1)
    types = [slice_ for slice_ in grouped if slice_.label != "no_tumor"]
    assert split(types, "grouped", fold=1), "a data set without any is no fault"


def test_official_needs_both_parts(paper_layout: Path) -> None:
    slices = [slice_ for slice_ in read_dataset(paper_layout) if slice_.share == "Training"]
    with pytest.raises(DataError, match="needs the folders Training and Testing"):
        split(slices, "official")


@pytest.mark.parametrize("protocol", ["paper", "official"])
def test_too_few_slices_of_a_class(paper_layout: Path, protocol: Protocol) -> None:
    slices = [
        slice_ for slice_ in read_dataset(paper_layout) if "glioma" not in slice_.path or "/00" in slice_.path
    ]
    rare = [
        slice_
        for slice_ in slices
        if slice_.label != "glioma" or slice_.path.endswith(("000.jpg", "001.jpg"))
    ]
    with pytest.raises(DataError, match="The class glioma has only 2 slices"):
        split(rare, protocol)


def test_one_class_alone(paper_layout: Path) -> None:
    slices = [slice_ for slice_ in read_dataset(paper_layout) if slice_.label == "glioma"]
    with pytest.raises(DataError, match="two classes"):
        split(slices, "paper")


def test_the_papers_numbers_on_the_real_data(otak_data: Path) -> None:
    slices = read_dataset(otak_data)
    parts = split(slices, "paper")
    assert (len(parts.train), len(parts.test)) == (2296, 574)
    assert len(split(slices, "official").test) == 394
    assert sum(slice_.use != "all" for slice_ in parts.train + parts.test) == 31 + 16


def test_the_parts_of_the_real_data(otak_data: Path) -> None:
    parts = split(read_dataset(otak_data), "grouped")
    assert_apart(parts)
    assert not {slice_.use for slice_ in parts.validation + parts.test + parts.mixed} - {"all"}
    assert {slice_.use for slice_ in parts.train} == {"all", "train"}
    assert Counter(slice_.source if slice_.elsewhere else "classic" for slice_ in parts.test) == {
        "classic": 547,
        "wide/lgg_tcga": 388,
        "wide/nichart": 48,
        "wide/open_ms": 80,
    }
    assert sum(slice_.label == "no_tumor" and not slice_.elsewhere for slice_ in parts.test) == 54
    assert len(parts.mixed) == 60


def test_untyped_tumours_of_the_test_fold_are_evaluated_apart(grouped: list[Slice]) -> None:
    grouped = [replace(slice_, label="tumour") if slice_.label == "glioma" else slice_ for slice_ in grouped]
    parts = split(grouped, "grouped", fold=2)
    assert {(slice_.label, slice_.fold) for slice_ in parts.mixed} == {("tumour", 2)}
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
