from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.bundles import expected
from edge_app.classifier import SHIPPED, Classifier
from edge_app.records import RecordError


def test_the_one_that_ships_answers_as_expected() -> None:
    found = expected.find(SHIPPED)
    assert found is not None
    assert expected.difference(found, Classifier.load()) < expected.TOLERANCE


def test_what_is_written_is_found(toy_bundle: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(toy_bundle, tmp_path / "bundle")
    assert expected.find(folder) is None
    expected.write(folder)
    classifier = Classifier.load(folder)
    found = expected.find(folder)
    assert found is not None and found == expected.ask(classifier)
    assert expected.difference(found, classifier) == 0
    (folder / expected.NAME).write_text("{}")
    with pytest.raises(RecordError):
        expected.find(folder)


def test_other_answers(toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle)
    right = expected.ask(classifier)
    first, *rest = right.phantoms

    def difference(said: expected.Said) -> float:
        return expected.difference(replace(right, phantoms=(said, *rest)), classifier)

    swapped = dict(zip(first.probabilities, reversed(first.probabilities.values()), strict=True))
    assert difference(replace(first, probabilities=swapped)) > 0.5
    assert difference(replace(first, probabilities={"glioma": 1.0})) == float("inf")
    assert difference(replace(first, in_distribution=None)) == float("inf")
    assert difference(replace(first, in_distribution=0.0)) > 0.5
    assert expected.difference(replace(right, sha256="0" * 64), classifier) == float("inf")
    assert expected.difference(replace(right, phantoms=()), classifier) == float("inf")
