"""What ``otak predict`` prints for people."""

from __future__ import annotations

from edge_app.classifier import Classifier, Prediction
from edge_app.languages import sentence
from edge_app.study import StudyPrediction
from edge_app.wording import (
    advice,
    capital,
    certainty,
    guess,
    headline,
    label_names,
    limitations,
    origin,
    percent,
    reasons,
    short_headline,
    slice_name,
    study_headline,
    study_notes,
    study_numbers,
    whole,
)

BAR = 24  # letters
SHOWN = 10  # slices of a study


def study_text(study: StudyPrediction, classifier: Classifier, language: str, whole: bool) -> str:
    """Returns what is said of a study; all of its slices and numbers where ``whole``."""
    names = label_names(classifier, language)
    lines = [study_headline(study, language), *(f"  {text}" for text in study_notes(study, language))]
    if whole:
        lines.append(f"  {study_numbers(study)}")
    read = [(each, each.decision) for each in study.slices if each.decision]
    shown = read if whole else read[:SHOWN]
    lines += [sentence(language, "study.order")] if shown else []
    for each, decision in shown:
        tumour = "" if each.tumour is None else percent(each.tumour)
        said = short_headline(decision, names, language)
        lines.append(f"  {tumour:>4}  {slice_name(each, language)}  {said}")
    if len(read) > len(shown):
        lines.append(f"  {sentence(language, 'study.more', count=len(read) - len(shown))}")
    return "\n".join([*lines, ""])


def slice_text(name: str, prediction: Prediction, classifier: Classifier, language: str) -> str:
    """Returns what is said of a slice."""
    names = label_names(classifier, language)
    width = max(map(len, names.values()))
    likely = certainty(prediction)
    said = headline(prediction, names, language) + (f", {likely}" if likely else "")
    notes = [*guess(prediction, names, language), *origin(prediction, language)]
    lines = [name, *(f"  {text}" for text in [said, *notes, *limitations(prediction, language)])]
    if prediction.label is not None:
        for label, probability in prediction.probabilities.items():
            bar = ("#" * round(BAR * probability)).ljust(BAR, ".")
            lines.append(f"  {capital(names[label]):{width}}  {bar}  {percent(probability):>4}")
    lines += [f"  {text}" for text in [*reasons(prediction, language), advice(prediction, language)]]
    spent = sentence(
        language,
        "cli.milliseconds",
        milliseconds=whole(sum(prediction.milliseconds.values())),
        model=classifier.file.path,
        runtime=classifier.runtime.name,
    )
    return "\n".join([*lines, f"  {spent}", ""])
