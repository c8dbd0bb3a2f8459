"""The command ``python -m train audit``: a data set in, its faults out."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np

from edge_app import records
from evaluation.predictions import fingerprint
from train.audit import html_report
from train.audit.figures import SCHEMA, Figures
from train.audit.findings import Audit, audit, summarize
from train.audit.thumbnails import read_pictures
from train.data import folds
from train.data.dataset import read_dataset, root_of


def run(data: Path, groups: str | None, out: Path) -> None:
    """Audits a data set and writes what it found.

    Args:
        data: The data set.
        groups: A groups file to check, or the name of a known one; None to make one.
        out: For the audit; made where absent.

    Raises:
        DataError: There is no such data set, or not two readable pictures in it.
    """
    out.mkdir(parents=True, exist_ok=True)
    slices = read_dataset(data)
    if groups:
        slices = folds.assign(slices, folds.find(groups))
    found = audit(read_pictures(root_of(data), slices))
    figures = summarize(found, data.resolve().name, fingerprint(slices))
    _write(out, found, figures, root_of(data))
    _print(figures, out)


def _write(folder: Path, found: Audit, figures: Figures, root: Path) -> None:
    """Writes the audit's files, none of them ever half-written under its name."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        draft = Path(name)
        records.write(draft / "audit.json", figures, SCHEMA)
        (draft / "audit.html").write_text(html_report.render(found, figures, root), encoding="utf-8")
        _write_copies(draft / "copies.csv", found)
        if "folds" not in found.skipped:
            folds.write(draft / "groups.csv", found.grouped)
        for path in sorted(draft.iterdir()):
            path.replace(folder / path.name)


def _write_copies(path: Path, found: Audit) -> None:
    sizes = np.bincount(found.clusters)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["cluster", "path", "label", "sha256", "contradicted"])
        for i in np.argsort(found.clusters, kind="stable"):
            slice_, cluster = found.pictures.slices[i], found.clusters[i]
            if sizes[cluster] > 1:
                writer.writerow(
                    [cluster, slice_.path, slice_.label, slice_.sha256, int(found.contradicted[i])]
                )


def _print(figures: Figures, out: Path) -> None:
    print(f"{figures.near.copies} of {figures.data.images} pictures are near-identical to an earlier one.")
    if figures.testing:
        copies = sum(row.copies for row in figures.testing.values())
        images = sum(row.images for row in figures.testing.values())
        print(f"{copies} of the {images} pictures of Testing are copies of Training.")
    print(f"{figures.contradicted.images} pictures carry a label that a copy contradicts.")
    for use, row in figures.classless.items():
        print(f"{row.images} pictures belong to no class ({use}); grouped leaves them out.")
    print(f"{len(figures.data.unreadable)} files can't be read.")
    for each in figures.baselines:
        print(f"Nearest neighbour, {each.protocol}, {each.part}: {each.accuracy.value:.1%}.")
    for name, reason in figures.skipped.items():
        print(f"No {name}: {reason}")
    print(f"More in {out / 'audit.html'}; it shows pictures of the data set.")
