"""The published tables made anew from runs, the paper's claims beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from edge_app import records
from evaluation import predictions as table
from evaluation.criterion import Criterion, criterion
from evaluation.labels import UNTYPED
from evaluation.parts import CLASSIC, MIXED, WIDE, Share, part_of
from evaluation.predictions import SlicePrediction
from evaluation.reliability import risk_coverage
from evaluation.statistics import Estimate
from evaluation.tables import NONE, SCHEMA, Table, percent, share
from train.audit import figures
from train.audit.figures import Baseline
from train.config import PRETRAINED, PROTOCOLS, TrainingConfig, but_for_fold, recipe_of
from train.errors import DataError
from train.run import Run
from train.run_metrics import RunMetrics

Row = tuple[str, ...]

COMPARISON = (
    "Net",
    "Protocol",
    "Right % (95%)",
    "Copies",
    "New",
    "At 95%",
    "Mixed at 95%",
    "Wide, right",
    "Own training share",
    "Training s",
)
CLASSES = ("Net", "Protocol", "Class", "Precision", "Recall", "F1", "Slices")
CHOICE = ("Net", "Recipe", "Folds", "Balanced accuracy %", "Cross-entropy", "Answered %", "Weakest cells, %")
WRONG = 0.03
CHOICE_NOTE = (
    "Slices of folds that the nets did not see, in Keras. Balanced accuracy: the mean over the sequences of "
    "the mean over their labels; it decides, and then the cross-entropy, taken likewise. Answered: the most "
    f"slices of `{CLASSIC}` and of `{WIDE}` that can be answered, the surest first, with {100 * WRONG:.0f}% "
    "wrong among them. Compare rows of the same folds alone."
)
CLAIMS: tuple[Row, ...] = (
    ("Published 14-layer CNN", "`paper`", "98.2 to 99", *[""] * 6, "463 to 8600, 100 epochs, Colab GPU"),
    ("Published MobileNetV2", "`paper`", "94", *[""] * 7),
)


def write(folders: Sequence[Path], audit: Path | None, out: Path) -> None:
    """Writes the tables ``comparison`` and ``classes``.

    Args:
        folders: Of finished runs.
        audit: An ``audit.json`` of their data, for the nearest neighbour in pixels.
        out: For a folder a table.

    Raises:
        DataError: A run is not finished, or a file is missing or broken.
    """
    runs = [(run, _metrics(run)) for run in map(Run.load, folders)]
    runs.sort(key=lambda pair: PROTOCOLS.index(pair[0].config.protocol))
    baselines = figures.read(audit).baselines if audit else ()
    note = _note([run for run, _ in runs])
    comparison = (*CLAIMS, *_neighbours(baselines), *(_comparison(run, metrics) for run, metrics in runs))
    classes = tuple(row for run, metrics in runs for row in _classes(run, metrics))
    for laid_out in (
        Table("comparison", COMPARISON, comparison, note),
        Table("classes", CLASSES, classes, note),
    ):
        records.write(out / laid_out.title / "table.json", laid_out, SCHEMA)


def out_of_fold(folders: Sequence[Path]) -> Table:
    """Lays out what recipes are chosen by: runs of several folds, pooled where they differ in that alone.

    A run of the fold that is withheld from all others has no say.

    Args:
        folders: Of finished runs.

    Raises:
        DataError: Nothing can be said of any.
        OtakError: A run or its predictions can't be read.
    """
    runs: dict[TrainingConfig, list[Run]] = defaultdict(list)
    for run in map(Run.load, folders):
        if run.config.protocol == "grouped" and run.config.fold != run.config.withheld_fold:
            runs[but_for_fold(run.config)].append(run)
    pooled = [(own, table.read_all(run.folder for run in own)) for own in runs.values()]
    known = [(own, rows, scores) for own, rows in pooled if (scores := criterion(rows))]
    if not known:
        raise DataError("None of these runs tests slices enough of a fold that is not withheld from others.")
    known.sort(key=lambda found: (-found[2].balanced_accuracy, found[2].crossentropy))
    return Table("choice", CHOICE, tuple(_choice(*found) for found in known), CHOICE_NOTE)


def _choice(runs: list[Run], rows: list[SlicePrediction], found: Criterion) -> Row:
    config = runs[0].config
    usual = asdict(recipe_of(config.arch, config.fine_tune, bool(config.teachers)))
    changed = {name: value for name, value in asdict(config.recipe).items() if value != usual[name]}
    return (
        _net(runs[0]),
        ", ".join(f"{name} {value}" for name, value in changed.items()) or "as usual",
        " ".join(sorted(str(run.config.fold) for run in runs)),
        f"{100 * found.balanced_accuracy:.2f}",
        f"{found.crossentropy:.3f}",
        f"{_answered(rows, CLASSIC)}, {_answered(rows, WIDE)}",
        ", ".join(f"{cell.sequence} {cell.label} {100 * cell.right:.0f}" for cell in found.cells[:3]),
    )


def _answered(rows: list[SlicePrediction], part: str) -> str:
    """Returns how many of a part can be answered with ``WRONG`` of the answers wrong, the surest first."""
    typed = [row for row in rows if row.label != UNTYPED and part_of(row).startswith(part)]
    if not typed:
        return NONE
    coverage, wrong = risk_coverage(
        np.array([row.confidence for row in typed]), np.array([row.right for row in typed])
    )
    return share(max((own for own, risk in zip(coverage, wrong, strict=True) if risk <= WRONG), default=0.0))


def _metrics(run: Run) -> RunMetrics:
    if run.state != "finished":
        raise DataError(f"{run.folder}: this run is not finished; go on with it by --resume.")
    return RunMetrics.load(run.folder)


def _net(run: Run) -> str:
    config = run.config
    name = f"`{config.arch}`"
    if config.arch in PRETRAINED:
        size = config.backbone_size or run.input.size
        name += f"@{size}, {'fine-tuned' if config.fine_tune else 'frozen'}"
    teachers = " and ".join(f"`{teacher.arch}`" for teacher in config.teachers)
    return name + (f", taught by {teachers}" if teachers else "")


def _comparison(run: Run, metrics: RunMetrics) -> Row:
    own = metrics.metrics
    classic, mixed, wide = (own.part(name) for name in (CLASSIC, MIXED, WIDE))
    return (
        _net(run),
        f"`{metrics.protocol}`",
        _share(classic.right if classic else None),
        _percent(own.copies),
        _percent(own.new),
        _share(classic.found_at_95 if classic else None),
        _share(mixed.found_at_95 if mixed else None),
        _share(wide.right if wide else None),
        share(metrics.training.accuracy) if metrics.training else "",
        f"{run.seconds:.0f}, {run.recipe.epochs} epochs",
    )


def _neighbours(baselines: Iterable[Baseline]) -> list[Row]:
    scores: dict[str, dict[str, str]] = {}
    for baseline in baselines:
        scores.setdefault(baseline.protocol, {})[baseline.part] = percent(baseline.accuracy)
    return [
        (
            "1-NN in pixels",
            f"`{name}`",
            *(parts.get(part, "") for part in ("all", "copies", "new")),
            *[""] * 5,
        )
        for name, parts in scores.items()
    ]


def _classes(run: Run, metrics: RunMetrics) -> list[Row]:
    return [
        (
            _net(run),
            f"`{metrics.protocol}`",
            each.label,
            *map(_figure, (each.precision, each.sensitivity, each.f1)),
            str(each.slices),
        )
        for each in metrics.metrics.classes
    ]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(counted: Share | None) -> str:
    return _percent(counted.estimate if counted else None)


def _percent(value: Estimate | None) -> str:
    return "" if value is None else percent(value)


def _note(runs: list[Run]) -> str:
    def all_of(values: Iterable[str]) -> str:
        return ", ".join(sorted(set(values)))

    return (
        "Keras nets in float32. At 95%: % of the tumours called one at 95% specificity, read from the part "
        "itself; mixed: likewise of tumours of unknown type and of all sequences, at the same threshold; "
        "wide: other collections, the mean over them. Own training share: % right of what was seen in "
        "training. Seconds are of training alone, on this machine "
        f"({all_of(run.environment.device for run in runs)}; "
        f"{all_of(run.environment.backend for run in runs)}), other work beside it. "
        f"Data {all_of(run.data.sha256[:12] for run in runs)}; "
        f"{all_of(run.started[:10] for run in runs)}; "
        f"commits {all_of(run.environment.commit[:7] for run in runs)}; seed "
        f"{all_of(str(run.config.seed) for run in runs)}. "
        "The published figures are the paper's own, on its own split."
    )
