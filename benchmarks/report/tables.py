"""The tables of a report."""

from __future__ import annotations

from benchmarks.report import part_tables
from benchmarks.report.results import Report
from evaluation.statistics import Percentiles
from evaluation.tables import NONE, Table, estimate, percent, share

# What tables are made from.
MADE_FROM = {
    **dict.fromkeys(("classes", "duels", "parts", "sequences", "planes"), "accuracy"),
    "costs": "latency",
}


def all_tables(report: Report) -> dict[str, Table]:
    """Makes every table that a report has figures for, by name."""
    tables = {"summary": summary(report)}
    if report.accuracy:
        tables |= part_tables.all_tables({score.file: score.apart for score in report.accuracy.scores})
        tables |= {"accuracy": accuracy(report), "classes": classes(report), "duels": duels(report)}
    if report.latency:
        tables |= {"latency": latency(report), "costs": costs(report)}
    if report.mlperf:
        tables["mlperf"] = mlperf(report)
    if report.browser:
        tables["browser"] = browser(report)
    return tables


def document(report: Report) -> str:
    """Lays a whole report out in Markdown."""
    lines = ["# Benchmark", ""]
    for name, occasion in report.occasions.items():
        machine = occasion.machine
        packages = ", ".join(f"{package} {version}" for package, version in machine.packages.items())
        lines.append(
            f"- {name}: {occasion.date}, {machine.cpu}, {machine.cores} cores, {machine.system}, Python "
            f"{machine.python}, {packages}; `{occasion.command}`"
        )
    if report.accuracy:
        lines.append(f"- hash of the test part: `{report.accuracy.test_part.sha256}`")
    for file in report.files:
        lines.append(f"- {file.name}, version {file.version}: `{file.sha256}`")
    lines.append("")
    for table in all_tables(report).values():
        lines += [f"## {table.title}", "", table.markdown()]
    return "\n".join(lines)


SUMMARY = {
    "Right, wide": ("wide", "right"),
    "Wrong, wide": ("wide", "wrong"),
    "Right, classic": ("classic", "right"),
    "Wrong, classic": ("classic", "wrong"),
    "At 95%, classic": ("classic", "found_at_95"),
    "At 95%, mixed": ("mixed", "found_at_95"),
}


def summary(report: Report) -> Table:
    """One line a file: accuracy, what was lost, size and relative latency on one thread."""
    scores = {one.file: one for one in report.accuracy.scores} if report.accuracy else {}
    ratios = {
        one.file: estimate(one.ratio, lambda x: f"{x:.3f}")
        for one in reversed(report.latency.speeds if report.latency else ())
        if one.threads == 1 and one.problem is None
    }
    rows = []
    for file in report.files:
        score = scores.get(file.name)
        rows.append(
            (
                file.net,
                f"{file.format} {file.precision}",
                f"{file.bytes / 1000:,.0f}",
                *(
                    (
                        *(part_tables.cell(score.apart, part, name) for part, name in SUMMARY.values()),
                        f"{100 * score.lost.value:.1f}",
                        str(score.flipped),
                    )
                    if score
                    else [NONE] * (len(SUMMARY) + 2)
                ),
                ratios.get(file.name, NONE),
            )
        )
    columns = ("Net", "File", "kB", *SUMMARY, "Lost", "Flipped", "Latency ratio")
    return Table("Summary", columns, tuple(rows), made_by(report))


def made_by(report: Report, name: str = "") -> str:
    """Says in a sentence how a report's figures came about, or those of one of its tables."""
    occasion = report.occasions.get(MADE_FROM.get(name, name)) or next(iter(report.occasions.values()))
    subject = ""
    if report.accuracy:
        test = report.accuracy.test_part
        subject = f" on {test.folder}, protocol {test.protocol}, {test.images} slices of {test.groups} groups"
    machine = occasion.machine
    return (
        f"Measured {occasion.date[:10]}{subject}; {machine.cpu}, {machine.cores} cores, `{occasion.command}`."
    )


