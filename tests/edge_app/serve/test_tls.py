"""HTTPS of the server below any app: who is slow to agree on it holds up nobody."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_app import Classifier, delivery
from edge_app.serve.connection import PART
from edge_app.serve.limits import Limits
from tests.servers import API, Client, Served


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of this machine's own, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", "-nodes", *words, *names, "-keyout", str(path), "-out", "-"]
    try:
        made = subprocess.run(command, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no openssl that makes certificates")
    with path.open("ab") as file:
        file.write(made)
    return path


def showing(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="module")
def served(toy_bundle: Path, certificate: Path) -> Iterator[Served]:
    limits = Limits(head=2, stall=2, linger=1, drain=5)
    with Served(Classifier.load(toy_bundle), limits, showing(certificate)) as served:
        yield served


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_an_answer(served: Served, trusting: ssl.SSLContext, glioma: Path) -> None:
    data = glioma.read_bytes()
    with Client(served.port, context=trusting) as client:
        for _ in range(2):
            client.head(f"POST {API}", Content_Type="image/jpeg", Content_Length=len(data))
            assert client.send(data).read().status == 200
        client.head(f"POST {API}", Content_Type="text/plain", Content_Length=10)
        assert client.read().code == "media_type"


def test_who_takes_an_answer_slowly_costs_little(served: Served, trusting: ssl.SSLContext) -> None:
    (wasm,) = delivery.PAGE.glob("assets/*.wasm.gz")
    most = 0
    with Client(served.port, context=trusting) as client:
        client.head(f"GET /assets/{wasm.name.removesuffix('.gz')}").socket.recv(1)
        # The system takes some of it first.
        for _ in range(25):
            held = [visit.connection for visit in list(served.server._visits) if visit.connection]
            most = max([most, *(each._writer.transport.get_write_buffer_size() for each in held)])
            time.sleep(0.02)
    assert most <= 4 * PART


def test_handshakes_that_never_end(served: Served, trusting: ssl.SSLContext) -> None:
    with contextlib.ExitStack() as clients:
        slow = [clients.enter_context(Client(served.port, f"127.0.0.{2 + i % 5}")) for i in range(105)]
        for client in slow[:50]:
            client.send(b"\x16\x03\x01\x02\x00\x01")
        with Client(served.port, context=trusting) as client:
            assert client.ask().status == 200
        assert all(client.is_closed for client in slow)


def test_a_stop_waits_for_no_handshake(
    toy_bundle: Path, certificate: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with contextlib.ExitStack() as clients:
        with Served(Classifier.load(toy_bundle), Limits(head=600), showing(certificate)) as served:
            slow = [clients.enter_context(Client(served.port)) for _ in range(20)]
            for client in slow[:10]:
                client.send(b"\x16\x03\x01\x02\x00\x01")
        assert all(client.is_closed for client in slow)
    assert capfd.readouterr() == ("", "")


def test_what_is_no_tls(served: Served, trusting: ssl.SSLContext, capfd: pytest.CaptureFixture[str]) -> None:
    for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00" * 1000, b""):
        with Client(served.port) as client:
            client.send(data)
            client.socket.shutdown(1)
            client.socket.recv(1000)
    with Client(served.port, context=trusting) as client:
        assert client.ask().status == 200
    assert capfd.readouterr() == ("", "")
