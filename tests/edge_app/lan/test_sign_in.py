"""Signing in and out, and what nobody gets without."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge_app import Classifier
from edge_app.lan.addresses import Names
from edge_app.lan.pin import Door, set_pin
from edge_app.lan.sessions import SECONDS, Sessions
from edge_app.lan.sign_in import SESSION, sign_in_blueprint
from edge_app.lan.state import State
from edge_app.languages import LANGUAGES, sentence
from edge_app.serve.app import HEADERS, create_app
from edge_app.serve.forms import TOKEN_COOKIE
from tests.edge_app.lan.test_throttle import Seconds

PIN = "493817"
ADDRESS = "https://otak.local:8443"
OWN = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def client(classifier: Classifier, state: State, clock: Seconds) -> FlaskClient:
    set_pin(state, PIN)
    blueprint = sign_in_blueprint(Door(state, clock), Sessions(state, clock))
    other = Blueprint("other", __name__)
    other.add_url_rule("/other", view_func=lambda: "other", methods=["GET", "POST"])
    app = create_app(classifier, (blueprint, other), lambda: Names(("otak.local",), ()))
    return app.test_client()


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    response = client.get(path, base_url=ADDRESS, headers=headers)
    response.get_data()
    response.close()
    return response


def post(
    client: FlaskClient,
    path: str,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    return client.post(path, base_url=ADDRESS, data=data or {}, headers=OWN | (headers or {}))


def cookie(client: FlaskClient, name: str) -> str:
    found = client.get_cookie(name, domain="otak.local")
    assert found is not None
    return found.value


def test_the_page_itself_is_open(client: FlaskClient) -> None:
    for path in ("/bundle.json", "/static/otak.svg", "/static/plain.css", "/api/v1/health", "/sign-in"):
        assert get(client, path).status_code == 200, path
    assert get(client, "/absent").status_code == 404


def test_the_rest_is_not(client: FlaskClient) -> None:
    for path in ("/api/v1/predict", "/api/v1/study"):
        response = post(client, path)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].lower() == "bearer"
    for response in (get(client, "/other"), post(client, "/other")):
        assert (response.status_code, response.location) == (303, "/sign-in")


def test_nothing_is_forgotten(client: FlaskClient) -> None:
    asked = set()
    for rule in client.application.url_map.iter_rules():
        path = re.sub("<[^>]*>", "1", rule.rule)
        for method in sorted(rule.methods or ()):
            response = client.open(path, method=method, base_url=ADDRESS, headers=OWN)
            response.close()
            if method != "OPTIONS" and (response.status_code == 401 or response.location == "/sign-in"):
                asked.add(path)
    openly = {re.sub("<[^>]*>", "1", rule.rule) for rule in client.application.url_map.iter_rules()} - asked
    assert openly == {
        *(
            "/",
            "/assets/1",
            "/icon-1.png",
            "/manifest.webmanifest",
            "/offline.js",
            "/bundle.json",
            "/about.json",
            "/otak.html",
            "/model/1",
        ),
        *("/static/1", "/api/v1/health"),
    }


def test_people_sign_in_and_out(client: FlaskClient) -> None:
    signed_in = post(client, "/sign-in", {"pin": PIN})
    assert (signed_in.status_code, signed_in.location) == (303, "/")
    assert get(client, "/other").text == "other"
    form = cookie(client, TOKEN_COOKIE)
    assert post(client, "/other", headers={"X-CSRF-Token": form}).text == "other"
    # As a page without JavaScript does.
    assert post(client, f"/other?token={form}").text == "other"
    assert post(client, "/other?token=none").status_code == post(client, "/other").status_code == 403
    page = get(client, "/sign-in")
    token = re.search('token=([^"]+)"', page.text)
    assert token and token[1] == form
    stolen = cookie(client, SESSION)
    signed_out = post(client, f"/sign-out?token={form}")
    assert (signed_out.status_code, signed_out.location) == (303, "/sign-in")
    assert client.get_cookie(SESSION, domain="otak.local") is None
    assert get(client, "/other").status_code == 303
    # A copy of the cookie is worth nothing any longer.
    assert get(client, "/other", Cookie=f"{SESSION}={stolen}").status_code == 303


def test_cookies_that_no_script_and_no_other_site_sees(client: FlaskClient) -> None:
    session, form = post(client, "/sign-in", {"pin": PIN}).headers.getlist("Set-Cookie")
    for text in (session, form):
        assert text.startswith("__Host-")
        assert {"Secure", "SameSite=Strict", "Path=/", f"Max-Age={SECONDS}"} <= set(text.split("; "))
        assert "Domain" not in text
    assert "HttpOnly" in session and "HttpOnly" not in form


def test_a_stolen_cookie_ends_with_its_shift(client: FlaskClient, clock: Seconds) -> None:
    post(client, "/sign-in", {"pin": PIN})
    assert get(client, "/other").status_code == 200
    clock.now += SECONDS + 1
    assert get(client, "/other").status_code == 303


def test_another_pin_signs_everybody_out(client: FlaskClient, state: State) -> None:
    post(client, "/sign-in", {"pin": PIN})
    set_pin(state, "7204961")
    assert get(client, "/other").status_code == 303
    assert post(client, "/sign-in", {"pin": PIN}).status_code == 401


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_cookie_alone_changes_nothing(client: FlaskClient, token: str) -> None:
    post(client, "/sign-in", {"pin": PIN})
    for path in ("/other", "/api/v1/predict"):
        sent = {"X-CSRF-Token": token.encode().decode("latin-1")}
        assert post(client, path, headers=sent).status_code == 403
    assert post(client, "/other").status_code == 403
    assert post(client, f"/sign-out?token={token}").status_code == 403
    assert get(client, "/other").status_code == 200


def test_another_site_signs_nobody_in_or_out(client: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert post(client, "/sign-in", {"pin": PIN}, headers).status_code == 403
        assert post(client, "/sign-out", {}, headers).status_code == 403
        assert post(client, "/api/v1/session", {"pin": PIN}, headers).status_code == 403


def test_programs_get_a_token(client: FlaskClient) -> None:
    response = client.post("/api/v1/session", base_url=ADDRESS, data={"pin": PIN})
    assert response.status_code == 200
    assert response.json and response.json["seconds"] == SECONDS
    bearer = f"Bearer {response.json['token']}"
    answer = client.post("/other", base_url=ADDRESS, headers={"Authorization": bearer})
    assert answer.text == "other"
    for wrong in ("Bearer ", "Bearer x", f"Bearer {PIN}", f"Basic {PIN}", "Bearer", "é"):
        answer = client.post("/api/v1/predict", base_url=ADDRESS, headers={"Authorization": wrong})
        assert answer.status_code == 401, wrong
    assert client.post("/api/v1/session", base_url=ADDRESS, data={"pin": "1"}).status_code == 401


@pytest.mark.parametrize("language", LANGUAGES)
def test_brute_force_is_told_to_wait(client: FlaskClient, language: str) -> None:
    for _ in range(5):
        page = post(client, f"/sign-in?lang={language}", {"pin": "700000"})
        assert page.status_code == 401
        assert sentence(language, "lan.wrong_pin") in page.text
    # The right one isn't looked at either.
    page = post(client, f"/sign-in?lang={language}", {"pin": PIN})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "1")
    assert sentence(language, "lan.wait", seconds=1) in page.text
    answer = post(client, "/api/v1/session", {"pin": PIN})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_forms_of_any_size_and_kind(client: FlaskClient) -> None:
    assert post(client, "/sign-in", {"pin": "1" * 2000}).status_code == 413
    assert post(client, "/sign-in").status_code == 401
    response = client.post("/sign-in", base_url=ADDRESS, json={"pin": PIN}, headers=OWN)
    assert response.status_code == 401


def test_every_answer_has_the_headers(client: FlaskClient) -> None:
    answers = [
        *(
            get(client, "/sign-in"),
            get(client, "/absent"),
            get(client, "/other"),
            get(client, "/static/plain.css"),
        ),
        *(post(client, "/sign-in", {"pin": "1"}), post(client, "/api/v1/predict"), post(client, "/absent")),
        client.get("/", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        assert set(HEADERS) <= set(answer.headers.keys())
        assert "Strict-Transport-Security" not in answer.headers
    # Browsers would send "Origin: null" with the form otherwise.
    assert answers[0].headers["Referrer-Policy"] == "same-origin"
    assert "form-action 'self'" in answers[0].headers["Content-Security-Policy"]
    assert "script-src" not in answers[0].headers["Content-Security-Policy"]
