"""An audit's main figures as Markdown, for the texts that quote them."""

from __future__ import annotations

from evaluation.labels import LABELS, UNTYPED
from evaluation.tables import Table, percent
from train.audit.figures import Baseline, Classless, Figures

TITLES = {label.name: label.en for label in LABELS} | {UNTYPED: "Tumour, type unknown"}
CLASSLESS = {
    "ood": "are no brain MRI of a kind that is classified",
    "none": "contradict their label by what they show",
}


def markdown(figures: Figures) -> str:
    """Lays the figures of an audit out: what is double, what contradicts itself, what memory scores."""
    near, contradicted = figures.near, figures.contradicted
    lines = [
        f"- {near.copies:,} of {figures.data.images:,} pictures are near-identical to an earlier "
        f"one, {figures.exact.copies:,} of them identical files; {near.images:,} pictures are in one of "
        f"{near.clusters:,} sets of near-identical ones, the largest of {near.largest:,}.",
        f"- {contradicted.images:,} pictures, in {contradicted.clusters:,} sets, carry a label that a "
        "near-identical picture contradicts.",
        *(_classless(use, row) for use, row in figures.classless.items()),
        f"- {len(figures.data.unreadable):,} files can't be read; {figures.sizes.distinct:,} "
        "different sizes.",
    ]
    tables = [_testing(figures)] if figures.testing else []
    tables.append(_memory(figures.baselines))
    return "\n\n".join(["\n".join(lines), *(table.markdown().strip() for table in tables)]) + "\n"


def _classless(use: str, row: Classless) -> str:
    return (
        f"- {row.images:,} pictures, {row.different:,} different ones, {row.testing:,} of them in "
        f"Testing, {CLASSLESS[use]} (`{use}`): `grouped` leaves them out; `paper` and `official` keep them, "
        "as the paper had them."
    )


def _testing(figures: Figures) -> Table:
    rows = [(TITLES[name], row.images, row.copies) for name, row in figures.testing.items()]
    rows.append(("All", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    return Table(
        title="Testing pictures that are copies of Training",
        columns=("Class", "Testing", "Copies of Training", "New"),
        rows=tuple((title, str(images), str(copies), str(images - copies)) for title, images, copies in rows),
        note="",
    )


def _memory(baselines: tuple[Baseline, ...]) -> Table:
    return Table(
        title="What memory alone scores",
        columns=("Nearest neighbour in pixels", "Pictures", "Accuracy % (95%)"),
        rows=tuple(
            (
                f"`{each.protocol}`" + ("" if each.part == "all" else f", {each.part}"),
                str(each.slices),
                percent(each.accuracy),
            )
            for each in baselines
        ),
        note="",
    )
