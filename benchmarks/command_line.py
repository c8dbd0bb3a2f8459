"""The sub-commands of ``python -m benchmarks`` and what each does."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import util
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure import (
    browser,
    evaluation_part,
    latency,
    load,
    mlperf,
    models,
    predictions,
    robustness,
    sample_images,
    screen,
)
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.resume import SCHEMA
from benchmarks.plan import command as plan_command
from benchmarks.report import compare, docs, results, tables
from benchmarks.terminal import console, progress_bars
from edge_app import records
from edge_app.classifier import SHIPPED
from evaluation import predictions as prediction_table
from evaluation.tables import SCHEMA as TABLE_SCHEMA
from evaluation.tables import Table
from train.data.dataset import read_dataset

ROOT = Path(__file__).parents[1]
# What ships, whole, and what the paper compares with.
BUNDLES = (ROOT / "benchmarks" / "bundles" / "edge", ROOT / "benchmarks" / "baselines" / "mobilenetv2")
STRIDE = 10  # --quick asks about one slice in so many
MEASURING = {
    "all": "all that can be measured here: accuracy and robustness where --data holds the test part, "
    "latency, LoadGen and a browser where they are installed",
    "accuracy": "how right every file is, on the test part that its bundle names",
    "robustness": "how the default files do on corrupted slices, and whether they refuse other pictures",
    "latency": "how long a picture takes in every runtime, and what it costs; labels are not needed",
    "mlperf": "SingleStream as MLPerf's load generator measures it (pip install mlcommons-loadgen)",
    "browser": "how long the page takes in a headless Chromium, and whether it answers as Python does",
}
NEED_DATA = ("accuracy", "robustness", "mlperf")


def parser() -> argparse.ArgumentParser:
    """Returns the parser; each sub-command's ``run`` does its work and returns the exit code."""
    main = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures bundles, and reports on what was measured."
    )
    commands = main.add_subparsers(required=True, metavar="COMMAND")
    for name, what in MEASURING.items():
        _add_measuring(commands.add_parser(name, help=what, description=f"Measures {what}."), name)
    made = commands.add_parser(
        "report", help="makes report.json, report.md and report.html of a folder's results; no model runs"
    )
    made.add_argument("folder", type=Path, help="the --out of a measurement")
    made.set_defaults(run=lambda options, _: write_report(options.folder))
    compared = commands.add_parser(
        "compare",
        help="what got better or worse beyond noise between two folders of results",
        epilog=f"Measures: {', '.join(compare.MEASURES)}. A limit counts in the measure's own unit: "
        "accuracy=0.01 fails where accuracy fell by more than a point, p50=0.5 where a picture takes 0.5 ms "
        "longer; with %%, relative to the old figure: p50=20%%. Only changes beyond noise fail.",
    )
    compared.add_argument("old", type=Path)
    compared.add_argument("new", type=Path)
    compared.add_argument(
        "--fail-if",
        nargs="+",
        type=compare.parse_limit,
        default=[],
        metavar="MEASURE=LIMIT",
        help="exit with 1 past these",
    )
    compared.set_defaults(run=_compare)
    written = commands.add_parser("docs", help="renews the measured tables in README, docs and cards")
    written.add_argument("--check", action="store_true", help="change nothing; fail where a text has drifted")
    written.set_defaults(run=_docs)
    made = commands.add_parser(
        "baselines", help="makes int8 bundles of other nets with random weights, for latency alone"
    )
    made.add_argument("--out", type=Path, required=True, help="folder for the bundles")
    made.set_defaults(run=_baselines)
    what = "compares ways and sizes of the calibration set of the int8 TFLite file"
    _add_calibration_set(commands.add_parser("calibration-set", help=what))
    what = "how fast an archive of drawn slices is screened, by processes and by a Dask cluster"
    _add_screen(commands.add_parser("screen", help=what))
    what = "pools what the nets of the other folds say, at a bundle's temperature and thresholds"
    _add_out_of_fold(commands.add_parser("out-of-fold", help=what))
    _add_load(commands.add_parser("load", help="what otak serve bears, with one worker and with two"))
    plan_command.describe(
        commands.add_parser("results", help="makes every committed result again, training included")
    )
    return main


def _add_calibration_set(command: argparse.ArgumentParser) -> None:
    command.add_argument("training", metavar="RUN", type=Path, help="the folder that a training left")
    command.add_argument("--data", type=Path, required=True, help="the data set that it was trained from")
    command.add_argument(
        "--out",
        type=Path,
        default=docs.RESULTS / "calibration-set",
        help="folder for the table (default: the committed results)",
    )
    command.set_defaults(run=_calibration_set)


def _add_screen(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--files", type=int, default=4_000, help="slices of the archive (default: %(default)s)"
    )
    command.add_argument(
        "--out",
        type=Path,
        default=docs.RESULTS / "screen",
        help="folder for the table (default: the committed results)",
    )
    command.set_defaults(run=_screen)


