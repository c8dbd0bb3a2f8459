"""A folder of phantoms and toy bundles that were evaluated on it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from convert.provenance import Provenance
from edge_app.bundle import Bundle, sha256
from edge_app.classifier import Classifier
from evaluation import predictions
from evaluation.predictions import KERAS, SlicePrediction, most_probable
from tests.benchmarks.provenances import trained
from tests.phantoms import FOLDERS, write_dataset


@dataclass(frozen=True)
class MakeBundle:
    """Writes toy bundles, each into a folder of its own."""

    parent: Path
    toy: Path
    table: Sequence[SlicePrediction]

    def __call__(
        self,
        folder: str = "toy",
        table: Sequence[SlicePrediction] | None = None,
        provenance: Provenance | None = None,
        **changes: Any,
    ) -> Path:
        """Writes one.

        Args:
            folder: Its name.
            table: What its Keras model says of the test part.
            provenance: Of a trained net where not given.
            **changes: Fields of ``bundle.json``.
        """
        path = self.parent / folder
        shutil.copytree(self.toy, path)
        replace(Bundle.load(path), **changes).save()
        (provenance or trained()).save(path)
        predictions.write(path / "predictions.csv", self.table if table is None else table)
        return path


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 16 phantoms."""
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    write_dataset(folder, per_class=3, seed=5)
    return folder


@pytest.fixture(scope="session")
def table(phantoms: Path, toy_bundle: Path) -> list[SlicePrediction]:
    """A run's predictions, with the toy's float file in the Keras model's place; two slices a group."""
    classifier = Classifier.load(toy_bundle, precision="float32")
    rows = []
    for label, name in FOLDERS.items():
        for i, path in enumerate(sorted(phantoms.glob(f"*/{name}/*.jpg"))):
            probabilities = {
                answer: round(share, predictions.DECIMALS)
                for answer, share in classifier.predict(path).probabilities.items()
            }
            predicted, confidence, tumour = most_probable(probabilities)
            rows.append(
                SlicePrediction(
                    file=KERAS,
                    path=path.relative_to(phantoms).as_posix(),
                    sha256=sha256(path),
                    label=label,
                    group=f"{label} {i // 2}",
                    predicted=predicted,
                    confidence=confidence,
                    tumour=round(tumour, predictions.DECIMALS),
                    probabilities=probabilities,
                )
            )
    return rows


@pytest.fixture
def data(phantoms: Path, tmp_path: Path) -> Path:
    """A copy of the phantoms that a test may corrupt."""
    return shutil.copytree(phantoms, tmp_path / "data")


@pytest.fixture
def make_bundle(tmp_path: Path, toy_bundle: Path, table: list[SlicePrediction]) -> MakeBundle:
    """Writes toy bundles with their provenance and test part."""
    return MakeBundle(tmp_path, toy_bundle, table)
