"""What people are told of a prediction."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from edge_app.answer import answer_of
from edge_app.bundle import Label, StudyRule
from edge_app.classifier import Classifier, Prediction
from edge_app.errors import UnreadableImage
from edge_app.languages import LANGUAGES, sentence
from edge_app.study import StudySlice, study_of
from edge_app.verdict import NO_TUMOUR, Verdict
from edge_app.wording import (
    advice,
    certainty,
    guess,
    headline,
    label_names,
    limitations,
    numbers,
    percent,
    reasons,
    short_headline,
    slice_name,
    study_headline,
    study_notes,
    whole,
)

UNSURE = {
    "en": "Not certain: a tumour is not ruled out",
    "id": "Belum pasti: tumor belum dapat disingkirkan",
}


@pytest.mark.parametrize(
    ("verdict", "label", "language", "text"),
    [
        ("answer", "pituitary", "en", "Pituitary tumour"),
        ("answer", "pituitary", "id", "Tumor hipofisis (pituitari)"),
        ("unsure", "glioma", "en", UNSURE["en"]),
        ("unsure", "glioma", "id", UNSURE["id"]),
        ("answer", NO_TUMOUR, "en", "No glioma, meningioma or pituitary tumour seen on this slice"),
        ("unsure", NO_TUMOUR, "en", UNSURE["en"]),
        ("unsure", NO_TUMOUR, "id", UNSURE["id"]),
        ("refused", None, "en", "Not assessable"),
        ("refused", None, "id", "Tidak dapat dinilai"),
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


@pytest.mark.parametrize(
    ("verdict", "label", "language", "text"),
    [
        ("answer", "pituitary", "en", "Pituitary tumour"),
        ("unsure", "pituitary", "en", "Not certain, possibly pituitary tumour"),
        ("unsure", "glioma", "id", "Belum pasti, mungkin glioma"),
        ("answer", NO_TUMOUR, "en", "None of the three tumours seen"),
        ("unsure", NO_TUMOUR, "id", UNSURE["id"]),
        ("refused", None, "id", "Tidak dapat dinilai"),
    ],
)
def test_the_headline_of_lists(
    classifier: Classifier,
    prediction: Prediction,
    verdict: Verdict,
    label: str | None,
    language: str,
    text: str,
) -> None:
    told = replace(prediction, verdict=verdict, label=label)
    assert short_headline(told, label_names(classifier, language), language) == text


def test_an_answer_has_its_percentage_and_an_unsure_one_a_guess(
    classifier: Classifier, prediction: Prediction
) -> None:
    names = label_names(classifier, "en")
    likely = replace(prediction, label="glioma", probabilities={"glioma": 0.61, NO_TUMOUR: 0.39})
    assert (certainty(likely), guess(likely, names, "en")) == ("61%", [])
    unsure = replace(likely, verdict="unsure")
    assert (certainty(unsure), guess(unsure, names, "en")) == ("", ["Most probable: glioma, 61%"])
    none = replace(unsure, label=NO_TUMOUR)
    assert guess(none, names, "en") == ["Most probable: none of the three tumours seen, 39%"]
    refused = replace(likely, verdict="refused", label=None)
    assert (certainty(refused), guess(refused, names, "en")) == ("", [])


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
def test_a_label_that_no_sentence_names_is_told_as_its_bundle_does(
    classifier: Classifier, language: str
) -> None:
    cyst = Label("cyst", "Cyst", "Kista")
    other = copy(classifier)
    other.bundle = replace(classifier.bundle, labels=(cyst, *classifier.bundle.labels))
    names = label_names(other, language)
    assert names["cyst"] == getattr(cyst, language)
    assert names["glioma"] == "glioma"


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("tumours", "rule", "kind"),
    [
        ((0.99, 0.99, 0.1, 0.1, 0.1), StudyRule(rank=2, threshold=0.9), "suspicious"),
        ((0.99, 0.2, 0.1, 0.1, 0.1), StudyRule(rank=2, threshold=0.9), "few"),
        ((0.3, 0.2, 0.1, 0.1, 0.1), StudyRule(rank=2, threshold=0.9), "inconspicuous"),
        ((0.99,), None, "uncalibrated"),
        ((), StudyRule(rank=2, threshold=0.9), "unjudged"),
        ((), None, "unjudged"),
    ],
)
def test_what_is_said_of_a_study(
    prediction: Prediction, language: str, tumours: tuple[float, ...], rule: StudyRule | None, kind: str
) -> None:
    unsure = replace(prediction.decision, verdict="unsure")
    decisions = [replace(unsure, probabilities={"glioma": value, NO_TUMOUR: 1 - value}) for value in tumours]
    slices = [StudySlice(name="a", frame=None, decision=each, error=None) for each in decisions]
    study = study_of(slices, rule)
    counts = {"count": study.counts.suspicious, "slices": len(tumours)}
    assert study_headline(study, language) == sentence(language, f"study.{kind}", **counts)
    notes = study_notes(study, language)
    assert notes[-1] == sentence(language, f"study.next.{kind}")
    limited = sentence(language, f"limitation.{NO_TUMOUR}") in notes
    assert limited == (kind in ("few", "inconspicuous"))
    assert sentence(language, f"label.{NO_TUMOUR}") not in " ".join([study_headline(study, language), *notes])


def test_a_study_that_names_no_tumour_says_what_it_does_not_look_for(prediction: Prediction) -> None:
    decision = replace(prediction.decision, label=NO_TUMOUR)
    study = study_of([StudySlice(name="a", frame=None, decision=decision, error=None)], None)
    assert sentence("en", f"limitation.{NO_TUMOUR}") in study_notes(study, "en")


def test_what_was_not_judged_is_told(prediction: Prediction) -> None:
    error = UnreadableImage("empty", name="b")
    verdicts: tuple[Verdict, ...] = ("answer", "refused", "refused")
    slices = [
        StudySlice(name="a", frame=None, decision=replace(prediction.decision, verdict=verdict), error=None)
        for verdict in verdicts
    ]
    study = study_of([*slices, StudySlice(name="b", frame=None, decision=None, error=error)], None)
    counts, left_out, _ = study_notes(study, "en")
    assert counts == "Slices: 4. Answered: 1, not certain: 0, not assessable: 2, unreadable: 1."
    assert left_out.startswith("Not judged: 3.")


def test_a_frame_is_counted_from_one() -> None:
    many = StudySlice(name="a.dcm", frame=0, decision=None, error=None)
    assert slice_name(many, "en") == "a.dcm, frame 1"
    assert slice_name(replace(many, frame=None), "en") == "a.dcm"
