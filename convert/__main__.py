"""The command ``python -m convert``: a run in, a bundle out; ``inspect`` and ``verify`` look at one again."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend that exports to TFLite and ONNX

from rich.console import Console

from convert import held_out
from convert.errors import ConversionError
from convert.held_out import HeldBack
from convert.inspect import tables
from convert.layer_error import explain
from convert.pipeline import PRECISIONS, Wishes, make_bundle, prove
from edge_app.bundle import Bundle, ModelFile
from train.outcome import exit_code
from train.run import Run

WIDTH = 160  # of a table where the output is no terminal


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    commands = {"inspect": _inspect, "verify": _verify}
    if words and words[0] in commands:
        return commands[words[0]](words[1:])
    return _convert(words)


def _convert(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert",
        description="Turns a run into a bundle.",
        epilog="`python -m convert inspect FILE|BUNDLE` shows what is inside; "
        "`python -m convert verify BUNDLE --data DATA` repeats the proof.",
    )
    parser.add_argument("run", type=Path, help="the folder that a training left")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bundle")
    parser.add_argument("--data", type=Path, help="the data set, where it is no longer where the run says")
    parser.add_argument(
        "--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS, help="only these files"
    )
    parser.add_argument(
        "--allow-loss",
        action="store_true",
        help="keep a file that is outside the tolerances; the card says so",
    )
    parser.add_argument(
        "--explain", action="store_true", help="show the error of the int8 TFLite file after every layer"
    )
    _add_tflite_runtime(parser)
    args = parser.parse_args(words)
    unfinished = args.out.with_name(f".unfinished-{args.out.name}")

    def work() -> None:
        if args.out.exists():
            raise ConversionError(f"{args.out}: exists already; name a new folder or remove it first.")
        if args.explain and not {"float32", "int8"} <= set(args.precision):
            raise ConversionError("--explain compares float32 and int8; --precision must name both.")
        shutil.rmtree(unfinished, ignore_errors=True)
        wishes = Wishes(args.precision, args.allow_loss, args.tflite_runtime)
        bundle = make_bundle(args.run, unfinished, args.data, wishes)
        unfinished.rename(args.out)
        for file in bundle.files:
            _report(args.out, file)
        if args.explain:
            data = args.data or Path(Run.load(args.run).data_folder)
            float32, int8 = (args.out / bundle.file(one).path for one in ("float32", "int8"))
            _console().print(explain(float32, int8, _slices(args.out, data).pixels))

    try:
        return exit_code(work, "no bundle was written.", args.out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _inspect(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert inspect", description="Shows what is inside a model file or a bundle."
    )
    parser.add_argument("path", type=Path, help="a .tflite or .onnx file, or the folder of a bundle")
    args = parser.parse_args(words)

    def work() -> None:
        for table in tables(args.path):
            _console().print(table)

    return exit_code(work, "nothing was changed.", args.path)


def _verify(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert verify", description="Repeats the proof of every file of a bundle."
    )
    parser.add_argument("bundle", type=Path, help="a folder that a conversion wrote")
    parser.add_argument("--data", type=Path, required=True, help="the data set that the net was trained from")
    _add_tflite_runtime(parser)
    args = parser.parse_args(words)

    def work() -> None:
        bundle, slices = Bundle.load(args.bundle), _slices(args.bundle, args.data)
        wishes = Wishes(allow_loss=True, tflite_runtime=args.tflite_runtime)
        failed = []
        for file in bundle.files:
            path = bundle.folder / file.path
            metrics = prove(file, path, bundle.input, slices, wishes)
            _report(bundle.folder, replace(file, metrics=metrics))
            failed += [file.path] if metrics["faults"] else []
        if failed:
            raise ConversionError(f"{bundle.folder}: outside the tolerances: {', '.join(failed)}.")

    return exit_code(work, "nothing was changed.", args.bundle)


def _add_tflite_runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tflite-runtime",
        type=Path,
        metavar="PYTHON",
        help="the python of an environment with tflite-runtime, to prove the TFLite files there too",
    )


def _slices(folder: Path, data: Path) -> HeldBack:
    with TemporaryDirectory() as cache:
        return held_out.reload(Bundle.load(folder), data, Path(cache))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH)


def _report(folder: Path, file: ModelFile) -> None:
    metrics = file.metrics
    correlation = metrics["heatmap_correlation"]
    parts = [
        f"{file.bytes:,} bytes",
        f"{metrics['flipped']} of {metrics['slices']} answers flipped",
        f"largest difference {metrics['largest_difference']:.4f}",
        *([f"heatmap {correlation:.4f}"] if correlation is not None else []),
        f"ECE {metrics['ece']:.3f} at temperature {file.temperature:.3f}",
        *metrics["faults"],
    ]
    print(f"{folder / file.path}: {', '.join(parts)}")


if __name__ == "__main__":
    sys.exit(main())
