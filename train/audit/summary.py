"""An audit's main figures as Markdown, for the texts that quote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evaluation.labels import LABELS, UNTYPED
from train.data.dataset import DataError

TITLES = {label.name: label.en for label in LABELS} | {UNTYPED: "Tumour, type unknown"}


def read(path: Path) -> dict[str, Any]:
    """Reads an ``audit.json``.

    Raises:
        DataError: It is missing or broken.
    """
    try:
        figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}).") from None
    except ValueError as error:
        raise DataError(f"{path}: is broken ({error}).") from None
    return figures


def markdown(figures: dict[str, Any]) -> str:
    """Lays the figures of an audit out: what is double, what contradicts itself, what memory scores."""
    near, exact, contradicted = figures["near"], figures["exact"], figures["contradicted"]
    lines = [
        f"- {near['copies']:,} of {figures['data']['images']:,} pictures are near-identical to an earlier "
        f"one, {exact['copies']:,} of them identical files; {near['images']:,} pictures are in one of "
        f"{near['clusters']:,} sets of near-identical ones, the largest of {near['largest']:,}.",
        f"- {contradicted['images']:,} pictures, in {contradicted['clusters']:,} sets, carry a label that a "
        "near-identical picture contradicts.",
        *(_classless(use, row) for use, row in figures["classless"].items()),
        f"- {len(figures['data']['unreadable']):,} files can't be read; {figures['sizes']['distinct']:,} "
        "different sizes.",
        "",
    ]
    if figures["testing"]:
        rows = [(TITLES[name], row["images"], row["copies"]) for name, row in figures["testing"].items()]
        rows.append(("All", sum(row[1] for row in rows), sum(row[2] for row in rows)))
        lines += ["| Class | Testing | Copies of Training | New |", "| :-- | --: | --: | --: |"]
        lines += [f"| {title} | {images} | {copies} | {images - copies} |" for title, images, copies in rows]
        lines.append("")
    lines += ["| Nearest neighbour in pixels | Pictures | Accuracy % (95%) |", "| :-- | --: | --: |"]
    lines += [_score(one) for one in figures["baselines"]]
    return "\n".join(lines) + "\n"


def _classless(use: str, row: dict[str, int]) -> str:
    """Says in a sentence how many pictures belong to no class, and where they stay."""
    what = {
        "ood": "are no brain MRI of a kind that is classified",
        "none": "contradict their label by what they show",
    }
    return (
        f"- {row['images']:,} pictures, {row['different']:,} different ones, {row['testing']:,} of them in "
        f"Testing, {what[use]} (`{use}`): `grouped` leaves them out; `paper` and `official` keep them, as "
        "the paper had them."
    )


def _score(one: dict[str, Any]) -> str:
    accuracy = one["accuracy"]
    part = "" if one["part"] == "all" else f", {one['part']}"
    value = f"{100 * accuracy['value']:.1f}"
    if accuracy["low"] is not None:
        value += f" ({100 * accuracy['low']:.1f} to {100 * accuracy['high']:.1f})"
    return f"| `{one['protocol']}`{part} | {one['slices']} | {value} |"
