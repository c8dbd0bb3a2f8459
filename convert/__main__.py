"""``python -m convert``: a run in, a bundle out; and what is done with bundles afterwards.

Every command imports what it needs when it runs: TensorFlow takes seconds that the others need not wait.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend that exports to TFLite and ONNX

from rich.console import Console

from convert.errors import ConversionError
from convert.foreign.contract import parse_labels, parse_scale
from convert.provenance import Provenance, Verification
from edge_app.bundle import PRECISIONS, Bundle, ModelFile
from edge_app.classifier import SHIPPED
from train.outcome import exit_code

if TYPE_CHECKING:
    from convert.held_out import HeldOut

WIDTH = 160  # of a table where the output is no terminal


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m convert", description="From a run to a bundle: TFLite and ONNX files, each verified."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser
    _describe_make(add("make", help="turn a run into a bundle", description="Turns a run into a bundle."))
    _describe_inspect(
        add(
            "inspect",
            help="show what is inside a file or a bundle",
            description="Shows what is inside a model file or a bundle.",
        )
    )
    _describe_verify(
        add(
            "verify",
            help="verify a bundle's files again",
            description="Verifies every file of a bundle again, against its Keras model.",
        )
    )
    _describe_ship(
        add(
            "ship",
            help="make a bundle the one that ships",
            description="Copies what travels of a bundle into edge_app: the default file, bundle.json, "
            "provenance.json and the card.",
        )
    )
    _describe_pack(
        add(
            "pack",
            help="put a bundle into a ZIP file for otak bundle install",
            description="Puts what travels of a bundle into one ZIP file, which otak bundle install takes.",
        )
    )
    _describe_adopt(
        add(
            "adopt",
            help="wrap a classifier made elsewhere in a bundle, to be compared",
            description="Wraps a TFLite or ONNX classifier made elsewhere in a bundle without thresholds: "
            "the benchmarks compare it, and no device answers by it.",
        )
    )
    args = parser.parse_args(arguments)
    return exit_code(lambda: args.work(args), args.lost, args.place(args))


def _describe_make(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_make, lost="no bundle was written.", place=lambda args: args.out)
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
    parser.add_argument(
        "--out-of-fold",
        nargs="+",
        type=Path,
        default=[],
        metavar="RUN",
        help="runs of the other folds: temperature, thresholds and the rule for studies are chosen on their "
        "predictions",
    )
    parser.add_argument(
        "--out-of-distribution",
        type=Path,
        metavar="DIR",
        help="pictures to be rejected, with a sources.csv of path, kind and half (train is fitted on)",
    )
    _add_tflite_runtime(parser)


def _describe_inspect(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_inspect, lost="nothing was changed.", place=lambda args: args.path)
    parser.add_argument("path", type=Path, help="a .tflite or .onnx file, or the folder of a bundle")


def _describe_verify(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_verify, lost="nothing was changed.", place=lambda args: args.bundle)
    parser.add_argument("bundle", type=Path, help="a folder that a conversion wrote")
    parser.add_argument("--data", type=Path, required=True, help="the data set that the net was trained from")
    _add_tflite_runtime(parser)


def _describe_ship(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_ship, lost="not all was copied.", place=lambda args: args.to)
    parser.add_argument("bundle", type=Path, help="a folder that a conversion wrote")
    parser.add_argument(
        "--to", type=Path, default=SHIPPED, help="where the one that ships lies (default: edge_app/models)"
    )


def _describe_pack(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_pack, lost="nothing was packed.", place=lambda args: args.out)
    parser.add_argument("bundle", type=Path, help="a folder that a conversion wrote")
    parser.add_argument("--out", type=Path, required=True, help="the ZIP file")
    parser.add_argument("--key", type=Path, metavar="PEM", help="an ed25519 private key, to sign it")


def _describe_adopt(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(work=_adopt, lost="no bundle was written.", place=lambda args: args.out)
    parser.add_argument("file", type=Path, help="a .tflite or .onnx file from images to four answers")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bundle")
    parser.add_argument(
        "--labels",
        type=parse_labels,
        required=True,
        metavar="A,B,C,D",
        help="in the order of the file's outputs; glioma_tumor and notumor are understood",
    )
    parser.add_argument("--size", type=int, required=True, help="height and width that it takes, in pixels")
    parser.add_argument(
        "--scale",
        type=parse_scale,
        required=True,
        metavar="LOW..HIGH",
        help="what black and white are to it, such as 0..255, 0..1 or (with =) --scale=-1..1; or imagenet",
    )
    parser.add_argument("--logits", action="store_true", help="it gives logits; a softmax is put behind it")


def _add_tflite_runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tflite-runtime",
        type=Path,
        metavar="PYTHON",
        help="the python of an environment with tflite-runtime, to verify the TFLite files there too",
    )


def _make(args: argparse.Namespace) -> None:
    if args.run.is_file():
        raise ConversionError(
            f"{args.run}: is a file; a conversion takes a run, the folder that python -m train fit left. A "
            "model made elsewhere can be adopted, as TFLite or ONNX: python -m convert adopt."
        )
    if args.explain and not {"float32", "int8"} <= set(args.precision):
        raise ConversionError("--explain compares float32 and int8; --precision must name both.")
    with _written_whole(args.out) as unfinished:
        _convert(args, unfinished)
    bundle, verification = Bundle.load(args.out), Provenance.load(args.out).verification
    for file in bundle.files:
        _tell(args.out, file, verification[file.path])
    if args.explain:
        from convert.layer_error import explain
        from train.run import Run

        data = args.data or Path(Run.load(args.run).data_folder)
        float32, int8 = (args.out / bundle.file(precision).path for precision in ("float32", "int8"))
        _console().print(explain(float32, int8, _held_out(bundle, data).pixels).grid())


def _convert(args: argparse.Namespace, folder: Path) -> None:
    from convert.pipeline import ConversionOptions, make_bundle

    options = ConversionOptions(
        precisions=args.precision,
        allow_loss=args.allow_loss,
        tflite_runtime=args.tflite_runtime,
        out_of_fold=args.out_of_fold,
        out_of_distribution=args.out_of_distribution,
    )
    make_bundle(args.run, folder, args.data, options)


@contextmanager
def _written_whole(out: Path) -> Iterator[Path]:
    """Hands out a folder that becomes ``out`` if all goes well, and else is taken away."""
    if out.exists():
        raise ConversionError(f"{out}: exists already; name a new folder or remove it first.")
    unfinished = out.with_name(f".unfinished-{out.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        yield unfinished
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _inspect(args: argparse.Namespace) -> None:
    from convert.inspect import tables

    for table in tables(args.path):
        _console().print(table.grid())


def _verify(args: argparse.Namespace) -> None:
    from convert.verify import verify

    bundle = Bundle.load(args.bundle)
    held_out = _held_out(bundle, args.data)
    failed = []
    for file in bundle.files:
        path = bundle.folder / file.path
        verification = verify(file, path, bundle.input, held_out, args.tflite_runtime)
        _tell(bundle.folder, file, verification)
        failed += [file.path] if verification.faults else []
    if failed:
        raise ConversionError(f"{bundle.folder}: outside the tolerances: {', '.join(failed)}.")


def _ship(args: argparse.Namespace) -> None:
    from convert.ship import ship

    bundle = ship(args.bundle, args.to)
    print(f"{bundle.folder}: {bundle.name}, {bundle.version}, by {bundle.default} alone.")


def _pack(args: argparse.Namespace) -> None:
    from convert.pack import pack

    bundle = pack(args.bundle, args.out, args.key)
    print(f"{args.out}: {bundle.name}, {bundle.version}, {'signed' if args.key else 'not signed'}.")


def _adopt(args: argparse.Namespace) -> None:
    from convert.adopt import Adoption, adopt

    adoption = Adoption(labels=args.labels, size=args.size, scale=args.scale, logits=args.logits)
    with _written_whole(args.out) as unfinished:
        adopt(args.file, unfinished, adoption)
    (file,) = Bundle.load(args.out).files
    print(f"{args.out / file.path}: {file.bytes:,} bytes, {file.precision}, without thresholds.")


def _held_out(bundle: Bundle, data: Path) -> HeldOut:
    from convert import held_out

    with TemporaryDirectory() as cache:
        return held_out.reload(bundle, data, Path(cache))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH)


def _tell(folder: Path, file: ModelFile, verification: Verification) -> None:
    comparison = verification.comparison
    correlation = comparison.heatmap_correlation
    parts = [
        f"{file.bytes:,} bytes",
        f"{comparison.flipped} of {comparison.slices} answers flipped",
        f"largest difference {comparison.largest_difference:.4f}",
        *([f"heatmap {correlation:.4f}"] if correlation is not None else []),
        f"ECE {comparison.ece:.3f} at temperature {file.temperature:.3f}",
        *verification.faults,
    ]
    print(f"{folder / file.path}: {', '.join(parts)}")


if __name__ == "__main__":
    sys.exit(main())
