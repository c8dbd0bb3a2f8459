"""The published tables made anew from runs, the paper's claims beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_app import records
from evaluation.labels import NAMES
from train.audit import summary
from train.config import PROTOCOLS
from train.data.dataset import DataError
from train.run import Run

CLAIMS = [
    [
        "Published 14-layer CNN",
        "`paper`",
        "98.2 to 99",
        "",
        "",
        "",
        "",
        "",
        "",
        "463 to 8600, 100 epochs, Colab GPU",
    ],
    ["Published MobileNetV2", "`paper`", "94", "", "", "", "", "", "", ""],
]
COMPARISON = [
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
]
CLASSES = ["Net", "Protocol", "Class", "Precision", "Recall", "F1", "Slices"]


def write(folders: list[Path], audit: Path | None, out: Path) -> None:
    """Writes the tables ``comparison`` and ``classes``.

    Args:
        folders: Of finished runs.
        audit: An ``audit.json`` of their data, for the nearest neighbour in pixels.
        out: For a folder a table.

    Raises:
        DataError: A run is not finished, or a file is missing or broken.
    """
    runs = [(run, _metrics(run)) for run in map(Run.load, folders)]
    runs.sort(key=lambda each: PROTOCOLS.index(each[1]["protocol"]))
    neighbours = summary.read(audit)["baselines"] if audit else []
    rows = [*CLAIMS, *_neighbours(neighbours), *(_comparison(run, metrics) for run, metrics in runs)]
    classes = [row for run, metrics in runs for row in _classes(run, metrics)]
    note = _note([run for run, _ in runs])
    for name, columns, table in (("comparison", COMPARISON, rows), ("classes", CLASSES, classes)):
        content = {"columns": columns, "rows": table, "note": note}
        records.write_text(out / name / "table.json", json.dumps(content, indent=2) + "\n")


def _metrics(run: Run) -> dict[str, Any]:
    path = run.folder / "metrics.json"
    if run.state != "finished" or not path.is_file():
        raise DataError(f"{run.folder}: this run is not finished; go on with it by --resume.")
    metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return metrics


def _net(run: Run) -> str:
    if run.config.arch != "mobilenetv2":
        return f"`{run.config.arch}`"
    return f"`mobilenetv2`@{run.input.size}, {'fine-tuned' if run.config.fine_tune else 'frozen'}"


def _comparison(run: Run, metrics: dict[str, Any]) -> list[str]:
    copies = [_accuracy(metrics[part]["accuracy"]) if part in metrics else "" for part in ("copies", "new")]
    parts = {part["name"]: part for part in metrics["parts"]}
    shares = [("classic", "right"), ("classic", "found_at_95"), ("mixed", "found_at_95"), ("wide", "right")]
    right, tumour, mixed, wide = (_part(parts.get(name, {}).get(share)) for name, share in shares)
    training = _percent(metrics["training"]["accuracy"])
    seconds = f"{run.seconds:.0f}, {run.recipe.epochs} epochs"
    protocol = f"`{metrics['protocol']}`"
    return [_net(run), protocol, right, *copies, tumour, mixed, wide, training, seconds]


def _part(share: dict[str, Any] | None) -> str:
    return _accuracy(share["estimate"]) if share else ""


def _neighbours(baselines: list[dict[str, Any]]) -> list[list[str]]:
    scores: dict[str, dict[str, str]] = {}
    for one in baselines:
        scores.setdefault(one["protocol"], {})[one["part"]] = _accuracy(one["accuracy"])
    return [
        [
            "1-NN in pixels",
            f"`{name}`",
            *(parts.get(part, "") for part in ("all", "copies", "new")),
            *[""] * 5,
        ]
        for name, parts in scores.items()
    ]


def _classes(run: Run, metrics: dict[str, Any]) -> list[list[str]]:
    return [
        [
            _net(run),
            f"`{metrics['protocol']}`",
            name,
            *(f"{metrics['classes'][name][key]:.3f}" for key in ("precision", "recall", "f1")),
            str(metrics["classes"][name]["support"]),
        ]
        for name in NAMES
    ]


def _accuracy(accuracy: dict[str, Any]) -> str:
    if accuracy["low"] is None:
        return _percent(accuracy["value"])
    return f"{_percent(accuracy['value'])} ({_percent(accuracy['low'])} to {_percent(accuracy['high'])})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _note(runs: list[Run]) -> str:
    def all_of(values: list[str]) -> str:
        return ", ".join(sorted(set(values)))

    return (
        "Keras nets in float32. At 95%: % of the tumours called one at 95% specificity, read from the part "
        "itself; mixed: likewise of tumours of unknown type and of all sequences, at the same threshold; "
        "wide: other collections, the mean over them. Own training share: % right of what the net learnt "
        "from. Seconds are of training alone, on this machine "
        f"({all_of([run.environment.device for run in runs])}; "
        f"{all_of([run.environment.backend for run in runs])}), other work beside it. "
        f"Data {all_of([run.data.sha256[:12] for run in runs])}; "
        f"{all_of([run.started[:10] for run in runs])}; "
        f"commits {all_of([run.environment.commit[:7] for run in runs])}; seed "
        f"{all_of([str(run.config.seed) for run in runs])}. "
        "The published figures are the paper's own, on its own split."
    )
