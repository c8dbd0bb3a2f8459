from __future__ import annotations

import pytest

from convert.calibrate.calibration_set import choose
from convert.errors import ConversionError
from train.data.dataset import Slice


def slices(label: str, source: str, count: int) -> list[Slice]:
    return [Slice(f"{source}/{label}/{i}.jpg", label, f"{source}{label}{i}", "") for i in range(count)]


def test_tumours_of_unknown_type_are_left_out() -> None:
    data = slices("glioma", "a", 20) + slices("no_tumor", "a", 20) + slices("tumour", "b", 20)
    chosen = choose(data, seed=1, count=30)
    assert len({each.sha256 for each in chosen}) == 30
    assert {each.label for each in chosen} == {"glioma", "no_tumor"}


def test_the_choice_is_the_seed_s() -> None:
    data = slices("glioma", "a", 50) + slices("no_tumor", "a", 50)
    assert choose(data, seed=1, count=10) == choose(data, seed=1, count=10)
    assert choose(data, seed=1, count=10) != choose(data, seed=2, count=10)


def test_fewer_slices_than_wanted() -> None:
    data = slices("glioma", "a", 2) + slices("no_tumor", "a", 1)
    assert len(choose(data, seed=1)) == 3


@pytest.mark.parametrize("data", [[], slices("glioma", "a", 9)])
def test_none_or_one_class(data: list[Slice]) -> None:
    with pytest.raises(ConversionError, match="needs two classes"):
        choose(data, seed=1)
