"""What ``otak predict --csv`` prints, a line a slice."""

from __future__ import annotations

from edge_app import spreadsheet
from edge_app.answer import SliceAnswer
from edge_app.classifier import Classifier

BEFORE = ("name", "frame", "verdict", "label", "tumour")
AFTER = ("in_distribution", "reasons", "error", "model", "version", "sha256")


def head(classifier: Classifier) -> str:
    """Returns the line of the names."""
    return _line([*BEFORE, *(label.name for label in classifier.bundle.labels), *AFTER])


def row(told: SliceAnswer, frame: int | None, classifier: Classifier) -> str:
    """Returns the line of a slice.

    Args:
        told: What is said of it.
        frame: Which frame of its file it is, from 0; None where the file has one alone.
        classifier: That was asked.
    """
    probabilities = told.probabilities or {}
    return _line(
        [
            *(told.name, frame, told.verdict, told.label, told.tumour),
            *(probabilities.get(label.name) for label in classifier.bundle.labels),
            *(told.in_distribution, " ".join(told.reasons), told.error.code if told.error else None),
            *(classifier.bundle.name, classifier.bundle.version, classifier.file.sha256),
        ]
    )


def _line(cells: list[spreadsheet.Cell]) -> str:
    # Python writes the end of a line as the system has it.
    return spreadsheet.line(cells).removesuffix("\r\n") + "\n"
