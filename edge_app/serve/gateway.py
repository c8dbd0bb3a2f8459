"""Between the HTTP server and the Flask app: a request as WSGI has it, and an answer in memory."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

import h11
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}


@dataclass(frozen=True)
class Reply:
    """What a client is sent.

    Attributes:
        status: Of HTTP.
        headers: In order.
        body: The whole of it; empty where HTTP wants none.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Place:
    """Who speaks to whom.

    Attributes:
        client: The other side's address.
        host: The address that it spoke to.
        port: Likewise.
        scheme: ``http`` or ``https``.
    """

    client: str
    host: str
    port: int
    scheme: str


def environ_of(request: h11.Request | None, place: Place) -> WSGIEnvironment:
    """Returns a request without its body as WSGI has it; one that nobody understood where it is None."""
    path, query, method, version = b"/api/", b"", "GET", "1.1"
    headers: list[tuple[bytes, bytes]] = []
    if request is not None:
        path, _, query = bytes(request.target).partition(b"?")
        method, version = request.method.decode("ascii"), request.http_version.decode("ascii")
        headers = [(bytes(name), bytes(value)) for name, value in request.headers]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": place.host,
        "SERVER_PORT": str(place.port),
        "SERVER_PROTOCOL": f"HTTP/{version}",
        "REMOTE_ADDR": place.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": place.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.decode("latin-1").upper()
        # What had an underscore before would pass for what had a hyphen.
        if "_" not in key:
            key = key.replace("-", "_")
            key = key if key in UNPREFIXED else f"HTTP_{key}"
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def answer(app: Flask, environ: WSGIEnvironment) -> Reply:
    """Has the app answer a request whose body is there."""
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
        told[:] = [int(status[:3]), headers]

    parts = app.wsgi_app(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return Reply(told[0], told[1], body)


def check(app: Flask, environ: WSGIEnvironment) -> Reply | None:
    """Asks the hooks that the app has before a request, while its body is still to come.

    Returns:
        What to refuse it with; None where it may be read.
    """
    with app.request_context(environ):
        try:
            found = app.preprocess_request()
        except Exception as error:
            found = _handled(app, error)
        return None if found is None else _reply(app.finalize_request(found))


def _handled(app: Flask, error: Exception) -> ResponseReturnValue:
    try:
        return app.handle_user_exception(error)
    except Exception as fault:
        return app.handle_exception(fault)


def refuse(app: Flask, environ: WSGIEnvironment, error: HTTPException) -> Reply:
    """Returns what the app says of an error that the server found."""
    with app.request_context(environ):
        return _reply(app.finalize_request(app.handle_user_exception(error)))


def _reply(response: Response) -> Reply:
    return Reply(response.status_code, list(response.headers.items()), response.get_data())
