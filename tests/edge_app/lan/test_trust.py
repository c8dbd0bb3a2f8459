from __future__ import annotations

import re
from html import unescape
from ipaddress import ip_address

import pytest
from cryptography import x509
from flask.testing import FlaskClient

from edge_app.lan.addresses import Names
from edge_app.lan.certificates import Signer, authority
from edge_app.lan.state import State
from edge_app.lan.trust import create_trust_app
from edge_app.languages import LANGUAGES, sentence

NAMES = Names(("otak.local",), (ip_address("192.168.4.1"),))
URLS = ["https://192.168.4.1:8443/", "https://otak.local:8443/"]
OWN = "http://192.168.4.1:8080/"


@pytest.fixture
def signer(state: State) -> Signer:
    return authority(state, "klinik.local")[0]


@pytest.fixture
def client(signer: Signer) -> FlaskClient:
    return create_trust_app(signer, lambda: URLS, lambda: OWN, lambda: NAMES).test_client()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how(client: FlaskClient, signer: Signer, language: str) -> None:
    page = client.get("/", base_url=OWN, headers={"Accept-Language": language})
    text = unescape(page.text)
    for key in (
        "trust.title",
        "trust.check",
        *(f"trust.{system}.{step}" for system in ("android", "ios") for step in (1, 2, 3)),
    ):
        assert sentence(language, key) in text
    for expected in (signer.fingerprint, *URLS, OWN, "/otak-ca.crt", "<svg"):
        assert expected in text
    assert f'<html lang="{language}">' in text
    assert "<script" not in text and "style=" not in text
    assert client.get(f"/?lang={language}", base_url=OWN).text == page.text


def test_the_certificate_as_phones_want_it(client: FlaskClient, signer: Signer) -> None:
    response = client.get("/otak-ca.crt", base_url=OWN)
    assert response.content_type == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(response.data) == signer.certificate
    assert b"PRIVATE" not in response.data


def test_nothing_else_is_there(client: FlaskClient) -> None:
    for path in (
        "/api/v1/health",
        "/sign-in",
        "/bundle.json",
        "/authority.pem",
        "/static/../cli.py",
    ):
        assert client.get(path, base_url=OWN).status_code == 404
    assert client.post("/", base_url=OWN).status_code == 405
    assert client.get("/", base_url=OWN, data=bytes(1_000_001)).status_code == 413
    assert client.get("/", base_url="http://evil.example").status_code == 421


def test_no_link_leads_elsewhere(client: FlaskClient) -> None:
    links = re.findall('(?:href|src)="([^"]+)"', client.get("/", base_url=OWN).text)
    assert links
    for link in links:
        assert link.startswith(("/", "?lang=")) or link in (*URLS, OWN)


def test_every_answer_has_the_headers(client: FlaskClient) -> None:
    for path in ("/", "/otak-ca.crt", "/absent"):
        headers = client.get(path, base_url=OWN).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
