from __future__ import annotations

import numpy as np
import pytest

from evaluation.statistics import (
    RESAMPLES,
    Estimate,
    Resampled,
    bootstrap,
    group_weights,
    mcnemar,
    mean_of,
    median_of_rounds,
    percentiles,
    resample,
    wilson,
)

RIGHT = [float(value) for value in np.random.default_rng(1).random(400) < 0.8]
ALONE = [str(i) for i in range(400)]


def width(estimate: Estimate) -> float:
    assert estimate.low is not None and estimate.high is not None
    return estimate.high - estimate.low


def test_the_interval_surrounds_the_mean() -> None:
    estimate = bootstrap(RIGHT, ALONE)
    assert estimate.value == pytest.approx(np.mean(RIGHT))
    assert estimate.low is not None and estimate.high is not None
    assert estimate.low < estimate.value < estimate.high


def test_the_interval_of_independent_slices_is_that_of_the_normal_approximation() -> None:
    p = np.mean(RIGHT)
    assert width(bootstrap(RIGHT, ALONE)) == pytest.approx(2 * 1.96 * np.sqrt(p * (1 - p) / 400), rel=0.1)


def test_slices_that_resemble_each_other_within_groups_widen_the_interval() -> None:
    patients = RIGHT[:40]
    values = [value for value in patients for _ in range(10)]
    groups = [str(i) for i in range(40) for _ in range(10)]
    estimate = bootstrap(values, groups)
    assert estimate == bootstrap(patients, ALONE[:40]), "copies must add no certainty"
    assert width(estimate) > 2 * width(bootstrap(values, ALONE))


def test_slices_weigh_alike_in_groups_of_different_size() -> None:
    assert bootstrap([1, 1, 1, 0], ["a", "a", "a", "b"]).value == 0.75


def test_the_order_of_slices_does_not_matter() -> None:
    groups = [str(i // 4) for i in range(400)]
    assert bootstrap(RIGHT[::-1], groups[::-1]) == bootstrap(RIGHT, groups)


def test_no_variation_gives_an_interval_of_no_width() -> None:
    assert bootstrap([1.0] * 10, ALONE[:10]) == Estimate(1.0, 1.0, 1.0)


def test_one_group_gives_no_interval() -> None:
    assert bootstrap([1.0, 0.0], ["a", "a"]) == Estimate(0.5, None, None)


@pytest.mark.parametrize(("values", "groups"), [([], []), ([1.0], []), ([1.0], ["a", "b"])])
def test_nothing_to_estimate_from_is_refused(values: list[float], groups: list[str]) -> None:
    with pytest.raises(ValueError, match="can't be estimated"):
        bootstrap(values, groups)


def test_percentiles() -> None:
    measured = percentiles(range(101))
    assert (measured.p50, measured.p90, measured.p99) == pytest.approx((50, 90, 99))


def test_the_median_of_rounds_and_its_interval() -> None:
    estimate = median_of_rounds([1.0, 2.0, 3.0, 4.0, 5.0] * 20)
    assert estimate.low is not None and estimate.high is not None
    assert estimate.value == 3 and 2 <= estimate.low <= 3 <= estimate.high <= 4
    assert median_of_rounds([2.0]).low is None


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1.0), (3, 3, 1.0), (0, 5, 0.0625), (5, 0, 0.0625), (1, 9, 0.021484375)]
)
def test_mcnemar_is_exact(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == p


def test_draws_follow_the_groups_and_each_takes_as_many() -> None:
    weights = group_weights(7)
    assert weights.shape == (RESAMPLES, 7)
    assert (weights.sum(axis=1) == 7).all() and (weights >= 0).all()
    assert group_weights(7) is weights, "two series over the same groups see the same draws"


def test_a_mean_of_means_weighs_all_alike() -> None:
    large = resample([1.0] * 90 + [0.0] * 10, ALONE[:100])
    small = resample([0.0] * 5 + [1.0] * 5, ALONE[:10])
    mean = mean_of([large, small])
    assert mean.value == pytest.approx((0.9 + 0.5) / 2)
    assert width(mean) < width(small.estimate)


def test_a_draw_that_allows_no_value_is_passed_over() -> None:
    draws = np.array([0.25, np.nan, 0.75, np.nan])
    estimate = Resampled(0.5, draws).estimate
    assert estimate.low is not None and estimate.high is not None
    assert 0.25 <= estimate.low < estimate.high <= 0.75


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(8, 8, 0.6756, 1.0), (0, 8, 0.0, 0.3244), (21, 22, 0.7820, 0.9919), (1, 1, 0.2065, 1.0)],
)
def test_few_patients_are_never_certain(count: int, of: int, low: float, high: float) -> None:
    """The bounds of published tables (Wilson 1927)."""
    found = wilson(count, of)
    assert found.value == count / of
    assert found.low == pytest.approx(low, abs=1e-3) and found.high == pytest.approx(high, abs=1e-3)
