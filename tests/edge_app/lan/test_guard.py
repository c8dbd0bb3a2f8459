"""Requests that another site made a browser send."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge_app.lan import guard
from edge_app.lan.addresses import Names

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("otak")
    names = Names(
        ("otak.local",),
        (ip_address("192.168.4.1"), ip_address("fd00::2")),
        (IPv6Network("2001:db8:1:2::/64"),),
    )
    guard.register(app, lambda: names)
    app.add_url_rule("/", view_func=lambda: "ok", methods=["GET", "POST", "PUT", "DELETE"])
    return app.test_client()


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "localhost:8000",
            "LOCALHOST",
            "localhost.",
            "127.0.0.1:8000",
            "127.0.0.5",
            "[::1]:80",
        ),
        *("otak.local", "Otak.Local.:8443", "192.168.4.1:8443", "[fd00::2]", "[fd00:0:0::2]:8443"),
    ],
)
def test_its_own_names(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example",
            "otak.local.evil.example",
            "evil-otak.local",
        ),
        *("192.168.4.2", "10.0.0.1", "[fd00::3]", "[::]", "0.0.0.1", "127.0.0.1.evil.example", "2130706433"),
        *(
            "",
            ":8000",
            "localhost:",
            "localhost:800000",
            "localhost, evil.example",
            "a@localhost",
            "localhost/x",
        ),
        *("[::1", "::1]", "[::1]x", "[fe80::1%eth0]", "lo calhost", "127.1", "0x7f.0.0.1"),
    ],
)
def test_dns_rebinding(client: FlaskClient, host: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        assert client.open("/", method=method, headers={"Host": host}).status_code == 421
    # What isn't there is told to nobody else either.
    assert client.get("/absent", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://localhost:8000"},
        {"Origin": f"{ADDRESS}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ADDRESS, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_another_site_s_page_sends_nothing(client: FlaskClient, method: str, headers: dict[str, str]) -> None:
    assert client.open("/", method=method, base_url=ADDRESS, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": ADDRESS}, {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}]
)
def test_programs_and_the_own_page(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/", base_url=ADDRESS, headers=headers).status_code == 200


def test_a_link_from_elsewhere_may_be_followed(client: FlaskClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("client_address", "status"),
    [
        *[(near, 200) for near in ("127.0.0.1", "192.168.4.77", "10.9.8.7", "fe80::1%eth0", "fd12::1")],
        *[(near, 200) for near in ("::1", "169.254.3.4", "2001:db8:1:2:ffff::9")],
        *[(far, 403) for far in ("203.0.113.5", "100.64.0.1", "2001:db8:1:3::9", "::ffff:203.0.113.5", "x")],
    ],
)
def test_only_this_network_is_answered(client: FlaskClient, client_address: str, status: int) -> None:
    answer = client.get("/", base_url="http://otak.local", environ_base={"REMOTE_ADDR": client_address})
    assert answer.status_code == status
