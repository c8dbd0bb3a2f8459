"""Signing in with the PIN: a form for people, tokens for programs, and who is asked for one."""

from __future__ import annotations

import hmac
import math
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from edge_app.lan.guard import SAFE
from edge_app.lan.pin import Door
from edge_app.lan.sessions import SECONDS, Sessions
from edge_app.lan.throttle import Wait
from edge_app.serve.context import language, say
from edge_app.serve.forms import PAGE_HEADERS, TOKEN_COOKIE
from edge_app.serve.operation import Operation, describe

# Browsers take a cookie of such a name over https alone, and for this very host.
SESSION = "__Host-otak"
FORM_HEADER = "X-CSRF-Token"
# Whatever is not named here is for those who are signed in.
OPEN_BLUEPRINTS = ("pages", "sign_in")
OPEN_ENDPOINTS = ("static", "api.health")
MAX_FORM = 1000  # bytes


@dataclass(frozen=True)
class Session:
    """What a program is given.

    Attributes:
        token: For the header ``Authorization: Bearer``.
        seconds: After which it is worth nothing.
    """

    token: str
    seconds: int


def sign_in_blueprint(door: Door, sessions: Sessions) -> Blueprint:
    """Makes what asks for the PIN, before every request that needs it."""
    blueprint = Blueprint("sign_in", __name__)

    @blueprint.before_app_request
    def ask() -> AnyResponse | None:
        g.session, by_cookie = _token(sessions)
        endpoint = request.endpoint
        if endpoint is None or endpoint in OPEN_ENDPOINTS or request.blueprint in OPEN_BLUEPRINTS:
            return None
        if g.session is None:
            if request.path.startswith("/api/"):
                raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
            return redirect(url_for("sign_in.form"), 303)
        if by_cookie and request.method not in SAFE:
            _check_form(sessions)
        return None

    @blueprint.get("/sign-in")
    def form() -> Response:
        return _page(sessions)

    @blueprint.post("/sign-in")
    def sign_in() -> AnyResponse:
        try:
            right = _try(door)
        except Wait as wait:
            refusal = _page(sessions, say("lan.wait", seconds=_whole(wait)), 429)
            refusal.headers["Retry-After"] = _whole(wait)
            return refusal
        if not right:
            return _page(sessions, say("lan.wrong_pin"), 401)
        token = sessions.start()
        response = redirect("/", 303)
        _set_cookie(response, SESSION, token, SECONDS)
        _set_cookie(response, TOKEN_COOKIE, sessions.form_token(token), SECONDS)
        return response

    @blueprint.post("/sign-out")
    def sign_out() -> AnyResponse:
        response = redirect(url_for("sign_in.form"), 303)
        if g.session is not None:
            _check_form(sessions)
            sessions.end(g.session)
        _set_cookie(response, SESSION, "", 0)
        _set_cookie(response, TOKEN_COOKIE, "", 0)
        return response

    @blueprint.post("/api/v1/session")
    @describe(
        Operation(
            what="Gives programs a token for the PIN; it goes into the header Authorization, after Bearer.",
            gives=Session,
            takes=("application/x-www-form-urlencoded",),
            body={"type": "object", "properties": {"pin": {"type": "string"}}, "required": ["pin"]},
            most=MAX_FORM,
            errors=(401, 429),
        )
    )
    def session() -> Response:
        try:
            if not _try(door):
                raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
        except Wait as wait:
            raise TooManyRequests(retry_after=int(_whole(wait))) from None
        return jsonify(asdict(Session(sessions.start(), SECONDS)))

    return blueprint


def _try(door: Door) -> bool:
    request.max_content_length = MAX_FORM
    return door.opens(request.remote_addr or "", request.form.get("pin", ""))


def _whole(wait: Wait) -> str:
    return str(math.ceil(wait.seconds))


def _token(sessions: Sessions) -> tuple[str | None, bool]:
    """Returns the token of a session that goes on, and whether a browser sent it unasked."""
    given = request.authorization
    if given is not None and given.type == "bearer":
        token, by_cookie = given.token or "", False
    else:
        token, by_cookie = request.cookies.get(SESSION, ""), True
    return (token if token and sessions.holds(token) else None), by_cookie


def _check_form(sessions: Sessions) -> None:
    # A page without JavaScript says it in the address of its form: the body is still to come.
    found = request.headers.get(FORM_HEADER) or request.args.get("token", "")
    if not hmac.compare_digest(found.encode(), sessions.form_token(g.session).encode()):
        abort(403)


def _set_cookie(response: AnyResponse, name: str, value: str, seconds: int) -> None:
    # The page's own script sends the token of the form along.
    response.set_cookie(
        name, value, max_age=seconds, secure=True, httponly=name == SESSION, samesite="Strict", path="/"
    )


def _page(sessions: Sessions, error: str | None = None, status: int = 200) -> Response:
    token = sessions.form_token(g.session) if g.session else None
    hours = SECONDS // 3600
    text = render_template(
        "sign_in.html", say=say, language=language(), error=error, token=token, hours=hours
    )
    return Response(text, status, PAGE_HEADERS)