def accuracy(report: Report) -> Table:
    """How right every file is, and what conversion cost."""
    assert report.accuracy  # noqa: S101
    scores = report.accuracy.scores
    apart = any(score.copies for score in scores)
    rows = [
        (
            score.file,
            *(percent(score.measures.get(name)) for name in MEASURES),
            *((percent(score.copies), percent(score.new)) if apart else ()),
            f"{100 * score.keras:.1f}",
            estimate(score.lost, lambda x: f"{100 * x:.1f}"),
            str(score.flipped),
            f"{score.verdicts.get('answer', 0)} / {score.verdicts.get('unsure', 0)}"
            f" / {score.verdicts.get('refused', 0)}",
        )
        for score in scores
    ]
    parts = ("Copies", "New") if apart else ()
    columns = ("File", *MEASURES.values(), *parts, "Keras", "Lost", "Flipped", "Verdicts")
    rows += [
        (name, problem, *[NONE] * (len(columns) - 2))
        for name, problem in report.accuracy.test_part.without.items()
    ]
    note = (
        "In %, with 95% intervals from a bootstrap over groups. Sensitivity and specificity: tumour or not, "
        "by the most probable label. Lost: percentage points below the file's own Keras model; flipped: "
        "slices that the two answer differently. Verdicts: answer / unsure / refused. Over all slices of "
        "known type, whatever their part."
    )
    if apart:
        note += (
            " Copies: accuracy on slices near-identical to one that the net learnt from; new: on the rest."
        )
    return Table("Accuracy", columns, tuple(rows), note)


MEASURES = {
    "accuracy": "Accuracy",
    "balanced": "Balanced",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "macro_f1": "Macro F1",
}


def classes(report: Report) -> Table:
    """How every file does on each class."""
    assert report.accuracy  # noqa: S101
    rows = [
        (
            score.file,
            *(f"{share(one.sensitivity)} / {share(one.precision)}" for one in score.classes),
        )
        for score in report.accuracy.scores
    ]
    slices = report.accuracy.scores[0].classes if report.accuracy.scores else ()
    columns = ("File", *(f"{one.label} ({one.slices})" for one in slices))
    return Table("By class", columns, tuple(rows), "Sensitivity / precision in %; slices in brackets.")


def duels(report: Report) -> Table:
    """McNemar's test between any two files."""
    assert report.accuracy  # noqa: S101
    rows = tuple(
        (duel.one, duel.other, str(duel.one_only), str(duel.other_only), _p(duel.p))
        for duel in report.accuracy.duels
    )
    columns = ("One", "Other", "Only one right", "Only other right", "p")
    note = (
        "McNemar's exact test, two-sided; it takes slices for independent, which slices of a patient are not."
    )
    return Table("Any two files", columns, rows, note)


def latency(report: Report) -> Table:
    """How long every file takes in every runtime."""
    assert report.latency  # noqa: S101
    rows = tuple(
        (
            one.file,
            one.runtime,
            str(one.threads),
            *(
                (
                    *_percentiles(one.model),
                    estimate(one.ratio, lambda x: f"{x:.3f}"),
                    *_percentiles(one.whole),
                )
                if one.problem is None
                else (one.problem, *[NONE] * 6)
            ),
            NONE if one.decode is None else f"{one.decode.p50:.2f}",
        )
        for one in report.latency.speeds
        # What can't be measured can't on any number of threads.
        if one.problem is None or one.threads == report.latency.speeds[0].threads
    )
    columns = ("File", "Runtime", "Threads", "Model p50 ms", "p90", "p99", "Ratio (95%)", "Whole p50 ms")
    throttled = {None: "", True: " **The machine throttled meanwhile.**", False: " No throttling."}
    state = f"; {_health(report)}" if _health(report) else ""
    note = (
        f"Per picture, batch 1, {report.latency.queries} timed queries a row after warm-up, all rows of one "
        f"number of threads in turns; pictures: {report.latency.pictures}. Model: the interpreter alone; "
        "whole: from a picture's bytes to the verdict, decoding included. Ratio: to the model's p50 of "
        "MobileNetV2@224 int8 in LiteRT on as many threads, the median over rounds"
        f"{state}.{throttled[report.latency.throttled]}"
    )
    return Table("Latency", (*columns, "p90", "p99", "Decode"), rows, note)


