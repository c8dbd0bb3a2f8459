"""``python -m benchmarks``: accuracy, latency and size of every file of some bundles, and reports of them."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import util
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from benchmarks.measure import browser, latency, mlperf, models, predictions, reference, sample_images
from benchmarks.measure.models import Candidate
from benchmarks.report import compare, records, results, tables
from edge_app.errors import OtakError

WIDTH = 190  # of tables where the output is no terminal
ROOT = Path(__file__).parents[1]
# What ships, and what the paper compares with.
BUNDLES = (ROOT / "edge_app" / "models", ROOT / "benchmarks" / "baselines" / "mobilenetv2")
STRIDE = 10  # --quick asks about one slice in so many
MEASURING = {
    "accuracy": "how right every file is, on the test part that its bundle names",
    "latency": "how long a picture takes in every runtime, and what it costs; labels are not needed",
    "mlperf": "SingleStream as MLPerf's load generator measures it (pip install mlcommons-loadgen)",
    "browser": "how long the page takes in a headless Chromium, and whether it answers as Python does",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    Returns:
        0; 1 where ``compare`` found a limit passed; 2 on an error; 130 when interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] == "trust":
        # Its libraries, of the workshop, need not be there to time a bundle.
        from benchmarks import trust

        return trust.main(words[1:])
    command = shlex.join(["python", "-m", "benchmarks", *words])
    try:
        if words and words[0] == "compare":
            return compare.main(words[1:])
        if words and words[0] == "report":
            _report(words[1:])
        elif words and words[0] in MEASURING:
            _measure(words[0], words[1:], command)
        else:
            _measure("", words, command)
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on with what is finished.", file=sys.stderr)
        return 130
    return 0


def _measure(what: str, words: list[str], command: str) -> None:
    options = _parser(what).parse_args(words)
    subjects = models.load(options.bundle or BUNDLES)
    steps = [what] if what else _feasible(subjects, options.data)
    parts: Path = options.out / "parts"
    for step in steps:
        STEPS[step](subjects, options, parts, command)
    if parts.is_dir():
        shutil.rmtree(parts)
    _write_report(options.out, None)


def _feasible(subjects: list[Candidate], data: Path | None) -> list[str]:
    """Chooses what the bare command measures: without labelled slices no accuracy."""
    if data is None or not _slices(subjects, data):
        print("No labelled slices of the test part; latency alone is measured.", file=sys.stderr)
        return ["latency"]
    optional = {"mlperf": mlperf.installed(), "browser": browser.missing() is None}
    return ["accuracy", "latency", *(name for name, there in optional.items() if there)]


def _slices(subjects: list[Candidate], data: Path) -> list[Path]:
    """Returns the slices of the test part that lie in a folder."""
    for each in subjects:
        if each.trained and (each.bundle.folder / "reference.csv").is_file():
            return [
                path
                for slice_ in reference.read(each.bundle).slices
                if (path := data / slice_.path).is_file()
            ]
    return []


def _accuracy(subjects: list[Candidate], options: argparse.Namespace, parts: Path, command: str) -> None:
    stride = STRIDE if options.quick else 1
    with _progress() as progress:
        test_part, answers = predictions.ask_all(subjects, options.data, parts, stride, progress)
    predictions.write(options.out / results.ANSWERS, answers)
    results.keep(options.out, results.AccuracyPart(results.occasion(subjects, command), test_part))


def _latency(subjects: list[Candidate], options: argparse.Namespace, parts: Path, command: str) -> None:
    effort = latency.Effort(128, 2, (1,)) if options.quick else latency.Effort()
    if options.data is None:
        chosen, origin = sample_images.draw(parts / "pictures"), "drawn, 512 x 512 JPEG"
    else:
        chosen = sample_images.choose(options.data, _slices(subjects, options.data))
        origin = f"{len(chosen)} of {options.data.resolve().name}"
    python = options.tflite_runtime and options.tflite_runtime.absolute()
    with _progress() as progress:
        result = latency.measure(subjects, chosen, origin, parts, effort, python, progress)
    results.keep(options.out, results.LatencyPart(results.occasion(subjects, command), result))


def _mlperf(subjects: list[Candidate], options: argparse.Namespace, parts: Path, command: str) -> None:
    effort = mlperf.Effort(128, 1, STRIDE) if options.quick else mlperf.Effort()
    with _progress() as progress:
        result = mlperf.measure(subjects, options.data, effort, parts, progress)
    results.keep(options.out, results.MLPerfPart(results.occasion(subjects, command), result))


def _browser(subjects: list[Candidate], options: argparse.Namespace, parts: Path, command: str) -> None:
    if options.data is None:
        chosen = sample_images.draw(parts / "pictures")
    else:
        chosen = _slices(subjects, options.data) or sample_images.choose(options.data, [])
    if options.quick:
        chosen = chosen[::STRIDE]
    with _progress() as progress:
        result = browser.measure(subjects, chosen, 128 if options.quick else 1024, parts, progress)
    results.keep(options.out, results.BrowserPart(results.occasion(subjects, command), result))


STEPS: dict[str, Callable[[list[Candidate], argparse.Namespace, Path, str], None]] = {
    "accuracy": _accuracy,
    "latency": _latency,
    "mlperf": _mlperf,
    "browser": _browser,
}


def _report(words: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks report",
        description="Makes report.json, report.md and report.html of a folder's results; no model runs.",
    )
    parser.add_argument("folder", type=Path, help="the --out of a measurement")
    parser.add_argument(
        "--trust", type=Path, metavar="JSON", help="the trust.json of `trust`, for the page's figures of it"
    )
    options = parser.parse_args(words)
    _write_report(options.folder, options.trust)


def _write_report(folder: Path, trust: Path | None) -> None:
    result = results.assemble(folder)
    records.write(folder / "report.json", result)
    records.write_text(folder / "report.schema.json", records.document(results.Report))
    records.write_text(folder / "report.md", tables.document(result))
    if util.find_spec("matplotlib"):
        from benchmarks.report import html

        records.write_text(folder / "report.html", html.render(result, trust))
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for table in tables.all_tables(result).values():
        console.print(table.grid())
    print(f"Written to {folder}.")


def _parser(what: str) -> argparse.ArgumentParser:
    others = ", ".join([*MEASURING, "report", "compare", "trust"])
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {what}".rstrip(),
        description=f"Measures {MEASURING[what]}."
        if what
        else "Measures accuracy and latency, with LoadGen and in a browser where they are installed; writes "
        "a report.",
        epilog=None if what else f"Parts alone, and more: python -m benchmarks {{{others}}} --help",
    )
    parser.add_argument(
        "bundle", nargs="*", type=Path, help="a folder that `convert` wrote; ours and MobileNetV2 where none"
    )
    needed = what in ("accuracy", "mlperf")
    parser.add_argument(
        "--data",
        required=needed,
        type=Path,
        help="the folder that the nets were trained from"
        if needed
        else "the folder that the nets were trained from; else any pictures, or none: some are drawn",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/benchmark"), help="where results go (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="in two minutes, and coarser")
    if what in ("", "latency"):
        parser.add_argument(
            "--tflite-runtime",
            type=Path,
            metavar="PYTHON",
            help="the python of an environment with tflite-runtime, to time the TFLite files there too",
        )
    return parser


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    # Without the thread that redraws, which would disturb the clock.
    progress = Progress(console=Console(stderr=True), auto_refresh=False)
    tasks: dict[str, TaskID] = {}

    def advance(name: str, done: int, total: int) -> None:
        if not tasks:
            progress.start()
        if name not in tasks:
            tasks[name] = progress.add_task(escape(name), total=total)
        progress.update(tasks[name], completed=done, refresh=True)

    try:
        yield advance
    finally:
        if tasks:
            progress.stop()


if __name__ == "__main__":
    sys.exit(main())
