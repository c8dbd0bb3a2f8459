"""``python -m benchmarks.measure.latency_process``: one file in a process of its own, timed on request.

It runs under any Python that has ``edge_app``'s dependencies, so that runtimes that can't be installed side
by side take turns in one measurement. Orders come as lines of JSON on stdin, answers leave so on stdout.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from edge_app.classifier import Classifier
from edge_app.errors import OtakError, RuntimeMissing
from edge_app.image import decode
from edge_app.preprocessing import preprocess

WAKE = 2  # untimed calls before each burst, as the process slept while others ran
WARM_UP = 32
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def main() -> None:
    """Loads a file, answers one picture, and then times bursts until stdin ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # interpreters print
    order = json.loads(sys.stdin.readline())
    pictures = [Path(path) for path in order["pictures"]]
    try:
        classifier = Classifier.load(
            order["bundle"], order["precision"], threads=order["threads"], format=order["format"]
        )
        classifier.predict(pictures[0])
        ready = time.monotonic()
        reply = {"runtime": classifier.runtime.name, "ready": ready, "memory": _peak_memory()}
        reply["macs"] = _multiply_adds(classifier)
    except OtakError as error:
        reply = {"problem": "not installed" if isinstance(error, RuntimeMissing) else str(error)}
    print(json.dumps(reply), file=answers, flush=True)
    stopwatch = None
    for line in sys.stdin:
        stopwatch = stopwatch or _Stopwatch(classifier, [path.read_bytes() for path in pictures])
        start, stop = json.loads(line)
        print(json.dumps(stopwatch.run(range(start, stop))), file=answers, flush=True)


class _Stopwatch:
    """One file with its pictures at hand."""

    def __init__(self, classifier: Classifier, pictures: list[bytes]) -> None:
        self._classifier = classifier
        self._pictures = pictures
        self._pixels = [preprocess(decode(picture), classifier.bundle.input)[0] for picture in pictures]
        self.run(range(WARM_UP))

    def run(self, queries: range) -> dict[str, list[float]]:
        """Times some queries: the model alone, the whole way from bytes, and decoding; in milliseconds."""
        model, whole, decoding = [], [], []
        for query in (*[queries[0]] * WAKE, *queries):
            pixels = self._pixels[query % len(self._pixels)]
            start = time.perf_counter_ns()
            self._classifier.runtime.run(pixels)
            model.append((time.perf_counter_ns() - start) / 1e6)
        for query in (*[queries[0]] * WAKE, *queries):
            picture = self._pictures[query % len(self._pictures)]
            start = time.perf_counter_ns()
            prediction = self._classifier.predict(picture)
            whole.append((time.perf_counter_ns() - start) / 1e6)
            decoding.append(prediction.milliseconds["decode"])
        return {"model": model[WAKE:], "whole": whole[WAKE:], "decode": decoding[WAKE:]}


def _peak_memory() -> int:
    """Returns the most bytes of memory that this process held at once."""
    status = Path("/proc/self/status")
    if status.exists():  # rusage would count the parent's memory before exec
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _multiply_adds(classifier: Classifier) -> int | None:
    """Counts a TFLite file's multiply-adds in convolutions and dense layers; None for other formats."""
    if classifier.file.format != "tflite":
        return None
    interpreter: Any = classifier.runtime._interpreter  # type: ignore[attr-defined]
    tensors = {tensor["index"]: tensor["shape"] for tensor in interpreter.get_tensor_details()}
    total = 0
    for op in interpreter._get_ops_details():
        if op["op_name"] in CONVOLUTIONS:
            weights, output = tensors[op["inputs"][1]], tensors[op["outputs"][0]]
            filters = weights[-1] if op["op_name"].startswith("DEPTHWISE") else weights[0]
            total += int(output.prod()) * int(weights.prod()) // int(filters)
    return total


if __name__ == "__main__":
    main()