def _add_out_of_fold(command: argparse.ArgumentParser) -> None:
    command.add_argument("bundle", type=Path, help="the folder that `convert` wrote")
    command.add_argument(
        "--runs", type=Path, nargs="+", required=True, help="what it was given as --out-of-fold"
    )
    command.add_argument("--data", type=Path, required=True, help="the data set that all were trained from")
    command.add_argument("--out", type=Path, required=True, help="folder for the predictions")
    command.set_defaults(run=_out_of_fold)


def _add_load(command: argparse.ArgumentParser) -> None:
    command.add_argument("bundle", nargs="?", type=Path, default=SHIPPED, help="the one that ships if none")
    command.add_argument("--data", type=Path, required=True, help="the folder whose pictures are sent")
    command.add_argument("--requests", type=int, default=10_000, help="in all (default: %(default)s)")
    command.add_argument(
        "--out",
        type=Path,
        default=docs.RESULTS / "load",
        help="folder for load.json and the table (default: the committed results)",
    )
    command.add_argument("--busy", action="store_true", help="measure on a busy machine too, to try it out")
    command.set_defaults(run=_load)


def write_report(folder: Path) -> int:
    """Makes the report of a folder of results and shows its tables.

    Raises:
        OtakError: The results are missing or broken, or the folder can't be written to.
    """
    report = results.assemble(folder)
    records.write(folder / "report.json", report, SCHEMA)
    records.write_text(folder / "report.md", tables.document(report))
    if util.find_spec("matplotlib"):
        from benchmarks.report import html

        rows = results.table(folder) if report.accuracy else {}
        records.write_text(folder / "report.html", html.render(report, rows))
    shown = console()
    for table in tables.all_tables(report).values():
        shown.print(table.grid())
    print(f"Written to {folder}.")
    return 0


def _add_measuring(command: argparse.ArgumentParser, name: str) -> None:
    command.add_argument(
        "bundle", nargs="*", type=Path, help="a folder that `convert` wrote; ours and MobileNetV2 where none"
    )
    needed = name in NEED_DATA
    command.add_argument(
        "--data",
        required=needed,
        type=Path,
        help="the folder that the nets were trained from"
        if needed
        else "the folder that the nets were trained from; else any pictures, or none: some are drawn",
    )
    command.add_argument(
        "--out", type=Path, default=Path("runs/benchmark"), help="where results go (default: %(default)s)"
    )
    command.add_argument("--quick", action="store_true", help="in minutes, and coarser")
    if name in ("all", "robustness"):
        command.add_argument(
            "--out-of-distribution",
            type=Path,
            metavar="DIR",
            help="more pictures to be refused, with a sources.csv of path, kind and half (judge is shown)",
        )
    if name in ("all", "latency"):
        command.add_argument(
            "--tflite-runtime",
            type=Path,
            metavar="PYTHON",
            help="the python of an environment with tflite-runtime, to time the TFLite files there too",
        )
    command.set_defaults(run=lambda options, words: _measure(name, options, words))


def _measure(name: str, options: argparse.Namespace, words: list[str]) -> int:
    under_test = models.load(options.bundle or BUNDLES)
    command = shlex.join(["python", "-m", "benchmarks", *words])
    parts: Path = options.out / "parts"
    for step in _feasible(under_test, options.data) if name == "all" else [name]:
        results.keep(options.out, STEPS[step](under_test, options, parts, command))
    if parts.is_dir():
        shutil.rmtree(parts)
    return write_report(options.out)


def _feasible(under_test: list[ModelUnderTest], data: Path | None) -> list[str]:
    """Chooses what ``all`` measures: without labelled slices no accuracy."""
    if data is None or not _slices(under_test, data):
        print("No labelled slices of the test part; latency alone is measured.", file=sys.stderr)
        return ["latency"]
    optional = {
        "robustness": robustness.missing() is None,
        "mlperf": mlperf.installed(),
        "browser": browser.missing() is None,
    }
    return ["accuracy", "latency", *(name for name, there in optional.items() if there)]


def _slices(under_test: list[ModelUnderTest], data: Path) -> list[Path]:
    """Returns the slices of the test part that lie in a folder."""
    for model in under_test:
        if model.trained and (model.bundle.folder / prediction_table.NAME).is_file():
            slices = evaluation_part.read(model.bundle).typed
            return [path for each in slices if (path := data / each.path).is_file()]
    return []


def _accuracy(
    under_test: list[ModelUnderTest], options: argparse.Namespace, parts: Path, command: str
) -> results.Part:
    boxes = {each.path: each.box for each in read_dataset(options.data) if each.box}
    stride = STRIDE if options.quick else 1
    with progress_bars() as progress:
        data, rows = predictions.predict_all(under_test, options.data, boxes, parts, stride, progress)
    prediction_table.write(options.out / prediction_table.NAME, rows)
    return results.PredictionsPart(results.provenance_of(under_test, command), data)


