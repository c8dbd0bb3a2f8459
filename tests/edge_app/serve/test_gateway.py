from __future__ import annotations

import io

import h11
import pytest
from flask import Flask, Response, abort, request
from werkzeug.exceptions import RequestTimeout

from edge_app.serve.gateway import Place, answer, check, environ_of, refuse

PLACE = Place(client="127.0.0.1", host="::1", port=8443, scheme="https")


def sent(*headers: tuple[str, str], target: str = "/a%20b/%C3%A9?x=%20y") -> h11.Request:
    return h11.Request(method="POST", target=target, headers=[("Host", "localhost"), *headers])


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)

    @app.before_request
    def hook() -> None:
        if "Bad" in request.headers:
            abort(418)
        if "Broken" in request.headers:
            raise ZeroDivisionError

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["Finished"] = "yes"
        return response

    app.add_url_rule(
        "/<path:name>", view_func=lambda name: [name, request.get_data(as_text=True)], methods=["POST"]
    )
    return app


def test_a_request_as_wsgi_has_it() -> None:
    environ = environ_of(
        sent(("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2"), ("X_B", "3"), ("Wsgi.Input", "4")),
        PLACE,
    )
    assert environ["PATH_INFO"] == "/a b/\xc3\xa9"
    assert (environ["QUERY_STRING"], environ["REQUEST_METHOD"]) == ("x=%20y", "POST")
    assert (environ["CONTENT_TYPE"], environ["HTTP_X_A"]) == ("text/plain", "1,2")
    assert "HTTP_X_B" not in environ, "it would pass for X-B"
    assert isinstance(environ["wsgi.input"], io.BytesIO)
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("127.0.0.1", "8443")
    assert environ["wsgi.url_scheme"] == "https"


def test_an_answer(app: Flask) -> None:
    environ = environ_of(sent(("Content-Length", "4")), PLACE)
    environ["wsgi.input"] = io.BytesIO(b"body")
    reply = answer(app, environ)
    assert (reply.status, ("Finished", "yes") in reply.headers) == (200, True)
    assert reply.body == b'["a b/\\u00e9","body"]\n'


def test_hooks_refuse_by_the_head(app: Flask) -> None:
    assert check(app, environ_of(sent(("Content-Length", "4")), PLACE)) is None
    reply = check(app, environ_of(sent(("Bad", "1"), ("Content-Length", "4")), PLACE))
    assert reply is not None and reply.status == 418 and ("Finished", "yes") in reply.headers


def test_a_hook_that_fails_is_a_fault_that_is_told(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    reply = check(app, environ_of(sent(("Broken", "1"), ("Content-Length", "4")), PLACE))
    assert reply is not None and reply.status == 500 and ("Finished", "yes") in reply.headers
    assert "ZeroDivisionError" in caplog.text


def test_what_nobody_understood(app: Flask) -> None:
    reply = refuse(app, environ_of(None, PLACE), RequestTimeout())
    assert reply.status == 408 and ("Finished", "yes") in reply.headers
