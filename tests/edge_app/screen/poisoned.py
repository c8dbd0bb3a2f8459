"""A worker that some files end, since no real file does any more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from edge_app.classifier import Classifier
from edge_app.screen import worker
from edge_app.screen.result import FileResult, screen_file

MODULE = "tests.edge_app.screen.poisoned"


def main() -> None:
    setattr(worker, "screen_file", _screen)  # noqa: B010 (not for mypy to know)
    worker.main()


def _screen(path: str, classifier: Classifier, before_each: Callable[[], None]) -> FileResult:
    name = Path(path).name
    if name.startswith("poison"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("once") and not Path(f"{path}.seen").exists():
        Path(f"{path}.seen").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("endless"):
        before_each()
        while True:
            pass
    if name.startswith("asleep"):
        driver = os.getppid()
        while os.getppid() == driver:
            time.sleep(0.1)
    if name.startswith("nonsense"):
        return FileResult(path, "no state", ())  # type: ignore[arg-type]
    if name.startswith("liar"):
        return screen_file(f"{path} of another", classifier, before_each)
    if name.startswith("vanishes"):
        return screen_file(path, classifier, lambda: Path(path).unlink(missing_ok=True))
    if name.startswith("grows"):
        return screen_file(path, classifier, lambda: _write_more(path))
    return screen_file(path, classifier, before_each)


def _write_more(path: str) -> None:
    Path(path).write_bytes(b"more")
