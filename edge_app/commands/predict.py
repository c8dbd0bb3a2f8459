"""``otak predict``: what the model says of pictures and studies, for people and for programs."""

from __future__ import annotations

import argparse
import glob
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from edge_app.answer import answer_of, error_json, plain, slice_answer_of, study_answer_of
from edge_app.classifier import Classifier, Prediction, study_slice
from edge_app.commands.heatmaps import Heatmaps
from edge_app.commands.progress import Progress
from edge_app.commands.readable import slice_text, study_text
from edge_app.commands.table import head, row
from edge_app.commands.terminal import add_model, classifier_of, say, spoken
from edge_app.errors import ImageError
from edge_app.languages import sentence
from edge_app.parallel import in_order
from edge_app.reading import SHOWN_SIDE
from edge_app.sources import SliceSource, files_of, slices_of
from edge_app.study import StudyPrediction, StudySlice, study_of
from edge_app.wording import numbers

Outcome = Prediction | ImageError


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument("files", nargs="+", metavar=say("cli.metavar.path"), help=say("cli.help.files"))
    parser.add_argument("--study", action="store_true", help=say("cli.help.study"))
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help=say("cli.help.json"))
    shown.add_argument("--csv", action="store_true", help=say("cli.help.csv"))
    parser.add_argument("--explain", action="store_true", help=say("cli.help.explain"))
    parser.add_argument(
        "--heatmap", metavar=say("cli.metavar.folder"), type=Path, help=say("cli.help.heatmap")
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads what is named; returns the exit code."""
    heatmaps = None if arguments.heatmap is None else Heatmaps(arguments.heatmap)
    with classifier_of(arguments) as (classifier, workers):
        read = _Reading(classifier, workers.count, heatmaps, Progress(alone=arguments.study))
        code = (_predict_study if arguments.study else _predict)(arguments, read)
        sys.stdout.flush()
        return code


class _Reading:
    """Reads slices, as many at a time as there are workers, and draws their heatmaps."""

    def __init__(
        self, classifier: Classifier, threads: int, heatmaps: Heatmaps | None, progress: Progress
    ) -> None:
        self.classifier = classifier
        self.progress = progress
        self._threads = threads
        self._heatmaps = heatmaps

    def outcomes(self, slices: Iterable[SliceSource]) -> Iterator[tuple[SliceSource, Outcome]]:
        with self.progress:
            read = partial(self.classifier.predict_slice, side=0 if self._heatmaps is None else SHOWN_SIDE)
            for each, outcome in in_order(read, slices, self._threads):
                if self._heatmaps is not None and isinstance(outcome, Prediction):
                    self._heatmaps.draw(each.name, each.frame, outcome)
                self.progress.step(isinstance(outcome, ImageError))
                yield each, outcome


def _predict(arguments: argparse.Namespace, read: _Reading) -> int:
    show = _shown(arguments, read)
    failed = False
    for each, outcome in read.outcomes(files_of(_expanded(arguments.files))):
        failed = failed or isinstance(outcome, ImageError)
        show(each, outcome)
        sys.stdout.flush()
    if not (arguments.json or arguments.csv):
        print(say("disclaimer"))
    return int(failed)


def _shown(arguments: argparse.Namespace, read: _Reading) -> Callable[[SliceSource, Outcome], None]:
    """Returns what prints each outcome."""
    classifier, progress, language = read.classifier, read.progress, spoken()

    def show_json(each: SliceSource, outcome: Outcome) -> None:
        if isinstance(outcome, ImageError):
            print(json.dumps(error_json(outcome.code, outcome.sentence(language), each.name)))
        else:
            print(json.dumps(plain(answer_of(each.name, outcome, classifier))))

    def show_row(each: SliceSource, outcome: Outcome) -> None:
        told = slice_answer_of(study_slice(each, outcome), language)
        if isinstance(outcome, ImageError):
            print(row(told, None, classifier), end="")
        else:
            print(row(told, outcome.frame if outcome.frames > 1 else None, classifier), end="")

    def show_text(each: SliceSource, outcome: Outcome) -> None:
        if isinstance(outcome, ImageError):
            progress.complain(outcome.sentence(language))
            return
        print(slice_text(each.name, outcome, classifier, language))
        if arguments.explain:
            lines = numbers(answer_of(each.name, outcome, classifier))
            print("".join(f"  {line}\n" for line in lines))

    if arguments.csv:
        print(head(classifier), end="")
    return show_json if arguments.json else show_row if arguments.csv else show_text


def _predict_study(arguments: argparse.Namespace, read: _Reading) -> int:
    language, classifier = spoken(), read.classifier
    try:
        slices = slices_of(_expanded(arguments.files), classifier.reader.count_frames)
        outcomes = read.outcomes(slices)
        study = study_of((study_slice(*outcome) for outcome in outcomes), classifier.bundle.study)
    except ImageError as error:
        if arguments.json:
            print(json.dumps(error_json(error.code, error.sentence(language))))
        else:
            read.progress.complain(error.sentence(language))
        return 1
    _show_study(arguments, study, read)
    return int(study.counts.unreadable > 0 or not study.counts.judged)


def _show_study(arguments: argparse.Namespace, study: StudyPrediction, read: _Reading) -> None:
    language, classifier = spoken(), read.classifier
    if arguments.json:
        print(json.dumps(plain(study_answer_of(study, classifier, language))))
    elif arguments.csv:
        print(
            head(classifier),
            *(_study_row(each, classifier, language) for each in study.slices),
            sep="",
            end="",
        )
    else:
        for each in study.slices:
            if each.error:
                read.progress.complain(each.error.sentence(language))
        print(study_text(study, classifier, language, whole=arguments.explain))
        print(sentence(language, "disclaimer"))


def _study_row(each: StudySlice, classifier: Classifier, language: str) -> str:
    return row(slice_answer_of(each, language), each.frame, classifier)


def _expanded(paths: list[str]) -> Iterator[str]:
    """Yields paths; those with wildcards that no shell has replaced, by what they stand for."""
    for path in paths:
        pattern = glob.has_magic(path) and not os.path.lexists(path)
        # Path.glob takes no absolute ones, and those that stand for nothing are told as missing.
        yield from (sorted(glob.glob(path, recursive=True)) if pattern else []) or [path]  # noqa: PTH207