def _robustness(
    under_test: list[ModelUnderTest], options: argparse.Namespace, parts: Path, command: str
) -> results.Part:
    stride = STRIDE if options.quick else 1
    with progress_bars() as progress:
        others = options.out_of_distribution
        found = robustness.measure(under_test, options.data, others, stride, parts, progress)
    return results.RobustnessPart(results.provenance_of(under_test, command), found)


def _latency(
    under_test: list[ModelUnderTest], options: argparse.Namespace, parts: Path, command: str
) -> results.Part:
    settings = latency.Settings(128, 2, (1,)) if options.quick else latency.Settings()
    if options.data is None:
        chosen, origin = sample_images.draw(parts / "pictures"), "drawn, 512 x 512 JPEG"
    else:
        chosen = sample_images.choose(options.data, _slices(under_test, options.data))
        origin = f"{len(chosen)} of {options.data.resolve().name}"
    python = options.tflite_runtime and options.tflite_runtime.absolute()
    with progress_bars() as progress:
        found = latency.measure(under_test, chosen, origin, parts, settings, python, progress)
    return results.LatencyPart(results.provenance_of(under_test, command), found)


def _mlperf(
    under_test: list[ModelUnderTest], options: argparse.Namespace, parts: Path, command: str
) -> results.Part:
    settings = mlperf.Settings(128, 1, STRIDE) if options.quick else mlperf.Settings()
    with progress_bars() as progress:
        found = mlperf.measure(under_test, options.data, settings, parts, progress)
    return results.MLPerfPart(results.provenance_of(under_test, command), found)


def _browser(
    under_test: list[ModelUnderTest], options: argparse.Namespace, parts: Path, command: str
) -> results.Part:
    if options.data is None:
        chosen = sample_images.draw(parts / "pictures")
    else:
        chosen = _slices(under_test, options.data) or sample_images.choose(options.data, [])
    if options.quick:
        chosen = chosen[::STRIDE]
    with progress_bars() as progress:
        found = browser.measure(under_test, chosen, 128 if options.quick else 1024, parts, progress)
    return results.BrowserPart(results.provenance_of(under_test, command), found)


STEPS: dict[str, Callable[[list[ModelUnderTest], argparse.Namespace, Path, str], results.Part]] = {
    "accuracy": _accuracy,
    "robustness": _robustness,
    "latency": _latency,
    "mlperf": _mlperf,
    "browser": _browser,
}


def _compare(options: argparse.Namespace, words: list[str]) -> int:
    changes = list(compare.compare(options.old, options.new))
    failures = compare.report(changes, options.fail_if)
    shown = console()
    shown.print(compare.table(changes).grid())
    for failure in failures:
        shown.print(failure, markup=False)
    return 1 if failures else 0


def _docs(options: argparse.Namespace, words: list[str]) -> int:
    drifted = docs.renew(options.check)
    for path in drifted:
        name = path.relative_to(docs.ROOT)
        differs = f"{name}: differs from the results; run make docs."
        print(differs if options.check else f"{name}: renewed.")
    return 1 if options.check and drifted else 0


def _baselines(options: argparse.Namespace, words: list[str]) -> int:
    _check_converter()
    from benchmarks.baselines import random_weights

    random_weights.make_all(options.out)
    return 0


def _calibration_set(options: argparse.Namespace, words: list[str]) -> int:
    _check_converter()
    from benchmarks.experiments import calibration_set

    return _keep_table(calibration_set.measure(options.training, options.data), options.out)


def _screen(options: argparse.Namespace, words: list[str]) -> int:
    return _keep_table(screen.measure(options.files), options.out)


def _keep_table(table: Table, folder: Path) -> int:
    records.write(folder / "table.json", table, TABLE_SCHEMA)
    console().print(table.grid())
    return 0


def _load(options: argparse.Namespace, words: list[str]) -> int:
    pictures = [path.read_bytes() for path in sample_images.choose(options.data, [])]
    found = load.measure(options.bundle, pictures, options.requests, options.busy)
    records.write(options.out / "load.json", found, load.SCHEMA)
    return _keep_table(load.table(found), options.out)


def _out_of_fold(options: argparse.Namespace, words: list[str]) -> int:
    _check_converter()
    from benchmarks.measure import out_of_fold

    model = next(each for each in models.load([options.bundle]) if each.is_default)
    with progress_bars() as progress:
        data, rows = out_of_fold.pool(model, options.runs, options.data, progress)
    prediction_table.write(options.out / prediction_table.NAME, rows)
    command = shlex.join(["python", "-m", "benchmarks", *words])
    described = replace(
        results.provenance_of([model], command), files=(out_of_fold.describe(model, options.runs),)
    )
    results.keep(options.out, results.PredictionsPart(described, data))
    return 0


def _check_converter() -> None:
    if util.find_spec("tensorflow") is None:
        raise BenchmarkError("TensorFlow is not installed: pip install -e .[convert].")
