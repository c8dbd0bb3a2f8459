"""Of what is installed: bundle, interpreter, page, service."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from edge_app import delivery, service
from edge_app.bundle import Bundle
from edge_app.bundles import expected
from edge_app.bundles.place import current
from edge_app.classifier import Classifier
from edge_app.doctor.finding import Finding, attention, bad, good
from edge_app.errors import BundleError
from edge_app.records import RecordError

PACKAGES = {"LiteRT": "ai-edge-litert", "tflite-runtime": "tflite-runtime"}


def model() -> Iterator[Finding]:
    """Looks at the bundle that answers, and at what the interpreter makes of it."""
    folder = current()
    try:
        bundle = Bundle.load(folder)
        wanted = expected.find(folder)
    except (BundleError, RecordError) as error:
        yield bad("bundle", "broken", reason=error)
        return
    file = bundle.file()
    yield good("bundle", "whole", name=bundle.name, version=bundle.version, folder=folder, sha256=file.sha256)
    try:
        classifier = Classifier.load(folder)
        apart = expected.difference(wanted, classifier) if wanted else 0.0
    except BundleError as error:
        yield bad("runtime", "broken", reason=error)
        return
    name = classifier.runtime.name
    details = {"runtime": name, "version": _version(name)}
    if apart > expected.TOLERANCE:
        yield bad("runtime", "wrong", **details)
    else:
        yield good("runtime", "right" if wanted else "runs", **details)


def page() -> Finding:
    """Looks at whether there is a page to serve."""
    return good("page", "built") if delivery.is_built() else bad("page", "missing")


def serving() -> Finding:
    """Looks at the service, where it is installed."""
    if not service.is_installed():
        return good("service", "none")
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return attention("service", "untold")
    asked = [systemctl, "is-active", service.NAME]
    state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return good("service", "active") if state == "active" else bad("service", "down", state=state or "?")


def _version(runtime: str) -> str:
    try:
        return version(PACKAGES.get(runtime, runtime))
    except PackageNotFoundError:
        return "?"
