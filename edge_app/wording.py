"""What people are told of a prediction, the same on the command line and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from edge_app.answer import Answer
from edge_app.bundle import Label
from edge_app.classifier import Classifier, Prediction
from edge_app.languages import sentence, sentences
from edge_app.study import StudyPrediction, StudySlice
from edge_app.verdict import LIMITS, NO_TUMOUR, Decision


def numbers(answer: Answer) -> list[str]:
    """Returns every number behind a verdict, a line for each kind."""
    thresholds = {} if answer.thresholds is None else asdict(answer.thresholds) | LIMITS
    kinds = {
        "probabilities": answer.probabilities,
        "in distribution": {} if answer.in_distribution is None else {"brain MRI": answer.in_distribution},
        "quality": asdict(answer.quality),
        "thresholds": thresholds,
        "milliseconds": asdict(answer.milliseconds),
        "model": {"temperature": answer.model.temperature, "sha256": answer.model.sha256},
    }
    return [_numbers(kind, values) for kind, values in kinds.items()]


def headline(prediction: Decision, names: dict[str, str], language: str) -> str:
    """Returns the answer in a few words.

    Args:
        prediction: To be told, or what is left of one.
        names: What each label is called, from ``label_names``.
        language: ``en`` or ``id``.
    """
    if prediction.verdict != "answer" or prediction.label is None:
        return sentence(language, f"verdict.{prediction.verdict}")
    if prediction.label == NO_TUMOUR:
        return sentence(language, f"verdict.answer.{NO_TUMOUR}")
    return capital(names[prediction.label])


def short_headline(prediction: Decision, names: dict[str, str], language: str) -> str:
    """Returns the answer in the fewest words, for lists; arguments as of ``headline``."""
    label = prediction.label
    if prediction.verdict == "answer" and label is not None:
        return capital(names[label])
    if prediction.verdict == "unsure" and label is not None and label != NO_TUMOUR:
        return sentence(language, "verdict.unsure.short", label=names[label])
    return headline(prediction, names, language)


def certainty(prediction: Decision) -> str:
    """Returns the percentage that stands beside the headline; empty where there is no answer."""
    if prediction.verdict != "answer" or prediction.label is None:
        return ""
    return percent(prediction.probabilities[prediction.label])


def guess(prediction: Decision, names: dict[str, str], language: str) -> list[str]:
    """Returns what is most probable where that is no answer; arguments as of ``headline``."""
    if prediction.verdict != "unsure" or prediction.label is None:
        return []
    likely = percent(prediction.probabilities[prediction.label])
    return [sentence(language, "verdict.guess", label=names[prediction.label], percent=likely)]


def origin(prediction: Prediction, language: str) -> list[str]:
    """Returns which frame of the file was read, where it has more than one."""
    if prediction.frames == 1:
        return []
    return [sentence(language, "frame", frame=prediction.frame + 1, frames=prediction.frames)]


def limitations(prediction: Decision, language: str) -> list[str]:
    """Returns what Otak doesn't look for, where the answer could be taken for a healthy brain."""
    return [sentence(language, f"limitation.{NO_TUMOUR}")] if prediction.label == NO_TUMOUR else []


def advice(prediction: Decision, language: str) -> str:
    """Returns what to do next."""
    kind: str = prediction.verdict
    if kind == "answer":
        kind = "no_tumour" if prediction.label == NO_TUMOUR else "tumour"
    return sentence(language, f"next.{kind}")


def reasons(prediction: Decision, language: str) -> list[str]:
    """Returns a sentence for each reason."""
    return [sentence(language, f"reason.{reason}") for reason in prediction.reasons]


def study_headline(study: StudyPrediction, language: str) -> str:
    """Returns what is said of a study in a few words; never that it shows no tumour."""
    counts = study.counts
    return sentence(language, f"study.{_kind(study)}", count=counts.suspicious, slices=counts.judged)


def study_notes(study: StudyPrediction, language: str) -> list[str]:
    """Returns what belongs to a study's headline: the counts, what isn't said by it, and what to do next."""
    counts, kind = study.counts, _kind(study)
    notes = [sentence(language, "study.counts", **asdict(counts))]
    if left_out := counts.refused + counts.unreadable:
        notes.append(sentence(language, "study.incomplete", count=left_out))
    labels = {each.decision.label for each in study.slices if each.decision}
    if study.suspicious is False or NO_TUMOUR in labels:
        notes.append(sentence(language, f"limitation.{NO_TUMOUR}"))
    return [*notes, sentence(language, f"study.next.{kind}")]


def study_numbers(study: StudyPrediction) -> str:
    """Returns the numbers behind a study's headline, a line as of ``numbers``."""
    values = {} if study.rule is None else asdict(study.rule)
    if study.score is not None:
        values["score"] = study.score
    return _numbers("study", values)


def slice_name(each: StudySlice, language: str) -> str:
    """Returns what a slice is called: its file, and which frame of it, counted from 1 as viewers do."""
    if each.frame is None:
        return each.name
    return sentence(language, "study.frame", name=each.name, frame=each.frame + 1)


def label_names(classifier: Classifier, language: str) -> dict[str, str]:
    """Returns what each label is called inside a sentence of a language."""
    return {label.name: label_name(label, language) for label in classifier.bundle.labels}


def label_name(label: Label, language: str) -> str:
    """Returns what a label is called inside a sentence of a language."""
    # Bundles say "No tumour", which is more than a model of three tumours can tell.
    told = sentences(language).get(f"label.{label.name}")
    return told or str(getattr(label, language))


def capital(text: str) -> str:
    """Returns a text as it begins a line."""
    return text[:1].upper() + text[1:]


def percent(probability: float) -> str:
    """Returns whole percent, which never claim to be certain."""
    if probability < 0.01:
        return "<1%"
    if probability > 0.99:
        return ">99%"
    return f"{probability:.0%}"


def whole(milliseconds: float) -> str:
    """Returns milliseconds without decimals, which each language would write its own way."""
    return "<1" if milliseconds < 1 else f"{milliseconds:.0f}"


def _kind(study: StudyPrediction) -> str:
    if not study.counts.judged:
        return "unjudged"
    if study.rule is None:
        return "uncalibrated"
    if study.suspicious:
        return "suspicious"
    # Fewer slices than the rule wants: the study isn't suspicious, and yet they must be seen.
    return "few" if study.counts.suspicious else "inconspicuous"


def _numbers(kind: str, values: Mapping[str, float | str]) -> str:
    return f"{kind:15}  {', '.join(f'{name} {_number(value)}' for name, value in values.items()) or 'none'}"


def _number(value: float | str) -> str:
    return f"{value:.6f}" if isinstance(value, float) else str(value)
