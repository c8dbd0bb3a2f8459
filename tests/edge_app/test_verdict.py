from __future__ import annotations

import json

import pytest

from edge_app.bundle import Thresholds
from edge_app.languages import LANGUAGES, sentence
from edge_app.quality import Quality
from edge_app.verdict import decide
from tests.edge_app.make_golden import GOLDEN, verdicts
from tests.edge_app.qualities import GOOD

CALIBRATED = Thresholds(unsure=0.8, no_tumour=0.9, refused=0.5)


def answers(label: str, probability: float) -> dict[str, float]:
    names = ("glioma", "meningioma", "no_tumor", "pituitary")
    return {name: probability if name == label else (1 - probability) / 3 for name in names}


def test_a_sure_answer_is_given() -> None:
    assert decide(answers("glioma", 0.85), 0.9, GOOD, CALIBRATED) == ("answer", ())


def test_a_less_sure_one_is_unsure() -> None:
    assert decide(answers("glioma", 0.7), 0.9, GOOD, CALIBRATED) == ("unsure", ("low_confidence",))


def test_no_tumour_must_be_surer() -> None:
    assert decide(answers("no_tumor", 0.85), 0.9, GOOD, CALIBRATED) == ("unsure", ("tumour_not_excluded",))
    assert decide(answers("no_tumor", 0.95), 0.9, GOOD, CALIBRATED) == ("answer", ())


def test_what_is_no_brain_is_refused_however_sure_the_answer() -> None:
    assert decide(answers("glioma", 0.99), 0.4, GOOD, CALIBRATED) == ("refused", ("no_brain_mri",))


def test_colour_is_refused() -> None:
    photograph = Quality(**(vars(GOOD) | {"colour": 40}))
    assert decide(answers("glioma", 0.99), 0.9, photograph, CALIBRATED) == ("refused", ("colour",))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lines": 8}, "screenshot"),
        ({"bar": 45}, "screenshot"),
        ({"halves": 26}, "several_slices"),
        ({"gutter": 31}, "several_slices"),
        ({"aspect": 161}, "several_slices"),
        ({"aspect": 52}, "several_slices"),
        ({"gutter": 0, "colour": 40, "lines": 12}, "screenshot"),
    ],
)
def test_what_is_no_single_slice_is_refused(change: dict[str, int], reason: str) -> None:
    picture = Quality(**(vars(GOOD) | change))
    assert decide(answers("glioma", 0.99), 0.9, picture, CALIBRATED) == ("refused", (reason,))


def test_a_note_changes_no_verdict() -> None:
    blurred = Quality(**(vars(GOOD) | {"sharpness": 30}))
    assert decide(answers("glioma", 0.85), 0.9, blurred, CALIBRATED) == ("answer", ("blurred",))
    assert decide(answers("glioma", 0.7), 0.9, blurred, CALIBRATED)[1] == ("low_confidence", "blurred")


@pytest.mark.parametrize("colour", [0, 90])
@pytest.mark.parametrize("label", ["glioma", "no_tumor"])
def test_without_thresholds_nothing_is_answered_for_sure(colour: int, label: str) -> None:
    picture = Quality(**(vars(GOOD) | {"colour": colour}))
    assert decide(answers(label, 0.999), 1.0, picture, None) == ("unsure", ("uncalibrated",))
    blurred = Quality(**(vars(picture) | {"sharpness": 30}))
    assert decide(answers(label, 0.999), 1.0, blurred, None)[1] == ("uncalibrated", "blurred")


def test_a_model_that_can_t_tell_refuses_by_colour_alone() -> None:
    thresholds = Thresholds(unsure=0.8, no_tumour=0.9, refused=0.0)
    assert decide(answers("glioma", 0.85), None, GOOD, thresholds) == ("answer", ())
    photograph = Quality(**(vars(GOOD) | {"colour": 40}))
    assert decide(answers("glioma", 0.99), None, photograph, thresholds) == ("refused", ("colour",))


def test_a_slice_on_its_side_gets_no_answer() -> None:
    thresholds = Thresholds(unsure=0.8, no_tumour=0.9, refused=0.0)
    turned = Quality(**(vars(GOOD) | {"mirror": 120, "aspect": 110}))
    assert decide(answers("glioma", 0.99), None, turned, thresholds) == ("unsure", ("turned",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_sentence(language: str) -> None:
    codes = (
        "colour",
        "screenshot",
        "several_slices",
        "no_brain_mri",
        "low_confidence",
        "tumour_not_excluded",
        "uncalibrated",
    )
    for code in (*codes, "small", "cropped", "blurred", "photographed", "turned"):
        assert sentence(language, f"reason.{code}")


def test_golden_verdicts() -> None:
    assert json.loads(GOLDEN.read_text())["verdicts"] == verdicts()
