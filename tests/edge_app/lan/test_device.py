from __future__ import annotations

import logging
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_app.lan import device as device_module
from edge_app.lan.addresses import Names
from edge_app.lan.device import Device
from edge_app.lan.state import State, StateError
from tests.edge_app.lan.clocks import set_clock

NAMES = Names(("klinik.local", "otak.local"), (ip_address("192.168.4.1"),))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[Names]:
    """The names that the network gives this device; the last one is today's."""
    given = [NAMES]
    monkeypatch.setattr(device_module, "own_names", lambda: given[-1])
    return given


def shown(device: Device, name: str) -> x509.Certificate:
    """Returns the certificate that a client sees which trusts the device's authority."""
    trusting = ssl.create_default_context(
        cadata=device.authority.certificate.public_bytes(Encoding.PEM).decode()
    )
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with device.tls.wrap_socket(ours, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:  # the client refused it, and may have left by now
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with trusting.wrap_socket(theirs, server_hostname=name) as wrapped:
            wrapped.send(b"1")
            return x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")
    finally:
        theirs.close()
        thread.join()


def test_a_client_by_name_and_by_address(state: State, network: list[Names]) -> None:
    device = Device(state)
    assert device.is_new and not Device(state).is_new
    assert device.called().hosts == ("192.168.4.1", "klinik.local", "otak.local")
    assert shown(device, "otak.local") == shown(device, "192.168.4.1") == shown(device, "127.0.0.1")


def test_an_address_that_changes_while_it_serves(state: State, network: list[Names]) -> None:
    device = Device(state)
    first = shown(device, "otak.local")
    device.refresh()
    assert shown(device, "otak.local") == first
    network.append(replace(NAMES, addresses=(ip_address("10.1.2.3"),)))
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shown(device, "10.1.2.3")
    device.refresh()
    # Browsers name no address in the handshake.
    assert shown(device, "10.1.2.3") == shown(device, "otak.local") != first
    assert "10.1.2.3" in device.called().hosts and "192.168.4.1" not in device.called().hosts


def test_a_year_while_it_serves(state: State, network: list[Names], monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(state)
    first = shown(device, "otak.local")
    set_clock(monkeypatch, datetime.now(UTC) + timedelta(days=350))
    device.refresh()
    set_clock(monkeypatch, datetime.now(UTC) - timedelta(days=3650))
    device.refresh()
    # The client's clock is the real one.
    with pytest.raises(ssl.SSLCertVerificationError, match="not yet valid"):
        shown(device, "otak.local")
    renewed = x509.load_pem_x509_certificate((state.folder / "server.pem").read_bytes())
    assert renewed.not_valid_after_utc > first.not_valid_after_utc


def test_what_can_t_be_renewed_serves_on(
    state: State, network: list[Names], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(state)
    first = shown(device, "otak.local")
    network.append(replace(NAMES, names=("new.local", "otak.local")))

    def full(*_: object) -> None:
        raise StateError("unwritable", path=state.folder, reason="No space left on device")

    monkeypatch.setattr(State, "write", full)
    with caplog.at_level(logging.WARNING):
        device.refresh()
        device.refresh()
    assert caplog.text.count("No space left") == 1
    assert shown(device, "otak.local") == first


def test_a_clock_beyond_the_end_of_the_authority(
    state: State, network: list[Names], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(state)
    now = datetime.now(UTC)
    with caplog.at_level(logging.WARNING):
        set_clock(monkeypatch, now + timedelta(days=4000))
        device.refresh()
    assert "has ended by the clock" in caplog.text
    # Set right again, it is as if nothing had been.
    set_clock(monkeypatch, now)
    network.append(replace(NAMES, addresses=(ip_address("10.1.2.3"),)))
    device.refresh()
    assert shown(device, "10.1.2.3") == shown(Device(state), "otak.local")


def test_no_network_at_all(state: State, network: list[Names]) -> None:
    network.append(Names(("otak.local",), ()))
    assert Device(state).called().hosts == ("otak.local",)


def test_it_refreshes_by_itself(state: State, network: list[Names], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "REFRESHED", 0.01)
    device = Device(state)
    refreshed = threading.Event()
    monkeypatch.setattr(device, "refresh", refreshed.set)
    device.keep_fresh()
    assert refreshed.wait(10)
    device.stop()