def costs(report: Report) -> Table:
    """What every file needs: storage, arithmetic, memory, and time to its first answer."""
    assert report.latency  # noqa: S101
    rows = []
    for one in report.latency.starts:
        file = report.file(one.file)
        rows.append(
            (
                one.file,
                one.runtime,
                f"{file.bytes / 1000:,.1f}",
                f"{file.gzipped / 1000:,.1f}",
                NONE if one.macs is None else f"{one.macs / 1e6:,.1f}",
                f"{one.memory / 1e6:,.1f}",
                f"{one.seconds:.2f}",
            )
        )
    note = (
        "Memory: the most that a fresh process held until its first answer, Python and all; cold start: from "
        "the start of that process to the answer, the median. Multiply-adds: of convolutions and dense "
        "layers."
    )
    columns = ("File", "Runtime", "kB", "kB gzipped", "Million multiply-adds", "Memory MB", "Cold start s")
    return Table("What it costs", columns, tuple(rows), note)


def mlperf(report: Report) -> Table:
    """What LoadGen says."""
    assert report.mlperf  # noqa: S101
    rows = tuple(
        (one.file, str(one.queries), f"{one.p90:.3f}", one.valid, share(one.accuracy))
        for one in report.mlperf.runs
    )
    columns = ("File", "Queries", "p90 ms", "LoadGen says", "Accuracy %")
    note = (
        "MLPerf LoadGen, SingleStream, performance and accuracy mode, the model alone on one thread. A "
        "measurement with the official load generator, not a submission to MLPerf."
    )
    return Table("MLPerf LoadGen", columns, rows, note)


def browser(report: Report) -> Table:
    """What the page's worker takes and says."""
    assert report.browser  # noqa: S101
    rows = tuple(
        (
            one.file,
            f"{one.load:.0f}",
            f"{one.first:.0f}",
            f"{one.visit:.0f}",
            *_percentiles(one.model)[:2],
            *_percentiles(one.whole)[:2],
            f"{one.whole.p50 / one.python.p50:.1f}",
            f"{one.different} of {one.pictures}",
            f"{one.deviation:.1e}",
        )
        for one in report.browser.runs
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
        f"The page's own worker in headless Chromium {report.browser.chromium}, the server on the same "
        "machine; its clock counts in 0.1 ms. Model ready: in a second worker while the page's first loads "
        "the same files. First visit: from opening the page with nothing cached to the answer shown, all of "
        "Chromium held still for three quarters of the time. Whole: from a picture's bytes to verdict and "
        "heatmap; × Python: its median over that of the same in Python, in turns picture by picture. "
        "Different: slices with another verdict or label than Python gives with this file, or a probability "
        "further away than 1/256."
    )
    return Table("In the browser", ("File", *times, "Different", "Largest deviation"), rows, note)


def _health(report: Report) -> str:
    assert report.latency  # noqa: S101
    before, after = report.latency.before, report.latency.after
    parts = []
    if before.celsius is not None and after.celsius is not None:
        parts.append(f"{before.celsius:.0f} to {after.celsius:.0f} °C")
    if before.megahertz is not None and after.megahertz is not None:
        parts.append(f"{before.megahertz:.0f} to {after.megahertz:.0f} MHz")
    return ", ".join(parts)


def _percentiles(each: Percentiles | None) -> tuple[str, str, str]:
    return (f"{each.p50:.3f}", f"{each.p90:.3f}", f"{each.p99:.3f}") if each else (NONE, NONE, NONE)


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"
