"""What would show up if ARM differed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.arm.answers import Answers, Said
from tests.arm.claims import compare

HERE = Answers(
    "LiteRT",
    "x86_64",
    "3.11.2",
    (
        Said("a.png", "1f", "answer", "glioma", (), (0.9, 0.1), 0.99),
        Said("b.png", "2f", "unsure", None, ("low",), (0.5, 0.5), None),
    ),
)


def test_the_same_is_no_difference() -> None:
    found = compare(HERE, replace(HERE, machine="aarch64"))
    assert (found.slices, found.faults()) == (2, [])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"pixels": "3f"}, "a.png: other pixels"),
        ({"verdict": "unsure"}, "a.png: another verdict"),
        ({"label": "meningioma"}, "a.png: another verdict"),
        ({"reasons": ("small",)}, "a.png: another verdict"),
        ({"probabilities": (0.90001, 0.09999)}, "probabilities differ by 1.0e-05"),
        ({"in_distribution": 0.9901}, "in-distribution score differs by 1.0e-04"),
    ],
)
def test_a_difference_is_a_fault(change: dict[str, object], fault: str) -> None:
    first, *others = HERE.said
    other = replace(first, **change)  # type: ignore[arg-type]
    (told,) = compare(HERE, replace(HERE, said=(other, *others))).faults()
    assert fault in told


def test_other_files_can_not_be_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare(HERE, replace(HERE, said=HERE.said[:1]))
    with pytest.raises(ValueError, match="different files"):
        compare(HERE, replace(HERE, said=HERE.said[::-1]))
