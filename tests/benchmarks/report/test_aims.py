from __future__ import annotations

import pytest

from benchmarks.report.aims import AIMS, Aim


def test_how_far_a_figure_is_from_its_aim() -> None:
    assert Aim(figure="found", bound=0.9).shortfall(0.8) == pytest.approx(0.1)
    assert Aim(figure="wrong", bound=0.02, at_most=True).shortfall(0.05) == pytest.approx(0.03)
    assert Aim(figure="wrong", bound=0.02, at_most=True).shortfall(0.02) == 0
    assert Aim(figure="size", bound=500, at_most=True, unit="kB").shortfall(400) == pytest.approx(-0.2)


def test_aims_in_words() -> None:
    assert AIMS["classic right"].text == "≥ 93"
    assert AIMS["missed"].text == "≤ 0.5"
    assert AIMS["rival cells"].text == "≥ 0"
    assert AIMS["size"].text == "≤ 500"
    assert AIMS["calibration"].text == "≤ 0.02"


def test_every_figure_has_a_row_of_its_own() -> None:
    assert len({aim.figure for aim in AIMS.values()}) == len(AIMS)
