"""What results say of a bundle's default file, in its ``about.json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.report.results import Report
from convert.about import about
from convert.provenance import Provenance
from edge_app import records
from edge_app.about import SCHEMA, Figure, Measured, Part
from edge_app.bundle import Bundle
from evaluation.parts import UNKNOWN, WIDE, PartScore, Share

CT = "ct_head"  # what other pictures of that kind are called


def text(folder: Path, results: Path, report_of: Callable[[Path], Report]) -> str | None:
    """Returns the ``about.json`` of a bundle, made anew; None where it can have none.

    Args:
        folder: Of the bundle.
        results: That holds a folder of results a protocol.
        report_of: Makes the report of one of them.

    Raises:
        OtakError: The bundle or a result is broken.
    """
    bundle, provenance = Bundle.load(folder), Provenance.load(folder)
    if provenance.training is None:
        return None
    measured = results / provenance.training.protocol
    digest = next(file.sha256 for file in bundle.files if file.path == bundle.default)
    described = about(
        bundle, provenance, _measured(report_of(measured), digest) if measured.is_dir() else None
    )
    return records.dumps({"schema": SCHEMA} | asdict(described)) if described else None


def _measured(report: Report, digest: str) -> Measured | None:
    name = next((file.name for file in report.files if file.sha256 == digest), None)
    metrics = report.accuracy.files.get(name) if report.accuracy and name else None
    if metrics is None:
        return None
    return Measured(
        date=report.provenance["predictions"].date[:10],
        parts=_parts([part for part in metrics.parts if part.name != WIDE]),
        sequences=_parts([part for part in metrics.sequences if part.name != UNKNOWN]),
        ct_passed=_ct_passed(report, name),
    )


def _parts(scores: Sequence[PartScore]) -> tuple[Part, ...]:
    """Returns the parts that got most wrong answers first; those without answers are last."""
    shares = ("wrong", "missed", "found", "cleared")
    return tuple(
        Part(
            name=score.name,
            slices=score.slices,
            groups=score.groups,
            **{name: _figure(getattr(score, name)) for name in shares},
        )
        for score in sorted(scores, key=_wrong, reverse=True)
    )


def _wrong(score: PartScore) -> float:
    return -1.0 if score.wrong is None else score.wrong.estimate.value


def _figure(share: Share | None) -> Figure | None:
    if share is None:
        return None
    estimate = share.estimate
    return Figure(count=share.count, of=share.of, low=estimate.low, high=estimate.high)


def _ct_passed(report: Report, name: str | None) -> Figure | None:
    files = report.robustness.files if report.robustness else ()
    pictures = [each for file in files if file.file == name for each in file.out_of_distribution]
    ct = next((each for each in pictures if each.kind == CT), None)
    if ct is None:
        return None
    return Figure(count=ct.pictures - ct.verdicts.get("refused", 0), of=ct.pictures, low=None, high=None)
