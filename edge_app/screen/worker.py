"""A process that reads and classifies the files of an archive, one after the other, under limits.

Unlike the reader's workers it holds the model, since an archive wants throughput: a picture that is decoded
here needs to go nowhere.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass

from edge_app import records
from edge_app.classifier import Classifier
from edge_app.errors import BundleError
from edge_app.process import READY, Limits, allow, child, confine, message
from edge_app.screen.result import FileResult, answering, screen_file

GOES_ON = b""
EVERY = 0.2  # seconds between two of them


@dataclass(frozen=True)
class Settings:
    """What a worker is begun with.

    Attributes:
        bundle: Its folder; None for the one that ships.
        precision: As of ``Classifier.load``.
        answering: What must answer, as of ``edge_app.screen.result.answering``.
        limits: For each slice.
    """

    bundle: str | None
    precision: str | None
    answering: str
    limits: Limits


@dataclass(frozen=True)
class Reply:
    """What comes back of a file: a result, or why the model gave none."""

    result: FileResult | None = None
    fault: str = ""


def main() -> None:
    """Screens files until the other side closes the socket."""
    connection, text = child()
    settings: Settings = records.build(Settings, json.loads(text))
    classifier = Classifier.load(settings.bundle, settings.precision)
    # One that takes another's place may come long after it.
    same = answering(classifier) == settings.answering
    confine(settings.limits.memory)

    told = 0.0

    def before_each() -> None:
        nonlocal told
        allow(settings.limits.cpu)
        # The other side's clock begins anew.
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            connection.send_bytes(GOES_ON)

    with contextlib.suppress(EOFError, ConnectionError):
        connection.send_bytes(READY)
        while True:
            path = os.fsdecode(message(connection))
            try:
                if not same:
                    raise BundleError(f"{classifier.bundle.folder}: was changed while its answers were read.")
                reply = Reply(screen_file(path, classifier, before_each))
            except BundleError as error:
                reply = Reply(fault=str(error))
            connection.send_bytes(json.dumps(asdict(reply)).encode())
