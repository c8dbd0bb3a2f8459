"""What people are told of a prediction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_app.answer import answer_of
from edge_app.classifier import Classifier, Prediction
from edge_app.languages import LANGUAGES
from edge_app.verdict import NO_TUMOUR, Verdict
from edge_app.wording import (
    advice,
    headline,
    label_names,
    limitations,
    numbers,
    percent,
    printable,
    reasons,
    whole,
)


@pytest.mark.parametrize(
    ("verdict", "label", "language", "text"),
    [
        ("answer", "pituitary", "en", "Pituitary tumour"),
        ("answer", "pituitary", "id", "Tumor hipofisis"),
        ("unsure", "glioma", "en", "Most likely Glioma"),
        ("unsure", "glioma", "id", "Paling mungkin Glioma"),
        ("answer", NO_TUMOUR, "en", "No glioma, meningioma or pituitary tumour seen on this slice"),
        ("unsure", NO_TUMOUR, "en", "Most likely no glioma, meningioma or pituitary tumour on this slice"),
        ("refused", None, "en", "No answer"),
        ("refused", None, "id", "Tidak ada jawaban"),
    ],
)
def test_the_headline(
    classifier: Classifier,
    prediction: Prediction,
    verdict: Verdict,
    label: str | None,
    language: str,
    text: str,
) -> None:
    told = replace(prediction, verdict=verdict, label=label)
    assert headline(told, label_names(classifier, language), language) == text


def test_a_label_without_a_name_is_an_error(prediction: Prediction) -> None:
    with pytest.raises(KeyError):
        headline(replace(prediction, label="lymphoma"), {"glioma": "Glioma"}, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_tumour_is_never_called_health(classifier: Classifier, language: str) -> None:
    """Whatever the bundle calls it: the model knows three tumours."""
    names = label_names(classifier, language)
    assert list(names) == [label.name for label in classifier.bundle.labels]
    assert names[NO_TUMOUR] not in ("No tumour", "Tidak ada tumor")
    assert "tiga" in names[NO_TUMOUR] or "three" in names[NO_TUMOUR]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_outcome_has_its_own_advice(prediction: Prediction, language: str) -> None:
    outcomes = [
        replace(prediction, verdict="answer", label="glioma"),
        replace(prediction, verdict="answer", label=NO_TUMOUR),
        replace(prediction, verdict="unsure", label="glioma"),
        replace(prediction, verdict="refused", label=None),
    ]
    told = [advice(outcome, language) for outcome in outcomes]
    assert len(set(told)) == len(outcomes)
    # An unsure answer is treated alike, whatever its label.
    assert advice(replace(outcomes[2], label=NO_TUMOUR), language) == told[2]
    assert advice(replace(outcomes[0], label="pituitary"), language) == told[0]


@pytest.mark.parametrize("verdict", ["answer", "unsure"])
def test_what_is_not_looked_for_is_said_where_no_tumour_is_seen(
    prediction: Prediction, verdict: Verdict
) -> None:
    (text,) = limitations(replace(prediction, verdict=verdict, label=NO_TUMOUR), "en")
    assert "bleeding, stroke, infection" in text
    assert limitations(replace(prediction, verdict=verdict, label="glioma"), "en") == []


def test_every_reason_has_its_sentence_in_order(prediction: Prediction) -> None:
    told = reasons(replace(prediction, reasons=("low_confidence", "blurred")), "en")
    assert [text.split()[0:3] for text in told] == [["The", "model", "doesn't"], ["The", "picture", "is"]]
    assert reasons(replace(prediction, reasons=()), "en") == []
    with pytest.raises(KeyError):
        reasons(replace(prediction, reasons=("bored",)), "en")


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "<1%"),
        (0.0099, "<1%"),
        (0.01, "1%"),
        (0.5, "50%"),
        (0.99, "99%"),
        (0.9901, ">99%"),
        (1.0, ">99%"),
    ],
)
def test_percent_is_never_certain(probability: float, text: str) -> None:
    assert percent(probability) == text


@pytest.mark.parametrize(("milliseconds", "text"), [(0.0, "<1"), (0.99, "<1"), (1.0, "1"), (1234.6, "1235")])
def test_milliseconds_have_no_decimals(milliseconds: float, text: str) -> None:
    assert whole(milliseconds) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("irisan otak é 脳.jpg", "irisan otak é 脳.jpg"),
        ("\x1b[2J\n.jpg", "�[2J�.jpg"),
        ("a\u202egpj.exe", "a�gpj.exe"),  # would be read from right to left
        ("\udcff.jpg", "�.jpg"),  # a byte that is no text
        ("", ""),
    ],
)
def test_a_name_can_play_no_tricks(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_the_numbers_of_a_model_that_says_little(classifier: Classifier, prediction: Prediction) -> None:
    answer = replace(answer_of("a.jpg", prediction, classifier), in_distribution=None, thresholds=None)
    lines = {line[:15].strip(): line[17:] for line in numbers(answer)}
    assert list(lines) == [
        "probabilities",
        "in distribution",
        "quality",
        "thresholds",
        "milliseconds",
        "model",
    ]
    assert (lines["in distribution"], lines["thresholds"]) == ("none", "none")
    assert lines["probabilities"].count(",") == 3
    assert lines["model"] == f"temperature 1.000000, sha256 {classifier.file.sha256}"
