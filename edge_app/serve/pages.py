"""The page's files, and the bundle for a page that reads pictures itself."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from edge_app import delivery
from edge_app.about import NAME as ABOUT
from edge_app.bundle import NAME
from edge_app.errors import BundleError
from edge_app.serve.context import Served, say, served
from edge_app.serve.errors import text
from edge_app.single_file import single_file

pages = Blueprint("pages", __name__)


@pages.get("/")
def page() -> Response:
    """The page itself."""
    if not delivery.is_built():
        return text(say("error.no_page"), 503)
    return delivery.page_file("index.html")


@pages.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A file whose name has its hash in it."""
    return delivery.page_file(f"assets/{name}")


@pages.get("/icon-<name>.png")
def icon(name: str) -> Response:
    """The icon of the installed page."""
    return delivery.page_file(f"icon-{name}.png")


@pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone must know to install the page."""
    return delivery.page_file("manifest.webmanifest")


@pages.get("/offline.js")
def offline() -> Response:
    """The service worker."""
    return delivery.worker(hashlib.sha256(served().bundle_json + (served().about_json or b"")).hexdigest())


@pages.get("/otak.html")
def whole_page() -> Response:
    """The page as one file, to be kept where a browser keeps nothing of plain http."""
    if not delivery.is_built():
        return text(say("error.no_page"), 503)
    response = delivery.deliver(_whole_page(served()), "otak.html", delivery.REVALIDATE)
    response.headers["Content-Disposition"] = 'attachment; filename="otak.html"'
    return response


@pages.get("/bundle.json")
def bundle() -> Response:
    """The bundle's description."""
    return delivery.deliver(served().bundle_json, NAME, delivery.REVALIDATE)


@pages.get("/about.json")
def about() -> Response:
    """What clinicians should know of the model."""
    found = served().about_json
    if found is None:
        raise NotFound
    return delivery.deliver(found, ABOUT, delivery.REVALIDATE)


@pages.get("/model/<digest>")
def model(digest: str) -> Response:
    """A model file of the bundle, by its hash."""
    described = served().classifier.bundle
    for file in described.files:
        if file.sha256 == digest:
            return delivery.deliver(
                _unchanged(described.folder / file.path, digest), file.path, delivery.FOREVER
            )
    raise NotFound


# However many ask for it at a time, it is there once.
@lru_cache(maxsize=1)
def _whole_page(served: Served) -> bytes:
    return single_file(served.classifier.bundle).encode()


@lru_cache
def _unchanged(path: Path, digest: str) -> bytes:
    """Returns a file's bytes, which browsers keep for ever.

    Raises:
        BundleError: It isn't as it was when the server started.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: can't be read any longer ({error.strerror}).") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise BundleError(f"{path}: was changed since the server started; start it again.")
    return data
