"""What a request is told when it isn't answered: RFC 9457's problems, with a code and a sentence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Literal

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from edge_app.answer import error_code
from edge_app.case_log.errors import CaseLogError
from edge_app.errors import ImageError, OtakError
from edge_app.files import MAX_MEGABYTES
from edge_app.serve.context import language, say

PROBLEM = "application/problem+json"
PICTURE_STATUSES = {"no_file": 400, "too_many_bytes": 413, "no_image": 415, "busy": 503}  # others 422
CODES = {
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    411: "no_length",
    413: "too_many_bytes",
    415: "media_type",
    421: "wrong_host",
    429: "wait",
    431: "long_request",
    500: "internal",
    503: "busy",
}
TOLD = ("Allow", "Retry-After", "WWW-Authenticate")  # headers of an error that its answer has, too
CASE_STATUSES = {
    "cases_full": 507,
    "cases_traces": 507,
    "cases_locked": 503,
    "cases_unknown": 404,
    "cases_off": 404,
    "cases_request": 400,
    "cases_patient": 422,
    "cases_note": 422,
    "cases_diagnosis": 422,
}  # others 500
RETRY = 2  # seconds until a client that was turned away should come again


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error as RFC 9457 has it.

    Attributes:
        type: Always ``about:blank``; what happened is told by ``code``.
        title: The status in words.
        status: Of HTTP.
        detail: A sentence for people, in the language of the request.
        code: A short name for programs.
        name: Of the picture that is to blame; None where none is.
    """

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    name: str | None


def register(app: Flask) -> None:
    """Makes an app answer every error with a code and a sentence."""
    app.register_error_handler(ImageError, _refuse_picture)
    app.register_error_handler(HTTPException, _refuse_request)
    app.register_error_handler(CaseLogError, _refuse_case)
    app.register_error_handler(OtakError, _own_fault)


def text(message: str, status: int) -> Response:
    """Answers people in plain text."""
    return Response(f"{message}\n", status, mimetype="text/plain")


def problem(status: int, code: str, detail: str, name: str | None = None) -> Response:
    """Answers programs; people who look for a page read the sentence alone."""
    if not f"{request.path}/".startswith("/api/") and request.accept_mimetypes.accept_html:
        response = text(detail, status)
    else:
        title = HTTPStatus(status).phrase
        told = Problem(title=title, status=status, detail=detail, code=code, name=name)
        response = jsonify(asdict(told))
        response.status_code = status
        response.mimetype = PROBLEM
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY)
    return response


def _refuse_picture(error: ImageError) -> Response:
    name = error.details.get("name")
    status = PICTURE_STATUSES.get(error.code, 422)
    return problem(status, error.code, error.sentence(language()), None if name is None else str(name))


def _refuse_request(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:  # another address
        return error
    code = CODES.get(status, "bad_request")
    response = problem(status, code, say(f"error.{code}", name=say("page.upload"), limit=MAX_MEGABYTES))
    response.headers.extend({name: value for name, value in error.get_headers() if name in TOLD})
    return response


def _refuse_case(error: CaseLogError) -> Response:
    status = CASE_STATUSES.get(error.code, 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.error("%s (%s)", error, error.__cause__)
    return problem(status, error.code, error.sentence(language()))


def _own_fault(error: OtakError) -> Response:
    current_app.logger.error("%s", error)
    return problem(500, error_code(error), say("error.internal"))
