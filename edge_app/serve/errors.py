"""What a request is told when it isn't answered."""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from edge_app.answer import error_code, error_json
from edge_app.errors import ImageError, OtakError
from edge_app.image import MAX_MEGABYTES
from edge_app.serve.context import language, say

PICTURE_STATUSES = {"no_file": 400, "too_many_bytes": 413, "no_image": 415, "busy": 503}  # others 422
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_many_bytes", 500: "internal"}


def register(app: Flask) -> None:
    """Makes an app answer every error with a code and a sentence."""
    app.register_error_handler(ImageError, _refuse_picture)
    app.register_error_handler(HTTPException, _refuse_request)
    app.register_error_handler(OtakError, _own_fault)


def text(message: str, status: int) -> Response:
    """Answers people in plain text."""
    return Response(f"{message}\n", status, mimetype="text/plain")


def _refuse_picture(error: ImageError) -> Response:
    name = error.details.get("name")
    status = PICTURE_STATUSES.get(error.code, 422)
    return _error(status, error.code, error.sentence(language()), None if name is None else str(name))


def _refuse_request(error: HTTPException) -> Response:
    status = error.code or 500
    code = CODES.get(status, "bad_request")
    response = _error(status, code, say(f"error.{code}", name=say("page.upload"), limit=MAX_MEGABYTES))
    response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _own_fault(error: OtakError) -> Response:
    current_app.logger.error("%s", error)
    return _error(500, error_code(error), say("error.internal"))


def _error(status: int, code: str, message: str, name: str | None = None) -> Response:
    if not f"{request.path}/".startswith("/api/"):
        return text(message, status)
    response = jsonify(error_json(code, message, name))
    response.status_code = status
    return response
