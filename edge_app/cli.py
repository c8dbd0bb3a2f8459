"""The ``otak`` command: ``predict`` for pictures and studies, ``serve`` and ``page`` for the page."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import edge_app
from edge_app.answer import answer_of, error_json, plain, study_answer_of
from edge_app.bundle import PRECISIONS, Bundle
from edge_app.classifier import SHIPPED, Classifier, Prediction
from edge_app.errors import BundleError, ImageError, OtakError
from edge_app.languages import LANGUAGES, sentence
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
from edge_app.workers import Workers

BAR = 24  # letters
SHOWN = 10  # slices of a study


def main() -> int:
    """Runs the command line.

    Returns:
        The exit code: 0; 1 where a picture couldn't be read, no slice of a study could be judged, or the
        server couldn't start; 2 for wrong arguments or a bad bundle; 130 after Ctrl-C; 141 where nobody reads
        the output any longer.
    """
    arguments = _parser().parse_args()
    # A file name may hold bytes that no encoding prints.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        if arguments.command == "page":
            return _page(arguments)
        # Workers start while the model is loaded.
        with Workers() as workers:
            with _quiet_interpreter():
                classifier = Classifier.load(arguments.bundle, arguments.precision, reader=workers)
            if arguments.command == "serve":
                return _serve(arguments, classifier, workers)
            code = (_predict_study if arguments.study else _predict)(arguments, classifier)
            sys.stdout.flush()
            return code
    except BundleError as error:
        _complain(str(error))
        return 2
    except OtakError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Python flushes once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="otak",
        description="Tells glioma, meningioma, pituitary tumour or none of them from a slice of a brain MRI.",
        epilog=sentence("en", "disclaimer"),
    )
    parser.add_argument("--version", action="version", version=f"otak {edge_app.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    bundle = argparse.ArgumentParser(add_help=False)
    bundle.add_argument("--bundle", metavar="DIR", help="folder of the bundle (default: the one that ships)")
    common = argparse.ArgumentParser(add_help=False, parents=[bundle])
    common.add_argument("--precision", choices=PRECISIONS, help="which of its files (default: its choice)")

    predict = commands.add_parser("predict", parents=[common], help="read pictures", epilog=parser.epilog)
    predict.add_argument(
        "files", nargs="+", metavar="FILE", help="a JPEG, PNG, WebP, BMP or DICOM of one slice"
    )
    predict.add_argument(
        "--study",
        action="store_true",
        help="read all files, folders and ZIP files that are named, and all frames, as one examination",
    )
    predict.add_argument("--json", action="store_true", help="print one JSON object a line")
    predict.add_argument("--explain", action="store_true", help="print every number behind the verdict too")

    serve = commands.add_parser("serve", parents=[common], help="serve the page", epilog=parser.epilog)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument(
        "--port", type=_port, default=8000, help="port, 0 for any free one (default: %(default)s)"
    )

    page = commands.add_parser(
        "page", parents=[bundle], help="write the page as one file, for phones", epilog=parser.epilog
    )
    page.add_argument("--out", required=True, metavar="FILE", help="for example otak.html")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _predict(arguments: argparse.Namespace, classifier: Classifier) -> int:
    language = _language()
    code = 0
    for path in arguments.files:
        try:
            prediction = classifier.predict(path, printable(path))
        except ImageError as error:
            code = 1
            if arguments.json:
                print(json.dumps(error_json(error.code, error.sentence(language), path)), flush=True)
            else:
                _complain(error.sentence(language))
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
    language = _language()
    try:
        study = classifier.predict_study(arguments.files)
    except ImageError as error:
        if arguments.json:
            print(json.dumps(error_json(error.code, error.sentence(language))))
        else:
            _complain(error.sentence(language))
        return 1
    if arguments.json:
        print(json.dumps(plain(study_answer_of(study, classifier, language))))
    else:
        for each in study.slices:
            if each.error:
                _complain(each.error.sentence(language))
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


def _serve(arguments: argparse.Namespace, classifier: Classifier, workers: Workers) -> int:
    from edge_app.serve.app import create_app
    from edge_app.serve.http import Server

    try:
        # One more than may wait, so that the next is turned away at once.
        server = Server(create_app(classifier), arguments.host, arguments.port, threads=workers.places + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        _complain(
            f"can't listen on {arguments.host} port {arguments.port} ({reason}); "
            "stop what uses it, or choose another with --host and --port."
        )
        return 1
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    print(f"Otak is at http://{host}:{server.port}/ (Ctrl-C stops it).", flush=True)
    server.run()
    return 0


def _page(arguments: argparse.Namespace) -> int:
    from edge_app.single_file import single_file

    try:
        text = single_file(Bundle.load(arguments.bundle or SHIPPED))
        size = Path(arguments.out).write_text(text, encoding="utf-8")
    except OSError as error:
        _complain(f"can't write {arguments.out} ({error.strerror}); choose another place with --out.")
        return 1
    print(f"{arguments.out}: {size / 1e6:.1f} MB; send it to a phone and open it there.")
    return 0


def _complain(text: str) -> None:
    # Nobody may be reading.
    with suppress(BrokenPipeError):
        print(f"otak: {text}", file=sys.stderr, flush=True)


def _language() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            language = value.partition("_")[0].partition(".")[0]
            return language if language in LANGUAGES else "en"
    return "en"


@contextmanager
def _quiet_interpreter() -> Iterator[None]:
    """Hides the line that LiteRT's C++ writes to stderr on loading; it has no switch for it."""
    kept = os.dup(2)
    hidden = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(hidden, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(hidden)


if __name__ == "__main__":
    sys.exit(main())
