"""The page for people and the API for programs, on one Flask app without state.

The page reads pictures in the browser. Where there is no JavaScript, ``/form`` reads them here.
Pictures live in memory for one request; neither they nor their names are written or logged.
"""

from __future__ import annotations

import base64
import hashlib
import io
import platform
from pathlib import PureWindowsPath
from typing import Any

import numpy as np
import waitress.server
from flask import Flask, Request, Response, g, jsonify, redirect, render_template, request, url_for
from numpy.typing import NDArray
from PIL import Image
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from edge_app import delivery, wording
from edge_app.classifier import Classifier, Prediction
from edge_app.errors import ImageError, OtakError
from edge_app.image import MAX_MEGABYTES
from edge_app.languages import LANGUAGES, sentence

MAX_REQUEST = MAX_MEGABYTES * 1_000_000 + 100_000  # a file and the form around it
SHOWN_SIDE = 512  # pixels
HEAT_COLOUR = (255, 140, 0)
HEAT_STRENGTH = 0.6
YEAR = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

PICTURE_STATUSES = {"no_file": 400, "too_many_bytes": 413, "no_image": 415}  # others 422
ERROR_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_many_bytes", 500: "internal"}


class NoFile(ImageError):
    """The form came without a picture."""


class MemoryRequest(Request):
    """A request that keeps uploads in memory, so that no picture ever touches a disk."""

    def _get_file_stream(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO()


def create_app(classifier: Classifier | None = None) -> Flask:
    """Makes the app.

    Args:
        classifier: Answers every request; the bundle that ships where not given.

    Raises:
        BundleError: The bundle that ships is broken.
    """
    app = Flask(__name__)
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    classifier = classifier or Classifier.load()
    bundle_json = (classifier.bundle.folder / "bundle.json").read_bytes()

    @app.before_request
    def choose_language() -> None:
        g.language = _language()

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie("lang", g.language, max_age=YEAR, httponly=True, samesite="Lax")
        return response

    @app.get("/")
    def page() -> Response | BaseResponse:
        if not delivery.is_built():
            return redirect(url_for("form"))
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
        return delivery.deliver(bundle_json, "bundle.json", delivery.REVALIDATE)

    @app.get("/model/<digest>")
    def model(digest: str) -> Response:
        for file in classifier.bundle.files:
            if file.sha256 == digest:
                path = classifier.bundle.folder / file.path
                return delivery.deliver(path.read_bytes(), file.path, delivery.FOREVER)
        raise NotFound

    @app.get("/form")
    def form() -> str:
        return _page(classifier)

    @app.post("/form")
    def form_with_result() -> str:
        name, data = _upload()
        return _page(classifier, prediction=classifier.predict(data, name), name=name)

    @app.post("/api/v1/predict")
    def predict() -> Response:
        name, data = _upload()
        prediction = classifier.predict(data, name)
        answer = wording.prediction_json(name, prediction, classifier)
        if "shown" in request.args:
            answer["shown"] = _shown(classifier, prediction)
        return jsonify(answer)

    @app.get("/api/v1/health")
    def health() -> Response:
        return jsonify(
            status="ok",
            model={
                "name": classifier.bundle.name,
                "version": classifier.bundle.version,
                "file": classifier.file.path,
                "sha256": classifier.file.sha256,
                "precision": classifier.file.precision,
            },
            runtime=classifier.runtime.name,
        )

    @app.errorhandler(ImageError)
    def refuse_picture(error: ImageError) -> tuple[Response | str, int]:
        body = _error(classifier, error.code, error.sentence(g.language), error.details.get("name"))
        return body, PICTURE_STATUSES.get(error.code, 422)

    @app.errorhandler(HTTPException)
    def refuse_request(error: HTTPException) -> tuple[Response | str, int, dict[str, str]]:
        status = error.code or 500
        code = ERROR_CODES.get(status, "bad_request")
        message = _sentence(f"error.{code}", name=_sentence("page.upload"), limit=MAX_MEGABYTES)
        allow = {name: value for name, value in error.get_headers() if name == "Allow"}
        return _error(classifier, code, message), status, allow

    @app.errorhandler(OtakError)
    def own_fault(error: OtakError) -> tuple[Response | str, int]:
        app.logger.error("%s", error)
        return _error(classifier, wording.error_code(error), _sentence("error.internal")), 500

    return app


def create_server(app: Flask, host: str, port: int) -> waitress.server.BaseWSGIServer:
    """Binds waitress to an address; its ``run`` serves until Ctrl-C.

    Raises:
        OSError: The address can't be had.
        ValueError: The host is unknown.
    """
    return waitress.server.create_server(
        app,
        host=host,
        port=port,
        # Uploads are gathered outside the threads; few of these bound the memory of decoding.
        threads=2,
        # Far above the app's own limit, whose answer is kinder than waitress's.
        max_request_body_size=10 * MAX_REQUEST,
        # What the app accepts is never put into a temporary file.
        inbuf_overflow=MAX_REQUEST,
        ident="otak",
    )


def _language() -> str:
    for choice in (request.args.get("lang"), request.cookies.get("lang")):
        if choice in LANGUAGES:
            return choice
    return request.accept_languages.best_match(LANGUAGES, default="en")


def _sentence(key: str, **details: object) -> str:
    return sentence(g.language, key, **details)


def _upload() -> tuple[str, bytes]:
    """Returns the base name and the bytes of the picture in the form.

    The page has two inputs of one name, and a browser sends the one that wasn't used as an empty file
    without a name.
    """
    for upload in request.files.getlist("file"):
        if upload.filename:
            # Windows' rules know both kinds of slashes.
            name = wording.printable(PureWindowsPath(upload.filename).name)[-100:]
            return name or _sentence("page.upload"), upload.read()
    raise NoFile("no_file")


def _error(classifier: Classifier, code: str, message: str, name: object = None) -> Response | str:
    if f"{request.path}/".startswith("/api/"):
        return jsonify(wording.error_json(code, message, None if name is None else str(name)))
    return _page(classifier, error=message)


def _page(
    classifier: Classifier, prediction: Prediction | None = None, name: str = "", error: str = ""
) -> str:
    result = None if prediction is None else _result(classifier, prediction, name)
    return render_template(
        "page.html",
        t=_sentence,
        language=g.language,
        languages=LANGUAGES,
        limit=MAX_MEGABYTES,
        error=error,
        result=result,
    )


def _result(classifier: Classifier, prediction: Prediction, name: str) -> dict[str, Any]:
    names = wording.label_names(classifier, g.language)
    heatmap = None if prediction.verdict == "refused" else prediction.heatmap
    milliseconds = prediction.milliseconds | {"total": sum(prediction.milliseconds.values())}
    return {
        "name": name,
        "verdict": prediction.verdict,
        "verdict_name": _sentence(f"verdict.name.{prediction.verdict}"),
        "headline": wording.headline(prediction, names, g.language),
        "limitations": wording.limitations(prediction, g.language),
        "advice": wording.advice(prediction, g.language),
        "reasons": wording.reasons(prediction, g.language),
        "bars": [
            {
                "name": names[label],
                "percent": wording.percent(value),
                "width": f"{100 * value:.1f}%",
                "chosen": label == prediction.label,
            }
            for label, value in prediction.probabilities.items()
        ],
        "picture": data_url(prediction.image, heatmap),
        "heatmap": heatmap is not None,
        "model": f"{classifier.bundle.name} {classifier.bundle.version}, {classifier.file.path}",
        "hash": classifier.file.sha256[:12],
        "machine": platform.machine(),
        "runtime": classifier.runtime.name,
        "milliseconds": {step: wording.whole(value) for step, value in milliseconds.items()},
    }


def _shown(classifier: Classifier, prediction: Prediction) -> dict[str, Any]:
    """Returns what the page shows beside the answer; its pictures are base64 of a JPEG and of a PNG."""
    picture = small(prediction.image)
    heat = None if prediction.heatmap is None else _heat(prediction.heatmap, picture.size)
    layer = None
    if heat is not None:
        layer = Image.new("RGBA", picture.size, HEAT_COLOUR)
        layer.putalpha(heat)
    return {
        "picture": _base64(picture, "JPEG", quality=85),
        "heatmap": None if layer is None else _base64(layer, "PNG"),
        "sha256": classifier.file.sha256,
        "machine": platform.machine(),
        "runtime": classifier.runtime.name,
    }


def data_url(image: Image.Image, heatmap: NDArray[np.float32] | None) -> str:
    """Returns a small JPEG of a picture as a data: URL.

    Args:
        image: RGB, of any size.
        heatmap: float32 (height, width), 0 to 1, blended in where given.
    """
    shown = small(image)
    if heatmap is not None:
        mask = _heat(heatmap, shown.size).point(lambda value: value * HEAT_STRENGTH)
        shown.paste(HEAT_COLOUR, (0, 0, *shown.size), mask)
    return "data:image/jpeg;base64," + _base64(shown, "JPEG", quality=85)


def small(image: Image.Image) -> Image.Image:
    """Returns a picture as the page shows it, at most ``SHOWN_SIDE`` wide and high."""
    scale = min(1.0, SHOWN_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, reducing_gap=2.0)


def _heat(heatmap: NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    heat = np.asarray(Image.fromarray(heatmap).resize(size, Image.Resampling.BILINEAR))
    return Image.fromarray((heat.clip(0, 1) * 255).astype(np.uint8))


def _base64(image: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
