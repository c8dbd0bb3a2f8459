"""``otak predict``: what the model says of pictures and studies, for people and for programs."""

from __future__ import annotations

import argparse
import json
import sys

from edge_app.answer import answer_of, error_json, plain, study_answer_of
from edge_app.classifier import Classifier, Prediction
from edge_app.commands.terminal import add_model, classifier_of, complain, spoken
from edge_app.errors import ImageError
from edge_app.languages import sentence
from edge_app.sources import printable
from edge_app.study import StudyPrediction
from edge_app.wording import (
    advice,
    capital,
    certainty,
    guess,
    headline,
    label_names,
    limitations,
    numbers,
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


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a JPEG, PNG, WebP, BMP or DICOM of one slice"
    )
    parser.add_argument(
        "--study",
        action="store_true",
        help="read all files, folders and ZIP files that are named, and all frames, as one examination",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--explain", action="store_true", help="print every number behind the verdict too")


def run(arguments: argparse.Namespace) -> int:
    """Reads what is named; returns the exit code."""
    with classifier_of(arguments) as (classifier, _):
        code = (_predict_study if arguments.study else _predict)(arguments, classifier)
        sys.stdout.flush()
        return code


def _predict(arguments: argparse.Namespace, classifier: Classifier) -> int:
    language = spoken()
    code = 0
    for path in arguments.files:
        try:
            prediction = classifier.predict(path, printable(path))
        except ImageError as error:
            code = 1
            if arguments.json:
                print(json.dumps(error_json(error.code, error.sentence(language), path)), flush=True)
            else:
                complain(error.sentence(language))
            continue
        answer = answer_of(path, prediction, classifier)
        if arguments.json:
            print(json.dumps(plain(answer)), flush=True)
            continue
        print(_readable(printable(path), prediction, classifier, language))
        if arguments.explain:
            print("".join(f"  {line}\n" for line in numbers(answer)))
        sys.stdout.flush()
    if not arguments.json:
        print(sentence(language, "disclaimer"))
    return code


def _predict_study(arguments: argparse.Namespace, classifier: Classifier) -> int:
    language = spoken()
    try:
        study = classifier.predict_study(arguments.files)
    except ImageError as error:
        if arguments.json:
            print(json.dumps(error_json(error.code, error.sentence(language))))
        else:
            complain(error.sentence(language))
        return 1
    if arguments.json:
        print(json.dumps(plain(study_answer_of(study, classifier, language))))
    else:
        for each in study.slices:
            if each.error:
                complain(each.error.sentence(language))
        print(_readable_study(study, classifier, language, whole=arguments.explain))
        print(sentence(language, "disclaimer"))
    return int(study.counts.unreadable > 0 or not study.counts.judged)


def _readable_study(study: StudyPrediction, classifier: Classifier, language: str, whole: bool) -> str:
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


def _readable(name: str, prediction: Prediction, classifier: Classifier, language: str) -> str:
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
