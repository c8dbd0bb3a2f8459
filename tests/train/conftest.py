"""Data sets of phantoms in the layouts that ``train`` reads."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.phantoms import LABELS, write_dataset
from tests.train.commands import run


@pytest.fixture(scope="session")
def paper_layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 phantoms as ``Training/<class>/`` and 16 as ``Testing/<class>/``."""
    folder = tmp_path_factory.mktemp("phantoms")
    write_dataset(folder, per_class=16, seed=3)
    return folder


@pytest.fixture
def table(paper_layout: Path, tmp_path: Path) -> list[dict[str, str]]:
    """Rows of a manifest over the training phantoms: five folds, two slices a group, boxes on tumours."""
    rows = []
    for label in LABELS:
        for index, path in enumerate(sorted((paper_layout / "Training").glob(f"{label}*/*.jpg"))):
            row = {
                "path": str(path),
                "label": label,
                "group": f"{label}{index // 2}",
                "fold": str(index // 2 % 5),
            }
            if label != "no_tumor":
                row |= {"box_cx": "0.5", "box_cy": "0.4", "box_w": "0.2", "box_h": "0.3"}
            rows.append(row)
    return rows


@pytest.fixture(scope="session")
def finished(paper_layout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs under the paper's protocol."""
    folder = tmp_path_factory.mktemp("runs") / "paper"
    arguments = ("--arch", "paper", "--protocol", "paper", "--size", "32", "--epochs", "2")
    done = run("fit", paper_layout, *arguments, "--out", folder)
    assert done.code == 0, done.err
    assert "Accuracy" in done.out and "Epoch 2/2" in done.out
    return folder


def write_table(rows: list[dict[str, str]], path: Path) -> Path:
    """Writes a manifest."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sorted({key for row in rows for key in row}))
        writer.writeheader()
        writer.writerows(rows)
    return path
