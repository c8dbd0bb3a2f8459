"""A folder of phantoms and toy bundles that were judged on it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle import sha256
from edge_app.classifier import Classifier
from tests.phantoms import FOLDERS, write_dataset

Row = dict[str, Any]
MakeBundle = Callable[..., Path]


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    write_dataset(folder, per_class=3, seed=5)
    return folder


@pytest.fixture(scope="session")
def rows(phantoms: Path, toy_bundle: Path) -> list[Row]:
    """The rows of a ``reference.csv``, with the toy's float file in Keras's place; two slices a group."""
    classifier = Classifier.load(toy_bundle, precision="float32")
    rows = []
    for label, name in FOLDERS.items():
        for i, path in enumerate(sorted(phantoms.glob(f"*/{name}/*.jpg"))):
            probabilities = classifier.predict(path).probabilities
            rows.append(
                {
                    "path": path.relative_to(phantoms).as_posix(),
                    "sha256": sha256(path),
                    "label": label,
                    "group": f"{label} {i // 2}",
                }
                | {f"p_{answer}": value for answer, value in probabilities.items()}
            )
    return rows


@pytest.fixture
def data(phantoms: Path, tmp_path: Path) -> Path:
    """A copy of the phantoms that a test may spoil."""
    return shutil.copytree(phantoms, tmp_path / "data")


@pytest.fixture
def make_bundle(tmp_path: Path, toy_bundle: Path, rows: list[Row]) -> MakeBundle:
    """Writes a toy bundle with a reference into a folder of its own."""

    def make(folder: str = "toy", rows: list[Row] = rows, **changes: Any) -> Path:
        path = shutil.copytree(toy_bundle, tmp_path / folder)
        bundle = json.loads((path / "bundle.json").read_text(encoding="utf-8"))
        bundle["source"]["protocol"] = "grouped"
        (path / "bundle.json").write_text(json.dumps(bundle | changes), encoding="utf-8")
        write_reference(path, rows)
        return path

    return make


def write_reference(bundle: Path, rows: list[Row]) -> None:
    with (bundle / "reference.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
