"""Targets: what the net that ships was to reach, beside what it reaches, the weakest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure.robustness import SAMPLES, FileRobustness
from benchmarks.report import results, tables
from benchmarks.report.aims import AIMS
from benchmarks.report.results import Report
from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.parts import (
    CLASSIC,
    MIXED,
    WIDE,
    Share,
    by_part,
    part_of,
    share_of,
    split_by,
    threshold_at_95,
)
from evaluation.predictions import NAME, SlicePrediction
from evaluation.reliability import ece, noise_floor, reliability_by_mass
from evaluation.statistics import Estimate, Resampled, group_weights
from evaluation.tables import NONE, Table, estimate, percent

TESTED, OUT_OF_FOLD = "grouped", "out-of-fold"  # folders of results
SCOPE = "mr_brain_scope"  # brains that no slice of the training part looks like; may be answered unsure
MONITOR = "Photographed monitor"
TUNED = " tuned"  # ends the name of the rival's net
LEAST = 30  # slices of a cell that decides
FEW = 0.02  # smaller shares are told with their counts

Rows = Sequence[SlicePrediction]
Cells = Mapping[tuple[str, bool], list[SlicePrediction]]


@dataclass(frozen=True)
class Measured:
    """A figure, and how the table writes it."""

    value: float
    text: str


Figures = dict[str, Measured]


def table(folder: Path, report_of: Callable[[Path], Report]) -> Table:
    """Makes the table of all targets that results allow to be measured.

    Args:
        folder: That holds a folder of results a protocol, and ``OUT_OF_FOLD`` where that was made.
        report_of: Makes the report of one of them.

    Raises:
        OtakError: The results of the protocol ``grouped`` are missing, or a result is broken.
    """
    report = report_of(folder / TESTED)
    predicted = results.table(folder / TESTED)
    name = next(file.name for file in report.files if file.name in predicted)
    pooled = _pooled(folder)
    columns = {"Out of fold": of_predictions(pooled, pooled)} if pooled else {}
    columns["Test part"] = {
        **of_predictions(predicted[name], pooled or predicted[name]),
        **_against_rival(report, name, predicted),
        **_of_robustness(report, predicted[name]),
        **_of_cost(report, name),
        **_of_other_protocols(folder, name, report_of),
    }
    rows = sorted(_rows(columns), key=lambda row: -row[0])
    titles = ("Figure", "Aim", *columns, "Reached")
    note = _note(bool(pooled))
    return Table(
        "Targets", titles, tuple(row for _, row in rows), f"{note} {tables.made_by(report, 'targets')}"
    )


def of_predictions(rows: Rows, negatives: Rows) -> Figures:
    """Measures what predictions alone tell.

    Args:
        rows: Of one file.
        negatives: Their slices of ``classic`` without a tumour give the threshold for 95% specificity.
    """
    figures: Figures = {}
    for part in by_part(rows):
        name = part.name.removeprefix(f"{WIDE}/")
        for share in ("right", "found", "cleared", "wrong", "answered"):
            _put(figures, f"{name} {share}", getattr(part, share), counted=share == "wrong")
    parts = split_by(rows, part_of)
    threshold = threshold_at_95([row for row in negatives if part_of(row) == CLASSIC])
    if threshold is not None:
        for name in (CLASSIC, MIXED):
            own = [row for row in parts.get(name, []) if row.label != NO_TUMOUR]
            _put(figures, f"{name} at 95%", share_of(own, lambda row: row.tumour > threshold))
    figures |= _of_cells(_cells(rows)) | _of_probabilities(rows) | _of_verdicts(parts)
    pointed = [row for row in rows if row.pointing and row.right]
    _put(figures, "pointing", share_of(pointed, lambda row: row.pointing is not None and row.pointing.hit))
    return {key: figure for key, figure in figures.items() if key in AIMS}


def _pooled(folder: Path) -> list[SlicePrediction]:
    if not (folder / OUT_OF_FOLD / NAME).is_file():
        return []
    return next(iter(results.table(folder / OUT_OF_FOLD).values()))


def _put(figures: Figures, key: str, share: Share | None, where: str = "", counted: bool = False) -> None:
    """Adds a share, where there is one; small ones with their counts."""
    if share is not None:
        text = percent(share.estimate)
        if counted or share.estimate.value < FEW:
            text += f" [{share.count} of {share.of}]"
        figures[key] = Measured(share.estimate.value, f"{where}: {text}" if where else text)


def _cells(rows: Rows) -> Cells:
    """Returns the slices of each known sequence, with a tumour and without, where they are enough."""
    known = [row for row in rows if row.sequence not in ("", "other")]
    cells: dict[tuple[str, bool], list[SlicePrediction]] = {}
    for row in known:
        cells.setdefault((row.sequence, row.label != NO_TUMOUR), []).append(row)
    return {cell: own for cell, own in cells.items() if len(own) >= LEAST}


def _cell_right(row: SlicePrediction) -> bool:
    """Tells whether a tumour was found, or a slice without one cleared."""
    return (row.label == NO_TUMOUR) == (row.predicted == NO_TUMOUR)


def _of_cells(cells: Cells) -> Figures:
    figures: Figures = {}
    shares = {cell: share for cell, own in cells.items() if (share := share_of(own, _cell_right))}
    if shares:
        worst = min(shares, key=lambda cell: shares[cell].estimate.value)
        _put(figures, "worst cell", shares[worst], f"{worst[0]} {'with' if worst[1] else 'without'} tumour")
    _put(figures, "T2 with tumour", shares.get(("T2", True)))
    return figures


def _of_probabilities(rows: Rows) -> Figures:
    typed = [row for row in rows if row.label != UNTYPED]
    confidence = np.array([row.confidence for row in typed])
    error = ece(reliability_by_mass(confidence, np.array([row.right for row in typed])))
    floor = noise_floor(confidence)
    above = error - floor
    return {"calibration": Measured(above, f"{above:z.3f} ({error:.3f} less {floor:.3f})")}


def _of_verdicts(parts: Mapping[str, Rows]) -> Figures:
    figures: Figures = {}
    tumours = {
        name: [row for row in rows if row.label != NO_TUMOUR and row.verdict] for name, rows in parts.items()
    }
    _put_worst(figures, "missed", tumours, lambda row: row.verdict == "answer" and row.predicted == NO_TUMOUR)
    # Without a rejection hardly anything is refused, which says nothing of the net that ships.
    judged = {name: [row for row in rows if row.in_distribution is not None] for name, rows in parts.items()}
    _put_worst(figures, "brain refused", judged, lambda row: row.verdict == "refused")
    return figures


def _put_worst(
    figures: Figures, key: str, parts: Mapping[str, Rows], meets: Callable[[SlicePrediction], bool]
) -> None:
    """Adds the share of the part where it is highest."""
    shares = {name: share for name, rows in parts.items() if (share := share_of(rows, meets))}
    if shares:
        worst = max(shares, key=lambda name: shares[name].estimate.value)
        _put(figures, key, shares[worst], f"`{worst}`", counted=True)


def _against_rival(report: Report, name: str, predicted: Mapping[str, Rows]) -> Figures:
    """Measures the lead over the fine-tuned MobileNetV2 in the same format, where that was asked."""
    ours = report.file(name)
    rivals = [
        file.name
        for file in report.files
        if file.net.endswith(TUNED) and (file.format, file.precision) == (ours.format, ours.precision)
    ]
    if not rivals or rivals[0] not in predicted:
        return {}
    rows, theirs = predicted[name], {row.path: row for row in predicted[rivals[0]]}
    groups = {row.group: index for index, row in enumerate({each.group: each for each in rows}.values())}
    classic = [row for row in rows if part_of(row) == CLASSIC]
    leads = {
        "rival classic": _mean_lead([classic], theirs, groups, lambda row: row.right),
        "rival cells": _mean_lead(list(_cells(rows).values()), theirs, groups, _cell_right),
    }
    return {
        key: Measured(lead.value, estimate(lead, lambda points: f"{100 * points:+.1f}"))
        for key, lead in leads.items()
        if lead
    }


def _mean_lead(
    cells: Sequence[Rows],
    theirs: Mapping[str, SlicePrediction],
    groups: Mapping[str, int],
    right: Callable[[SlicePrediction], bool],
) -> Estimate | None:
    """Estimates the mean over cells of how much oftener one file is right than another, group by group."""
    if not all(cells) or not cells:
        return None
    weights = np.vstack([np.ones(len(groups)), group_weights(len(groups))])
    means = []
    for rows in cells:
        places = [groups[row.group] for row in rows]
        gained = [float(right(row)) - float(right(theirs[row.path])) for row in rows]
        sums = np.bincount(places, weights=gained, minlength=len(groups))
        with np.errstate(invalid="ignore"):
            means.append((weights @ sums) / (weights @ np.bincount(places, minlength=len(groups))))
    mean = np.mean(means, axis=0)
    return Resampled(float(mean[0]), mean[1:]).estimate


def _of_robustness(report: Report, rows: Rows) -> Figures:
    files = report.robustness.files if report.robustness else ()
    found = next((each for each in files if each.file == rows[0].file), None)
    return _of_others(found) | _of_monitor(found, rows) if found else {}


def _of_others(found: FileRobustness) -> Figures:
    kinds = [kind for kind in found.out_of_distribution if kind.kind not in SAMPLES]
    judged = [kind for kind in kinds if kind.kind != SCOPE]
    figures: Figures = {}
    for key, own, verdict in (("others refused", judged, "refused"), ("others answered", kinds, "answer")):
        if count := sum(kind.pictures for kind in own):
            figures[key] = _counted(sum(kind.verdicts.get(verdict, 0) for kind in own), count)
    return figures


def _of_monitor(found: FileRobustness, rows: Rows) -> Figures:
    """Counts over all strengths together; rows are those of the slices as they are."""
    steps = [step.verdicts for step in found.corruptions.get(MONITOR, ()) if step.strength is not None]
    typed = [row for row in rows if row.label != UNTYPED]
    if not steps or any(step.slices != len(typed) for step in steps):  # a quick measurement takes a tenth
        return {}
    tumours = sum(row.label != NO_TUMOUR for row in typed)
    answered = [round(step.answered * step.slices) for step in steps]
    wrong = [round((step.wrong or 0) * count) for step, count in zip(steps, answered, strict=True)]
    missed = [round((step.missed or 0) * tumours) for step in steps]
    counts = {
        "monitor answered": (sum(answered), len(steps) * len(typed)),
        "monitor wrong": (sum(wrong), sum(answered)),
        "monitor missed": (sum(missed), len(steps) * tumours),
    }
    return {key: _counted(count, of) for key, (count, of) in counts.items() if of}


def _counted(count: int, of: int) -> Measured:
    return Measured(count / of, f"{100 * count / of:.1f} [{count} of {of}]")


def _of_cost(report: Report, name: str) -> Figures:
    size = report.file(name).bytes / 1000
    figures = {"size": Measured(size, f"{size:,.0f}")}
    for speed in report.latency.speeds if report.latency else ():
        if speed.file == name and speed.threads == 1 and speed.ratio and "speed" not in figures:
            figures["speed"] = Measured(speed.ratio.value, estimate(speed.ratio, lambda x: f"{x:.3f}"))
    return figures


def _of_other_protocols(folder: Path, name: str, report_of: Callable[[Path], Report]) -> Figures:
    figures: Figures = {}
    for protocol in ("paper", "official"):
        if not (folder / protocol / NAME).is_file():
            continue
        report = report_of(folder / protocol)
        metrics = report.accuracy.files.get(name) if report.accuracy else None
        if metrics is None:
            continue
        key, right = (
            ("paper right", metrics.overall["accuracy"])
            if protocol == "paper"
            else ("official new", metrics.new)
        )
        if right is not None:
            version = report.file(name).version
            figures[key] = Measured(right.value, f"{percent(right)}, net of {version}")
    return figures


def _rows(columns: Mapping[str, Figures]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yields the rows, each with how far its worst figure is from the aim."""
    for key, aim in AIMS.items():
        measured = [figures.get(key) for figures in columns.values()]
        short = [aim.shortfall(figure.value) for figure in measured if figure]
        if short:
            cells = (figure.text if figure else NONE for figure in measured)
            yield max(short), (aim.figure, aim.text, *cells, "no" if max(short) > 0 else "yes")


def _note(pooled: bool) -> str:
    source = "out of fold" if pooled else "of the test part itself, for want of predictions out of fold"
    out_of_fold = (
        "Out of fold: folds 1 to 4, each slice answered by a net in float of the same recipe that never saw "
        "its patient, at the shipped temperature and thresholds, which were chosen on these answers, and "
        "without the rejection. "
    )
    return (
        "The furthest from its aim first. In %, with 95% intervals from a bootstrap over patients or groups, "
        "in brackets how many of how many. Test part: fold 0, looked at once. "
        f"{out_of_fold if pooled else ''}"
        "Reached: by every figure of the row. At 95% specificity: above the threshold that 95% of the slices "
        f"of `classic` without a tumour stay below, {source}. Cells: tumours found, or slices without one "
        f"cleared, of one known sequence, of at least {LEAST} slices. ECE: over 10 bins of equal mass; the "
        "noise floor is that of a net as sure on as many slices that is right as often as it says. Out of "
        "distribution: pictures of sources that nothing was fitted on; refused, those of brain sequences out "
        f"of scope (`{SCOPE}`) left out. Photographed monitor: all five strengths together. Against "
        "MobileNetV2: points ahead, int8 both. Protocols: of a net trained for each."
    )
