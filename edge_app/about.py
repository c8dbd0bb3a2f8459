"""What a clinician should know of a model before believing it: ``about.json``, beside ``bundle.json``.

The workshop writes it (``convert/about.py``), the page shows it. Nothing is decided by it, so that a bundle
without one works.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from edge_app.bundle import Text
from edge_app.records import Pattern, Range, Sha256, Share

SCHEMA = 1
NAME = "about.json"

Count = Annotated[int, Range(0, 10**9)]
Date = Annotated[str, Pattern(r"\d{4}-\d\d-\d\d")]
Unknown = Literal["children", "treated", "other_diseases", "follow_up", "other_pictures"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A share of some slices.

    Attributes:
        count: Slices that it counts.
        of: Slices that it counts them among.
        low: Where its 95% interval over patients begins; None where there are too few of them.
        high: Where that ends; likewise.
    """

    count: Count
    of: Count
    low: Share | None
    high: Share | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """How the device's file does on some slices that the model never saw; None where nothing can be said.

    Attributes:
        name: Of the part (``docs/data.md``) or of the scanner's sequence.
        slices: How many.
        groups: Of how many patients, or what stands for them.
        wrong: Wrong answers, among those given.
        missed: Tumours that were answered *no tumour*, among all tumours.
        found: Tumours whose most probable answer is one, whatever the verdict (sensitivity).
        cleared: Likewise slices without one (specificity).
    """

    name: Text
    slices: Count
    groups: Count
    wrong: Figure | None
    missed: Figure | None
    found: Figure | None
    cleared: Figure | None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How the device's file does on the test part.

    Attributes:
        date: When that was measured.
        parts: By where slices come from, the one with most wrong answers first.
        sequences: By the scanner's sequence, likewise; without those of unknown sequence.
        ct_passed: CTs of the head that were not refused; None where that was not measured.
    """

    date: Date
    parts: tuple[Part, ...]
    sequences: tuple[Part, ...]
    ct_passed: Figure | None


@dataclass(frozen=True, kw_only=True)
class Slices:
    """How many slices a model was made with.

    Attributes:
        train: It learnt from these.
        validation: It was chosen by these.
        test: It is judged by these, and never saw them; those of unknown type included.
    """

    train: Count
    validation: Count
    test: Count


@dataclass(frozen=True, kw_only=True)
class About:
    """What ``about.json`` holds.

    Attributes:
        sha256: Of the file that all this is said of.
        slices: What the model was made with.
        collections: Names of the collections that these come from, as far as known.
        unseen_labels: Answers that it offers and never saw a slice of.
        unknown: What it was never tested on.
        licence: Of the weights; None where it follows from data that Otak doesn't know.
        measured: None until a benchmark's results tell.
    """

    sha256: Sha256
    slices: Slices
    collections: tuple[Text, ...]
    unseen_labels: tuple[Text, ...]
    unknown: tuple[Unknown, ...]
    licence: Text | None
    measured: Measured | None


def find(folder: Path) -> bytes | None:
    """Returns a bundle's ``about.json`` as it lies in its folder; None where there is none."""
    try:
        return (folder / NAME).read_bytes()
    except OSError:
        return None
