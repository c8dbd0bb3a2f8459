"""A toy classifier, and what it says of a phantom."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_app.classifier import Classifier, Prediction


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.fixture
def prediction(classifier: Classifier, glioma: Path) -> Prediction:
    return classifier.predict(glioma)
