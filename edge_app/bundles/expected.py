"""What a model says of drawn heads: ``expected.json``, written where it was made, asked again where it runs.

A file can be whole and its interpreter still compute nonsense on another processor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_app import records
from edge_app.classifier import Classifier, Prediction
from edge_app.phantom import COUNT, phantom
from edge_app.records import Sha256, Share

SCHEMA = 1
NAME = "expected.json"
# Interpreters round the float parts of a net otherwise, by up to 0.01; a wrong one is far off.
TOLERANCE = 0.02


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is said of one drawn head.

    Attributes:
        probabilities: By label.
        in_distribution: None where the model doesn't say.
    """

    probabilities: dict[str, Share]
    in_distribution: Share | None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What ``expected.json`` holds.

    Attributes:
        sha256: Of the file that was asked, the bundle's default.
        phantoms: By number of the head.
    """

    sha256: Sha256
    phantoms: tuple[Said, ...]


def ask(classifier: Classifier) -> Expected:
    """Asks a classifier about every head."""
    said = tuple(_said(classifier.predict(phantom(number))) for number in range(COUNT))
    return Expected(sha256=classifier.file.sha256, phantoms=said)


def write(folder: Path) -> None:
    """Asks a bundle's default file, and writes what it says beside it.

    Raises:
        BundleError: The bundle is broken.
        RecordError: It can't be written.
    """
    records.write(folder / NAME, ask(Classifier.load(folder)), SCHEMA)


def find(folder: Path) -> Expected | None:
    """Reads a bundle's ``expected.json``; None where there is none.

    Raises:
        RecordError: It is broken.
    """
    path = folder / NAME
    return records.read(path, Expected, SCHEMA) if path.exists() else None


def difference(expected: Expected, classifier: Classifier) -> float:
    """Returns how far a classifier's default file is from what is expected of it, at most.

    Returns:
        The largest difference of two shares; infinite where other things are said at all.
    """
    found = ask(classifier)
    if found.sha256 != expected.sha256 or len(found.phantoms) != len(expected.phantoms):
        return float("inf")
    pairs = zip(found.phantoms, expected.phantoms, strict=True)
    return max(_apart(one, other) for one, other in pairs)


def _said(prediction: Prediction) -> Said:
    return Said(
        probabilities=dict(prediction.probabilities),
        in_distribution=prediction.in_distribution,
    )


def _apart(one: Said, other: Said) -> float:
    same = one.probabilities.keys() == other.probabilities.keys()
    if not same or (one.in_distribution is None) != (other.in_distribution is None):
        return float("inf")
    gaps = [abs(value - other.probabilities[label]) for label, value in one.probabilities.items()]
    return max(*gaps, abs((one.in_distribution or 0) - (other.in_distribution or 0)))
