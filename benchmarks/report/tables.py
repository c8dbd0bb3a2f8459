"""The tables of a report, and the report in Markdown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.report import accuracy_tables, cost_tables, results
from benchmarks.report.results import Accuracy, Report
from evaluation.tables import (
    NONE,
    PARTS_NOTE,
    PLANES_NOTE,
    SEQUENCES_NOTE,
    Table,
    estimate,
    part_share,
    part_table,
    study_table,
)

SUMMARY = {
    "Right, wide": ("wide", "right"),
    "Wrong, wide": ("wide", "wrong"),
    "Right, classic": ("classic", "right"),
    "Wrong, classic": ("classic", "wrong"),
    "At 95%, classic": ("classic", "found_at_95"),
    "At 95%, mixed": ("mixed", "found_at_95"),
}
# What tables are made from, where their name doesn't say.
MADE_FROM = {
    "costs": "latency",
    "corruptions": "robustness",
    "out-of-distribution": "robustness",
    "latency": "latency",
    "mlperf": "mlperf",
    "browser": "browser",
}


def all_tables(report: Report) -> dict[str, Table]:
    """Makes every table that a report has figures for, by name; those of predictions come by ``verdicts``."""
    tables = {"summary": summary(report)}
    if report.accuracy:
        tables |= _of_accuracy(report.accuracy)
    if report.robustness:
        tables["corruptions"] = accuracy_tables.corruptions(report.robustness.files)
        tables["out-of-distribution"] = accuracy_tables.out_of_distribution(report.robustness.files)
    if report.latency:
        files = {file.name: file for file in report.files}
        tables["latency"] = cost_tables.latency(report.latency)
        tables["costs"] = cost_tables.costs(report.latency, files)
    if report.mlperf:
        tables["mlperf"] = cost_tables.mlperf(report.mlperf)
    if report.browser:
        tables["browser"] = cost_tables.browser(report.browser)
    return tables


def quoted(report: Report, folder: Path, name: str, net: str | None) -> Table:
    """Returns one table of a folder of results, as texts quote it.

    Args:
        report: Of the results.
        folder: Where they lie.
        name: Of the table.
        net: Keeps the rows of the first file of one net alone, as the report calls it; None for all files.

    Raises:
        OtakError: The predictions are broken, or the results hold no such table or net.
    """
    if net is not None:
        report = _only(report, net, folder)
    tables = all_tables(report)
    if report.accuracy and name == "verdicts":
        rows = results.table(folder)
        tables[name] = accuracy_tables.verdicts({file: rows[file] for file in report.accuracy.files})
    if name not in tables:
        raise BenchmarkError(f"{folder}: has no table {name}; it has {', '.join(tables)}.")
    table = tables[name]
    if name == "summary":  # which says so itself
        return table
    return replace(table, note=f"{table.note} {made_by(report, name)}")


def document(report: Report) -> str:
    """Lays a whole report out in Markdown."""
    lines = ["# Benchmark", ""]
    for name, provenance in report.provenance.items():
        machine = provenance.machine
        packages = ", ".join(f"{package} {version}" for package, version in machine.packages.items())
        lines.append(
            f"- {name}: {provenance.date}, {machine.cpu}, {machine.cores} cores, {machine.system}, Python "
            f"{machine.python}, {packages}; `{provenance.command}`"
        )
    if report.accuracy:
        lines.append(f"- hash of the test part: `{report.accuracy.data.sha256}`")
    for file in report.files:
        lines.append(f"- {file.name}, version {file.version}: `{file.sha256}`")
    lines.append("")
    for table in all_tables(report).values():
        lines += [f"## {table.title}", "", table.markdown()]
    return "\n".join(lines)


def summary(report: Report) -> Table:
    """One line a file: accuracy, what was lost, size and relative latency on one thread."""
    found = report.accuracy.files if report.accuracy else {}
    ratios = {
        speed.file: estimate(speed.ratio, lambda x: f"{x:.3f}")
        for speed in reversed(report.latency.speeds if report.latency else ())
        if speed.threads == 1 and speed.problem is None
    }
    rows = []
    for file in report.files:
        metrics = found.get(file.name)
        compared = metrics.against_keras if metrics else None
        rows.append(
            (
                file.net,
                f"{file.format} {file.precision}",
                f"{file.bytes / 1000:,.0f}",
                *(
                    part_share(metrics.part(part) if metrics else None, name)
                    for part, name in SUMMARY.values()
                ),
                f"{100 * compared.lost.value:.1f}" if compared else NONE,
                str(compared.flipped) if compared else NONE,
                ratios.get(file.name, NONE),
            )
        )
    columns = ("Net", "File", "kB", *SUMMARY, "Lost", "Flipped", "Latency ratio")
    return Table("Summary", columns, tuple(rows), made_by(report))


def made_by(report: Report, name: str = "") -> str:
    """Says in a sentence how a report's figures came about, or those of one of its tables."""
    part = MADE_FROM.get(name, "predictions")
    provenance = report.provenance.get(part) or next(iter(report.provenance.values()))
    subject = ""
    if report.accuracy and part == "predictions":
        data = report.accuracy.data
        subject = f" on {data.folder}, protocol {data.protocol}, {data.slices} slices of {data.groups} groups"
    machine = provenance.machine
    return (
        f"Measured {provenance.date[:10]}{subject}; {machine.cpu}, {machine.cores} cores, "
        f"`{provenance.command}`."
    )


def _of_accuracy(found: Accuracy) -> dict[str, Table]:
    parts, sequences, planes = (
        {name: getattr(metrics, kind) for name, metrics in found.files.items()}
        for kind in ("parts", "sequences", "planes")
    )
    studies = {"studies": study_table("By patient", found.studies)} if found.studies else {}
    return studies | {
        "parts": part_table("By part", "Part", parts, PARTS_NOTE),
        "sequences": part_table("By sequence", "Sequence", sequences, SEQUENCES_NOTE),
        "planes": part_table("By plane", "Plane", planes, PLANES_NOTE),
        "accuracy": accuracy_tables.accuracy(found),
        "classes": accuracy_tables.classes(found),
        "calibration": accuracy_tables.calibration(found.files),
        "mcnemar": accuracy_tables.mcnemar(found.mcnemar),
    }


def _only(report: Report, net: str, folder: Path) -> Report:
    """Returns a report with the first file of one net alone in what predictions say."""
    names = [file.name for file in report.files if file.net == net]
    if not names:
        raise BenchmarkError(f"{folder}: has no net {net}.")
    accuracy, robustness = report.accuracy, report.robustness
    asked = [name for name in names if accuracy and name in accuracy.files][:1]
    # Of all files it was measured of the one for devices alone, which need not be the first.
    corrupted = tuple(each for each in robustness.files if each.file in names) if robustness else ()
    return replace(
        report,
        accuracy=replace(
            accuracy,
            files={name: accuracy.files[name] for name in asked},
            studies={name: accuracy.studies[name] for name in asked if name in accuracy.studies},
        )
        if accuracy and asked
        else None,
        robustness=replace(robustness, files=corrupted) if robustness and corrupted else None,
    )
