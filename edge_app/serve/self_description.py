"""What a server says of itself and of its model."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge_app.answer import Model, model_of
from edge_app.bundle import Label, ModelFile, StudyRule, Thresholds
from edge_app.case_log.keeper import Keeper
from edge_app.classifier import Classifier
from edge_app.serve.context import Served
from edge_app.workers import Workers

CARD = "card.md"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Of the pictures.

    Attributes:
        workers: Processes that may read at a time.
        reading: Pictures that are being read, or wait for it.
        most: Of them; one more is told to come again.
    """

    workers: int
    reading: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Of what the server may write to, in bytes."""

    free: int
    whole: int


@dataclass(frozen=True, kw_only=True)
class CasesHealth:
    """Of the case log.

    Attributes:
        kept: Whether cases are.
        names: Whether the files' names are, too.
        error: The code of what kept the last one from being kept; None where nothing did.
    """

    kept: bool
    names: bool
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Health:
    """Whether a server runs and has room.

    Attributes:
        status: ``ok``, or ``busy`` where no further picture would be taken now.
        live: That it answers.
        ready: Whether a picture sent now would be read.
        queue: Of the pictures.
        disk: Where cases are kept, else where the bundle is; None where the device doesn't tell.
        cases: What becomes of them.
        model: That answers.
        runtime: The interpreter that runs it.
        machine: Of the computer, as its system calls it.
    """

    status: Literal["ok", "busy"]
    live: bool
    ready: bool
    queue: Queue
    disk: Disk | None
    cases: CasesHealth
    model: Model
    runtime: str
    machine: str


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """The bundle that answers.

    Attributes:
        model: The file that runs.
        labels: Its answers, in the order of the probabilities.
        thresholds: Where verdicts change; None where not calibrated.
        study: When slices are suspicious together; None where not calibrated.
        files: Every file, with its hash.
        card: What is known of it, in Markdown; None where the bundle brings none.
    """

    model: Model
    labels: tuple[Label, ...]
    thresholds: Thresholds | None
    study: StudyRule | None
    files: tuple[ModelFile, ...]
    card: str | None


def health_of(served: Served, keeper: Keeper | None) -> Health:
    """Returns how a server is.

    Args:
        served: What it serves.
        keeper: Of its cases; None where it keeps none.
    """
    classifier = served.classifier
    reader = classifier.reader
    # A reader in this process has no queue of its own.
    queue = Queue(workers=1, reading=0, most=1)
    if isinstance(reader, Workers):
        queue = Queue(workers=reader.count, reading=reader.taken, most=reader.places)
    ready = queue.reading < queue.most
    return Health(
        status="ok" if ready else "busy",
        live=True,
        ready=ready,
        queue=queue,
        disk=_disk(served.classifier.bundle.folder if keeper is None else keeper.log.path.parent),
        cases=CasesHealth(
            kept=keeper is not None,
            names=keeper is not None and keeper.names,
            error=None if keeper is None else keeper.fault,
        ),
        model=model_of(classifier),
        runtime=classifier.runtime.name,
        machine=platform.machine(),
    )


def model_card(classifier: Classifier) -> ModelCard:
    """Returns what a bundle says of itself."""
    bundle = classifier.bundle
    try:
        card = (bundle.folder / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        card = None
    return ModelCard(
        model=model_of(classifier),
        labels=bundle.labels,
        thresholds=bundle.thresholds,
        study=bundle.study,
        files=bundle.files,
        card=card,
    )


def _disk(folder: Path) -> Disk | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(free=usage.free, whole=usage.total)
