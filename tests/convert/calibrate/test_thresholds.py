import numpy as np
import pytest
from numpy.typing import NDArray

from convert.calibrate.thresholds import choose, upper_bound
from evaluation.labels import NAMES, NO_TUMOUR_INDEX


def answers(
    truth: list[int], said: list[int], confidence: list[float]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    probabilities = np.repeat((1 - np.array(confidence, np.float32))[:, None] / 3, len(NAMES), axis=1)
    probabilities[np.arange(len(said)), said] = confidence
    return probabilities.astype(np.float32), np.array(truth)


def test_no_tumour_must_be_surer_than_any_overlooked_tumour() -> None:
    tumour = (NO_TUMOUR_INDEX + 1) % len(NAMES)
    truth = [tumour] * 201 + [NO_TUMOUR_INDEX] * 100
    said = [tumour] * 200 + [NO_TUMOUR_INDEX] * 101
    probabilities, true = answers(truth, said, [0.95] * 200 + [0.9004] + [0.99] * 100)
    chosen = choose(probabilities, true, None).thresholds
    assert 0.9 < chosen.no_tumour <= 0.99
    assert chosen.unsure <= 0.95
    assert chosen.refused == 0


def test_wrong_answers_are_kept_back_and_right_ones_given() -> None:
    tumour = (NO_TUMOUR_INDEX + 1) % len(NAMES)
    wrong = (NO_TUMOUR_INDEX + 2) % len(NAMES)
    truth = [tumour] * 300
    said = [tumour] * 280 + [wrong] * 20
    probabilities, true = answers(truth, said, [0.9] * 280 + [0.6] * 20)
    choice = choose(probabilities, true, np.linspace(0, 1, 300, dtype=np.float32))
    chosen = choice.thresholds
    assert choice.wrong == 0.02
    assert 0.6 < chosen.unsure <= 0.9
    assert chosen.refused == pytest.approx(0.004, abs=0.002)


def test_a_net_that_is_surely_wrong_hardly_answers() -> None:
    tumour, wrong = (NO_TUMOUR_INDEX + 1) % len(NAMES), (NO_TUMOUR_INDEX + 2) % len(NAMES)
    probabilities, true = answers([tumour] * 50, [wrong] * 50, [0.99] * 50)
    assert choose(probabilities, true, None).thresholds.unsure == pytest.approx(0.999)


def test_a_patient_that_is_surely_wrong_does_not_silence_all_others() -> None:
    tumour, wrong = (NO_TUMOUR_INDEX + 1) % len(NAMES), (NO_TUMOUR_INDEX + 2) % len(NAMES)
    said = [wrong] * 6 + [tumour] * 194
    probabilities, true = answers([tumour] * 200, said, [0.99] * 6 + [0.9] * 194)
    choice = choose(probabilities, true, None)
    assert choice.wrong == 0.04
    assert choice.thresholds.unsure < 0.9


def test_few_slices_prove_little() -> None:
    assert upper_bound(0, 0) == 1
    assert upper_bound(0, 10) > upper_bound(0, 1000) > 0
    assert upper_bound(3, 3) == 1
