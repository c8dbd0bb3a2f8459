from __future__ import annotations

from collections import Counter

import pytest

from convert.calibration import choose
from convert.errors import ConversionError
from train.dataset import Slice


def slices(label: str, source: str, count: int) -> list[Slice]:
    return [Slice(f"{source}/{label}/{i}.jpg", label, f"{source}{label}{i}", "") for i in range(count)]


def test_classes_and_sources_take_turns() -> None:
    data = slices("glioma", "a", 100) + slices("glioma", "b", 10) + slices("no_tumor", "a", 3)
    chosen = choose(data, seed=1, count=30)
    assert len({one.sha256 for one in chosen}) == 30
    counts = Counter(one.path.rsplit("/", 1)[0] for one in chosen)
    assert counts == {"a/glioma": 17, "b/glioma": 10, "a/no_tumor": 3}


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
