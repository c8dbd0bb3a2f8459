"""The published tables made anew from runs, the paper's claims beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from edge_app import records
from evaluation.parts import CLASSIC, MIXED, WIDE, Share
from evaluation.statistics import Estimate
from evaluation.tables import SCHEMA, Table, percent, share
from train.audit import figures
from train.audit.figures import Baseline
from train.config import PROTOCOLS
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
    for table in (
        Table("comparison", COMPARISON, comparison, note),
        Table("classes", CLASSES, classes, note),
    ):
        records.write(out / table.title / "table.json", table, SCHEMA)


def _metrics(run: Run) -> RunMetrics:
    if run.state != "finished":
        raise DataError(f"{run.folder}: this run is not finished; go on with it by --resume.")
    return RunMetrics.load(run.folder)


def _net(run: Run) -> str:
    if run.config.arch != "mobilenetv2":
        return f"`{run.config.arch}`"
    return f"`mobilenetv2`@{run.input.size}, {'fine-tuned' if run.config.fine_tune else 'frozen'}"


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
