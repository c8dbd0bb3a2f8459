from __future__ import annotations

import numpy as np
import pytest

from convert.calibrate.study import ALARMS, PATIENTS, choose
from evaluation.studies import Study


def study(tumour: bool, *judged: float, part: str = "wide/one") -> Study:
    """A patient of five slices at least, the lowest given again and again."""
    padded = (*judged, *(min(judged),) * max(0, 5 - len(judged)))
    return Study(group="", part=part, tumour=tumour, slices=len(padded), judged=padded)


def healthy(*highest: float, of: int = 20) -> list[Study]:
    return [study(False, value, 0.01) for value in highest] + [study(False, 0.1, 0.01)] * (of - len(highest))


def ill(*values: float, of: int = 20) -> list[Study]:
    return [study(True, *values)] * of


def test_the_rank_that_finds_most_is_taken() -> None:
    """Healthy patients have one odd slice each, those with a tumour two sure ones."""
    odd = healthy(*[0.99] * 20)
    rule = choose([*odd, *ill(0.95, 0.9, 0.02)])
    assert rule is not None and rule.rank == 2
    # Midway between what patients without a tumour reach and what the others do.
    assert rule.threshold == pytest.approx((0.01 + 0.9) / 2)


def test_of_ranks_that_find_as_many_the_one_that_clears_more_then_the_lowest() -> None:
    rule = choose([*healthy(), *ill(0.95, 0.9, 0.8)])
    assert rule is not None and rule.rank == 1
    alarmed = [study(False, 0.99, 0.01), *healthy(of=19)]
    rule = choose([*alarmed, *ill(0.95, 0.9, 0.8)])
    assert rule is not None and rule.rank == 2, "rank 1 would need its one allowed alarm"


@pytest.mark.parametrize(("patients", "alarms"), [(20, 1), (22, 1), (39, 1), (40, 2)])
def test_alarms_are_rounded_down(patients: int, alarms: int) -> None:
    values = np.linspace(0.1, 0.9, patients)
    scores = [study(False, *[float(value)] * 5) for value in values]
    rule = choose([*scores, *ill(*[0.95] * 5, of=patients)])
    assert rule is not None
    assert sum(value >= rule.threshold for value in values) <= alarms == patients * ALARMS // 100


def test_an_alarm_that_finds_nobody_more_is_not_allowed() -> None:
    rule = choose([*healthy(0.5), *ill(0.9)])
    assert rule is not None and rule.threshold == pytest.approx(0.7), "midway between 0.5 and 0.9"
    rule = choose([*healthy(0.5), *ill(0.9, of=19), *ill(0.4, of=1)])
    assert rule is not None and 0.1 < rule.threshold < 0.4, "this one finds the twentieth"


def test_ties_are_spared_together() -> None:
    """Three of 20 healthy patients reach the same: allowing one would allow all."""
    rule = choose([*healthy(0.7, 0.7, 0.7), *ill(0.9)])
    assert rule is not None
    assert rule.threshold > 0.7 or rule.rank > 1


@pytest.mark.parametrize(
    "studies",
    [
        [],
        healthy(of=PATIENTS - 1) + ill(0.99),
        healthy() + ill(0.99, of=PATIENTS - 1),
        # Every healthy patient is as suspicious as can be.
        [study(False, *[1.0] * 5)] * 20 + ill(*[1.0] * 5),
        # A rule that misses many patients would lull.
        healthy() + ill(0.99, 0.9, of=15) + ill(0.02, 0.01, of=6),
    ],
    ids=["nobody", "few healthy", "few ill", "no gap", "many missed"],
)
def test_where_no_rule_can_be_trusted_there_is_none(studies: list[Study]) -> None:
    assert choose(studies) is None


def test_patients_whose_slices_are_all_refused_are_no_evidence_of_health() -> None:
    refused = [Study(group="", part="", tumour=tumour, slices=5, judged=()) for tumour in (True, False)]
    assert choose([*healthy(), *[refused[0]] * 20]) is None
    assert choose([*[refused[1]] * 20, *ill(0.99)]) is None
