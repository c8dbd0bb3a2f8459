"""Tables of what files say: right or wrong, calibrated, corrupted, out of distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.measure.robustness import FileRobustness, Step, Verdicts, verdicts_of
from benchmarks.report.results import Accuracy
from evaluation.labels import UNTYPED
from evaluation.metrics import Metrics, PairwiseMcNemar
from evaluation.predictions import SlicePrediction
from evaluation.tables import NONE, Table, estimate, percent, share

OVERALL = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "macro_f1": "Macro F1",
}
NAMED = 4  # more pictures than these are only counted


def accuracy(found: Accuracy) -> Table:
    """How right every file is, and what conversion cost."""
    apart = any(metrics.copies for metrics in found.files.values())
    rows = [
        (
            name,
            *(percent(metrics.overall.get(figure)) for figure in OVERALL),
            *((percent(metrics.copies), percent(metrics.new)) if apart else ()),
            *_against_keras(metrics),
            _verdicts(metrics),
        )
        for name, metrics in found.files.items()
    ]
    parts = ("Copies", "New") if apart else ()
    columns = ("File", *OVERALL.values(), *parts, "Keras", "Lost", "Flipped", "Verdicts")
    rows += [(name, problem, *[NONE] * (len(columns) - 2)) for name, problem in found.data.without.items()]
    note = (
        "In %, with 95% intervals from a bootstrap over groups. Sensitivity and specificity: tumour or not, "
        "by the most probable label. Lost: percentage points below the file's own Keras model; flipped: "
        "slices that the two answer differently. Verdicts: answer / unsure / refused. Over all slices of "
        "known type, whatever their part."
    )
    if apart:
        note += " Copies: accuracy on slices near-identical to one seen in training; new: on the rest."
    return Table("Accuracy", columns, tuple(rows), note)


def classes(found: Accuracy) -> Table:
    """How every file does on each class."""
    rows = tuple(
        (name, *(f"{share(each.sensitivity)} / {share(each.precision)}" for each in metrics.classes))
        for name, metrics in found.files.items()
    )
    first = next(iter(found.files.values()))
    columns = ("File", *(f"{each.label} ({each.slices})" for each in first.classes))
    return Table("By class", columns, rows, "Sensitivity / precision in %; slices in brackets.")


def verdicts(rows: Mapping[str, Sequence[SlicePrediction]]) -> Table:
    """What a user is told of each class, file by file."""
    lines = []
    for name, own in rows.items():
        typed = [row for row in own if row.label != UNTYPED]
        for label in sorted({row.label for row in typed}):
            counted = verdicts_of([row for row in typed if row.label == label])
            lines.append((name, label, str(counted.slices), *_verdict_shares(counted)))
    columns = ("File", "Class", "Slices", "Right", "Answered", "Wrong", "Missed", "Refused")
    note = (
        "In %. Right: the most probable answer, whatever the verdict. Wrong: of the answers given. Missed: "
        "tumours that are answered *no tumour*."
    )
    return Table("Verdicts by class", columns, tuple(lines), note)


def calibration(files: Mapping[str, Metrics]) -> Table:
    """How far percentages can be believed, and heatmaps."""
    rows = []
    for name, metrics in files.items():
        game = metrics.pointing
        cells = (share(game.hits), share(game.inside), str(game.tumours)) if game else (NONE, NONE, NONE)
        rows.append((name, f"{metrics.ece:.3f}", *cells))
    columns = ("File", "ECE", "Pointing game %", "Heat in the box %", "Tumours with a box")
    note = (
        "ECE: expected calibration error of the most probable answer over 15 bins. Pointing game: how often "
        "the hottest point lies in the tumour's box, over tumours whose type was named rightly."
    )
    return Table("Calibration and heatmaps", columns, tuple(rows), note)


def mcnemar(pairs: Sequence[PairwiseMcNemar]) -> Table:
    """McNemar's test between any two files."""
    rows = tuple(
        (pair.first, pair.second, str(pair.first_only), str(pair.second_only), _p(pair.p)) for pair in pairs
    )
    columns = ("First", "Second", "Only first right", "Only second right", "p")
    note = (
        "McNemar's exact test, two-sided; it takes slices for independent, which slices of a patient are not."
    )
    return Table("Any two files", columns, rows, note)


def corruptions(files: Sequence[FileRobustness]) -> Table:
    """What is right and what is answered under every corruption."""
    rows = tuple(
        (f"{name}: {each.file}", *(_step(step) for step in each.corruptions[name]))
        for name in files[0].corruptions
        for each in files
    )
    columns = ("Right %, answered %", "none", "1", "2", "3", "4", "5")
    return Table("Corrupted slices", columns, rows, "By strength, from slices as they are to the strongest.")


def out_of_distribution(files: Sequence[FileRobustness]) -> Table:
    """What is refused that is no slice of a brain MRI."""
    rows = tuple(
        (
            each.file,
            kind.kind,
            str(kind.pictures),
            share(kind.verdicts.get("refused", 0) / kind.pictures),
            share(kind.verdicts.get("answer", 0) / kind.pictures),
            ", ".join(kind.let_in) if len(kind.let_in) <= NAMED else f"{len(kind.let_in)} pictures",
        )
        for each in files
        for kind in each.out_of_distribution
    )
    columns = ("File", "Pictures", "Count", "Refused %", "Answered %", "Let in")
    return Table("Out of distribution", columns, rows, "Pictures that are no slice of a brain MRI.")


def _verdicts(metrics: Metrics) -> str:
    if not metrics.verdicts:
        return NONE
    return " / ".join(str(metrics.verdicts.get(verdict, 0)) for verdict in ("answer", "unsure", "refused"))


def _against_keras(metrics: Metrics) -> tuple[str, str, str]:
    compared = metrics.against_keras
    if compared is None:
        return NONE, NONE, NONE
    lost = estimate(compared.lost, lambda x: f"{100 * x:.1f}")
    return f"{100 * compared.accuracy:.1f}", lost, str(compared.flipped)


def _verdict_shares(counted: Verdicts) -> tuple[str, ...]:
    shares = (counted.right, counted.answered, counted.wrong, counted.missed, counted.refused)
    return tuple(map(share, shares))


def _step(step: Step) -> str:
    return f"{share(step.verdicts.right)}, {share(step.verdicts.answered)}"


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"
