"""Runs a TFLite file where tflite-runtime is installed.

``python -m convert.tflite_runtime_runner FILE PIXELS OUTPUTS``.

For the environment of tflite-runtime, which has no TensorFlow and numpy 1; ``convert.verify`` starts it.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from edge_app.runtime import TFLiteRuntime


def main(file: Path, pixels: Path, outputs: Path) -> None:
    """Runs a file on all slices of ``pixels``, and writes its outputs by name."""
    runtime = TFLiteRuntime(file, threads=1)
    if runtime.name != "tflite-runtime":
        raise ImportError(f"this environment has {runtime.name}, not tflite-runtime alone")
    answers = [
        {name: row.copy() for name, row in runtime.run(picture[None]).items()} for picture in np.load(pixels)
    ]
    rows: dict[str, Any] = {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}
    np.savez(outputs, **rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
