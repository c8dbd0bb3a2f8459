from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from edge_app.lan import addresses
from edge_app.lan.addresses import in_url, own_names, url


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("raspberrypi", ("raspberrypi.local", "otak.local")),
        ("Klinik-3.lan", ("klinik-3.local", "otak.local")),
        ("otak", ("otak.local",)),
        ("localhost", ("otak.local",)),
        ("klinik_3", ("otak.local",)),
        ("klinik é", ("otak.local",)),
        ("-", ("otak.local",)),
        ("a" * 64, ("otak.local",)),
    ],
)
def test_names(monkeypatch: pytest.MonkeyPatch, host: str, names: tuple[str, ...]) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert own_names().names == names


def test_the_addresses_that_an_address_line_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [
        "00000000000000000000000000000001 01 80 10 80       lo",
        "fd000000000000000000000000000002 04 40 00 80     eth0",
        "fe8000000000000000fc00fffe000001 04 40 20 80     eth0",
        "2a020db8000100020000000000000001 02 40 00 80     eth0",
    ]
    (tmp_path / "if_inet6").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(addresses, "IF_INET6", tmp_path / "if_inet6")
    given = [
        "127.0.0.1",
        "192.168.4.1",
        "169.254.7.7",
        "172.32.0.1",
        "203.0.113.5",
        "100.64.0.1",
        "192.168.4.1",
    ]
    monkeypatch.setattr(addresses, "_ipv4", lambda: iter(map(ip_address, given)))
    found = own_names()
    assert [str(each) for each in found.addresses] == ["192.168.4.1", "169.254.7.7", "fd00::2"]
    assert [str(each) for each in found.links] == ["2a02:db8:1:2::/64"]
    assert found.hosts == ("192.168.4.1", "169.254.7.7", "[fd00::2]", *found.names)


def test_without_ipv6(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(addresses, "IF_INET6", tmp_path / "absent")
    assert all(each.version == 4 for each in own_names().addresses)


def test_loopback_is_found_on_this_machine() -> None:
    assert ip_address("127.0.0.1") in list(addresses._ipv4())


def test_url() -> None:
    assert url("https", "otak.local", 443) == "https://otak.local/"
    assert url("http", "[fd00::2]", 8080) == "http://[fd00::2]:8080/"
    assert url("http", "otak.local", 443) == "http://otak.local:443/"


def test_in_url() -> None:
    assert in_url(ip_address("192.168.4.1")) == "192.168.4.1"
    assert in_url(ip_address("fd00:0::2")) == "[fd00::2]"
