"""Tables of what files cost: time, memory, storage."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.measure.browser import InBrowser
from benchmarks.measure.latency import Latency
from benchmarks.measure.mlperf import MLPerf
from benchmarks.measure.models import File
from evaluation.statistics import Percentiles
from evaluation.tables import NONE, Table, estimate, share


def latency(found: Latency) -> Table:
    """How long every file takes in every runtime."""
    rows = tuple(
        (
            each.file,
            each.runtime,
            str(each.threads),
            *(
                (
                    *_percentiles(each.model),
                    estimate(each.ratio, lambda x: f"{x:.3f}"),
                    *_percentiles(each.whole),
                )
                if each.problem is None
                else (each.problem, *[NONE] * 6)
            ),
            NONE if each.decode is None else f"{each.decode.p50:.2f}",
        )
        for each in found.speeds
        # What can't be measured can't on any number of threads.
        if each.problem is None or each.threads == found.speeds[0].threads
    )
    columns = ("File", "Runtime", "Threads", "Model p50 ms", "p90", "p99", "Ratio (95%)", "Whole p50 ms")
    throttled = {None: "", True: " **The machine throttled meanwhile.**", False: " No throttling."}
    state = f"; {_health(found)}" if _health(found) else ""
    note = (
        f"Per picture, batch 1, {found.queries} timed queries a row after warm-up, all rows of one "
        f"number of threads in turns; pictures: {found.pictures}. Model: the interpreter alone; "
        "whole: from a picture's bytes to the verdict, decoding included. Ratio: to the model's p50 of "
        "MobileNetV2@224 int8 in LiteRT on as many threads, the median over rounds"
        f"{state}.{throttled[found.throttled]}"
    )
    return Table("Latency", (*columns, "p90", "p99", "Decode"), rows, note)


def costs(found: Latency, files: Mapping[str, File]) -> Table:
    """What every file needs: storage, arithmetic, memory, and time to its first answer."""
    rows = []
    for each in found.starts:
        file = files[each.file]
        rows.append(
            (
                each.file,
                each.runtime,
                f"{file.bytes / 1000:,.1f}",
                f"{file.gzipped / 1000:,.1f}",
                NONE if each.macs is None else f"{each.macs / 1e6:,.1f}",
                f"{each.memory / 1e6:,.1f}",
                f"{each.seconds:.2f}",
            )
        )
    note = (
        "Memory: the most that a fresh process held until its first answer, Python and all; cold start: from "
        "the start of that process to the answer, the median. Multiply-adds: of convolutions and dense "
        "layers."
    )
    columns = ("File", "Runtime", "kB", "kB gzipped", "Million multiply-adds", "Memory MB", "Cold start s")
    return Table("What it costs", columns, tuple(rows), note)


def mlperf(found: MLPerf) -> Table:
    """What LoadGen says."""
    rows = tuple(
        (each.file, str(each.queries), f"{each.p90:.3f}", each.valid, share(each.accuracy))
        for each in found.runs
    )
    columns = ("File", "Queries", "p90 ms", "LoadGen says", "Accuracy %")
    note = (
        "MLPerf LoadGen, SingleStream, performance and accuracy mode, the model alone on one thread. A "
        "measurement with the official load generator, not a submission to MLPerf."
    )
    return Table("MLPerf LoadGen", columns, rows, note)


def browser(found: InBrowser) -> Table:
    """What the page's worker takes and says."""
    rows = tuple(
        (
            each.file,
            f"{each.load:.0f}",
            f"{each.first:.0f}",
            f"{each.visit:.0f}",
            *_percentiles(each.model)[:2],
            *_percentiles(each.whole)[:2],
            f"{each.whole.p50 / each.python.p50:.1f}",
            f"{each.different} of {each.pictures}",
            f"{each.deviation:.1e}",
        )
        for each in found.runs
    )
    times = (
        "Model ready ms",
        "First answer ms",
        "First visit ms",
        "Model p50 ms",
        "p90",
        "Whole p50 ms",
        "p90",
        "× Python",
    )
    note = (
        f"The page's own worker in headless Chromium {found.chromium}, the server on the same "
        "machine; its clock counts in 0.1 ms. Model ready: in a second worker while the page's first loads "
        "the same files. First visit: from opening the page with nothing cached to the answer shown, all of "
        "Chromium held still for three quarters of the time. Whole: from a picture's bytes to verdict and "
        "small map; × Python: its median over that of the same in Python, in turns picture by picture. "
        "Different: slices with another verdict or label than Python gives with this file, or a probability "
        "further away than 1/256."
    )
    return Table("In the browser", ("File", *times, "Different", "Largest deviation"), rows, note)


def _health(found: Latency) -> str:
    before, after = found.before, found.after
    parts = []
    if before.celsius is not None and after.celsius is not None:
        parts.append(f"{before.celsius:.0f} to {after.celsius:.0f} °C")
    if before.megahertz is not None and after.megahertz is not None:
        parts.append(f"{before.megahertz:.0f} to {after.megahertz:.0f} MHz")
    return ", ".join(parts)


def _percentiles(times: Percentiles | None) -> tuple[str, str, str]:
    return (f"{times.p50:.3f}", f"{times.p90:.3f}", f"{times.p99:.3f}") if times else (NONE, NONE, NONE)
