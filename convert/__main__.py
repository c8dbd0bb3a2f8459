"""The command ``python -m convert``: a run in, a bundle out."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend that exports to TFLite and ONNX

from convert.bundling import PRECISIONS, make_bundle
from convert.errors import ConversionError
from train.outcome import exit_code


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m convert", description="Turns a run into a bundle.")
    parser.add_argument("run", type=Path, help="the folder that a training left")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bundle")
    parser.add_argument("--data", type=Path, help="the data set, where it is no longer where the run says")
    parser.add_argument(
        "--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS, help="only these files"
    )
    args = parser.parse_args(arguments)
    unfinished = args.out.with_name(f".unfinished-{args.out.name}")

    def work() -> None:
        if args.out.exists():
            raise ConversionError(f"{args.out}: exists already; name a new folder or remove it first.")
        shutil.rmtree(unfinished, ignore_errors=True)
        bundle = make_bundle(args.run, unfinished, args.data, args.precision)
        unfinished.rename(args.out)
        for file in bundle.files:
            flipped = f"{file.metrics['flipped']} of {file.metrics['slices']} answers flipped"
            print(f"{args.out / file.path}: {file.bytes:,} bytes, {flipped}")

    try:
        return exit_code(work, "no bundle was written.", args.out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
