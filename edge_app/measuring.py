"""How fast a board reads: drawn slices again and again, in one thread, between two looks at its sensors."""

from __future__ import annotations

import io
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from PIL import Image

import edge_app
from edge_app.board import Health, cpu, health, was_throttled
from edge_app.bundle import Precision, Text
from edge_app.classifier import Classifier
from edge_app.phantom import COUNT, phantom
from edge_app.records import Pattern, Range, Sha256

SCHEMA = 1
SIDE = 512  # pixels of the pictures, which are JPEG
STAGES = ("decode", "preprocess", "infer", "whole")
WARM_UP = 10  # readings that don't count

Milliseconds = Annotated[float, Range(0, 1e6)]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A step of reading, in milliseconds.

    Attributes:
        p50: Half of the readings take no longer.
        p90: Nine of ten take no longer.
    """

    p50: Milliseconds
    p90: Milliseconds


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What ``otak measure`` writes.

    Attributes:
        otak: Its version.
        date: When, in UTC.
        board: Its name, else the processor's.
        cores: Logical ones.
        system: Kernel and architecture.
        python: Version.
        runtime: The interpreter.
        model: Name and version of the bundle.
        sha256: Of the model's file.
        precision: Of that file.
        readings: Timed ones.
        stages: ``decode``, ``preprocess``, ``infer``, and ``whole`` from a picture's bytes to its answer.
        before: The sensors before the first reading.
        after: And after the last.
        throttled: Whether a Raspberry Pi slowed down meanwhile; None where the board doesn't tell.
    """

    otak: Text
    date: Annotated[str, Pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")]
    board: Text
    cores: Annotated[int, Range(1, 4096)]
    system: Annotated[str, Pattern(r"[^\x00-\x1f\x7f]{1,200}")]
    python: Text
    runtime: Text
    model: Text
    sha256: Sha256
    precision: Precision
    readings: Annotated[int, Range(1, 1_000_000)]
    stages: dict[str, Stage]
    before: Health
    after: Health
    throttled: bool | None


def measure(classifier: Classifier, readings: int) -> Measured:
    """Times readings; the pictures take turns.

    Args:
        classifier: One that reads in this process.
        readings: How many.

    Raises:
        BundleError: The model gave no finite numbers.
    """
    pictures = [_jpeg(number) for number in range(COUNT)]
    for turn in range(WARM_UP):
        classifier.predict(pictures[turn % COUNT])
    before = health()
    times = np.array([_time(classifier, pictures[turn % COUNT]) for turn in range(readings)])
    after = health()
    p50, p90 = np.percentile(times, (50, 90), axis=0)
    bundle, file = classifier.bundle, classifier.file
    return Measured(
        otak=edge_app.__version__,
        date=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        board=cpu(),
        cores=os.cpu_count() or 1,
        system=platform.platform(),
        python=platform.python_version(),
        runtime=classifier.runtime.name,
        model=f"{bundle.name} {bundle.version}",
        sha256=file.sha256,
        precision=file.precision,
        readings=readings,
        stages={
            stage: Stage(p50=float(half), p90=float(most))
            for stage, half, most in zip(STAGES, p50, p90, strict=True)
        },
        before=before,
        after=after,
        throttled=was_throttled(before, after),
    )


def _jpeg(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(phantom(number)).resize((SIDE, SIDE)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _time(classifier: Classifier, picture: bytes) -> tuple[float, ...]:
    start = time.perf_counter()
    steps = classifier.predict(picture).milliseconds
    whole = 1000 * (time.perf_counter() - start)
    return steps["decode"], steps["preprocess"], steps["infer"], whole
