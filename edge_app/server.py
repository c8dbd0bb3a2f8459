"""The page for people and the API for programs, on one Flask app without state.

The page reads pictures in the browser, or sends them to the API. Pictures live in memory for one request;
neither they nor their names are written or logged. ``docs/http-api.md`` explains every address.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import PureWindowsPath

import waitress.server
from flask import Flask, Request, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from edge_app import delivery
from edge_app.answer import (
    answer_of,
    error_code,
    error_json,
    health_of,
    picture_of,
    plain,
    study_answer_of,
)
from edge_app.bundle import NAME
from edge_app.classifier import Classifier
from edge_app.errors import ImageError, OtakError
from edge_app.image import MAX_MEGABYTES
from edge_app.languages import LANGUAGES, sentence
from edge_app.sources import printable

MAX_REQUEST = MAX_MEGABYTES * 1_000_000 + 100_000  # a file and the form around it

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

PICTURE_STATUSES = {"no_file": 400, "too_many_bytes": 413, "no_image": 415, "busy": 503}  # others 422
ERROR_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_many_bytes", 500: "internal"}


class NoFile(ImageError):
    """A request came without a picture."""


class MemoryRequest(Request):
    """A request that keeps uploads in memory, so that no picture ever touches a disk."""

    def _get_file_stream(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO()


def create_app(classifier: Classifier) -> Flask:
    """Makes the app.

    Args:
        classifier: Answers every request; what it reads by decides what a picture may cost.
    """
    app = Flask(__name__)
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    bundle_json = (classifier.bundle.folder / NAME).read_bytes()

    @app.before_request
    def choose_language() -> None:
        g.language = _language()

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.get("/")
    def page() -> Response:
        if not delivery.is_built():
            return _text(_sentence("error.no_page"), 503)
        return delivery.page_file("index.html")

    @app.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        return delivery.page_file(f"assets/{name}")

    @app.get("/icon-<name>.png")
    def icon(name: str) -> Response:
        return delivery.page_file(f"icon-{name}.png")

    @app.get("/manifest.webmanifest")
    def manifest() -> Response:
        return delivery.page_file("manifest.webmanifest")

    @app.get("/offline.js")
    def offline() -> Response:
        return delivery.worker(hashlib.sha256(bundle_json).hexdigest())

    @app.get("/bundle.json")
    def bundle() -> Response:
        return delivery.deliver(bundle_json, NAME, delivery.REVALIDATE)

    @app.get("/model/<digest>")
    def model(digest: str) -> Response:
        for file in classifier.bundle.files:
            if file.sha256 == digest:
                path = classifier.bundle.folder / file.path
                return delivery.deliver(path.read_bytes(), file.path, delivery.FOREVER)
        raise NotFound

    @app.post("/api/v1/predict")
    def predict() -> Response:
        name, data = next(_uploads())
        prediction = classifier.predict(data, name)
        answer = plain(answer_of(name, prediction, classifier))
        if request.args.get("include") == "picture":
            answer["picture"] = picture_of(prediction)
        return jsonify(answer)

    @app.post("/api/v1/study")
    def study() -> Response:
        found = classifier.predict_study(_uploads())
        return jsonify(plain(study_answer_of(found, classifier, g.language)))

    @app.get("/api/v1/health")
    def health() -> Response:
        return jsonify(plain(health_of(classifier)))

    @app.errorhandler(ImageError)
    def refuse_picture(error: ImageError) -> Response:
        name = error.details.get("name")
        return _error(
            PICTURE_STATUSES.get(error.code, 422),
            error.code,
            error.sentence(g.language),
            None if name is None else str(name),
        )

    @app.errorhandler(HTTPException)
    def refuse_request(error: HTTPException) -> Response:
        status = error.code or 500
        code = ERROR_CODES.get(status, "bad_request")
        response = _error(
            status, code, _sentence(f"error.{code}", name=_sentence("page.upload"), limit=MAX_MEGABYTES)
        )
        response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
        return response

    @app.errorhandler(OtakError)
    def own_fault(error: OtakError) -> Response:
        app.logger.error("%s", error)
        return _error(500, error_code(error), _sentence("error.internal"))

    return app


def create_server(app: Flask, host: str, port: int, threads: int = 2) -> waitress.server.BaseWSGIServer:
    """Binds waitress to an address; its ``run`` serves until Ctrl-C.

    Args:
        app: Of ``create_app``.
        host: A name or an address.
        port: 0 for any free one.
        threads: Requests answered at a time; others wait.

    Raises:
        OSError: The address can't be had.
        ValueError: The host is unknown.
    """
    return waitress.server.create_server(
        app,
        host=host,
        port=port,
        # Uploads are gathered outside the threads.
        threads=threads,
        # Far above the app's own limit, whose answer is kinder than waitress's.
        max_request_body_size=10 * MAX_REQUEST,
        # What the app accepts is never put into a temporary file.
        inbuf_overflow=MAX_REQUEST,
        ident="otak",
    )


def _language() -> str:
    choice = request.args.get("lang")
    if choice in LANGUAGES:
        return choice
    return request.accept_languages.best_match(LANGUAGES, default="en")


def _sentence(key: str, **details: object) -> str:
    return sentence(g.language, key, **details)


def _uploads() -> Iterator[tuple[str, bytes]]:
    """Yields the base name and the bytes of each file in the form, at least one."""
    found = False
    for upload in request.files.getlist("file"):
        if upload.filename:
            # Windows' rules know both kinds of slashes.
            name = printable(PureWindowsPath(upload.filename).name)[-100:]
            found = True
            yield name or _sentence("page.upload"), upload.read()
    if not found:
        raise NoFile("no_file")


def _error(status: int, code: str, message: str, name: str | None = None) -> Response:
    if not f"{request.path}/".startswith("/api/"):
        return _text(message, status)
    response = jsonify(error_json(code, message, name))
    response.status_code = status
    return response


def _text(message: str, status: int) -> Response:
    return Response(f"{message}\n", status, mimetype="text/plain")
