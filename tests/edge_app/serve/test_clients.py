"""Clients that are slow, many, gone or malicious: each gets its answer, and the others theirs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app import Classifier, delivery
from edge_app.serve.limits import Limits
from tests.forms import form
from tests.servers import API, HEALTH, Client, Served, post

# Fewer seconds than the server's own where a test waits until they are over.
LIMITS = Limits(head=2, stall=2, rate=5_000_000, linger=5)
LONG = 60  # seconds, more than the busiest machine takes for anything here


@pytest.fixture(scope="module")
def served(toy_bundle: Path) -> Iterator[Served]:
    with Served(Classifier.load(toy_bundle), LIMITS) as served:
        yield served


@pytest.fixture(scope="module")
def patient(toy_bundle: Path) -> Iterator[Served]:
    """One that has the server's own limits, for clients that must not be too slow by chance."""
    with Served(Classifier.load(toy_bundle)) as served:
        yield served


@pytest.fixture
def clients(served: Served) -> Iterator[contextlib.ExitStack]:
    """Closes what a test opened."""
    with contextlib.ExitStack() as opened:
        yield opened


def is_well(served: Served, glioma: Path) -> bool:
    """Tells whether somebody else is answered."""
    with Client(served.port) as client:
        healthy = client.ask().status == 200
    return healthy and post(served.address, glioma.read_bytes())[0] == 200


def held(served: Served) -> int:
    return served.server._held._taken.total()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Many


@pytest.mark.parametrize("addresses", [1, 5])
def test_105_clients_that_never_finish_their_heads(
    served: Served, clients: contextlib.ExitStack, addresses: int, glioma: Path
) -> None:
    slow = [
        clients.enter_context(Client(served.port, f"127.0.0.{2 + i % addresses}")).send(b"GET / HT")
        for i in range(105)
    ]
    assert is_well(served, glioma)
    for client in slow[-5:]:
        assert client.read().code == "too_slow"
        assert client.is_closed


def test_105_clients_that_never_finish_their_bodies(
    served: Served, clients: contextlib.ExitStack, glioma: Path
) -> None:
    slow = []
    for i in range(105):
        client = clients.enter_context(Client(served.port, f"127.0.0.{2 + i % 5}"))
        slow.append(client.head(f"POST {API}", Content_Type="image/png", Content_Length=1000).send(b"x"))
    assert is_well(served, glioma)
    assert {client.read().code for client in slow} == {"too_slow"}
    assert held(served) == 0


def test_200_clients_that_keep_their_connections(
    served: Served, clients: contextlib.ExitStack, glioma: Path
) -> None:
    idle = [clients.enter_context(Client(served.port, f"127.0.1.{1 + i % 10}")) for i in range(200)]
    for _ in range(2):
        assert {client.ask().status for client in idle} == {200}
        assert is_well(served, glioma)


def test_who_has_been_idle_the_longest_goes_where_there_are_too_many(
    served: Served, clients: contextlib.ExitStack, glioma: Path
) -> None:
    idle = [clients.enter_context(Client(served.port, "127.0.2.1")) for _ in range(LIMITS.by_address)]
    for client in idle:
        assert client.ask().status == 200
    assert idle[0].ask().status == 200
    assert clients.enter_context(Client(served.port, "127.0.2.1")).ask().status == 200
    assert idle[1].is_closed
    assert idle[0].ask().status == 200, "it was heard of since"
    everyone = [clients.enter_context(Client(served.port, f"127.0.3.{1 + i}")) for i in range(250)]
    assert [client.ask().status for client in everyone] == [200] * 250
    assert is_well(served, glioma)


def test_who_is_slowest_makes_room_where_all_are_busy(toy_bundle: Path, glioma: Path) -> None:
    data = glioma.read_bytes()
    (wasm,) = delivery.PAGE.glob("assets/*.wasm.gz")
    with (
        Served(Classifier.load(toy_bundle), Limits(connections=3, by_address=2)) as served,
        contextlib.ExitStack() as opened,
    ):
        taking = opened.enter_context(Client(served.port, "127.0.0.2"))
        taking.head(f"GET /assets/{wasm.name.removesuffix('.gz')}").socket.recv(1)
        sending = [opened.enter_context(Client(served.port, f"127.0.0.{place}")) for place in (2, 3)]
        for client in sending:
            client.head(
                f"POST {API}", Content_Type="image/jpeg", Content_Length=len(data), Expect="100-continue"
            )
            assert client.socket.recv(100).startswith(b"HTTP/1.1 100 ")
        with Client(served.port, "127.0.0.4") as late:
            assert late.ask().status == 200
            with contextlib.suppress(ConnectionError):
                while taking.socket.recv(1 << 20):
                    pass
            assert [client.send(data).read().status for client in sending] == [200, 200]


def test_300_clients_that_go_in_the_middle(served: Served, glioma: Path) -> None:
    body, kind = form(glioma.read_bytes())
    for i in range(300):
        with Client(served.port, f"127.0.0.{2 + i % 5}") as client:
            client.head(f"POST {API}", Content_Type=kind, Content_Length=len(body))
            client.send(body[: 1 + i * len(body) // 300])
    assert is_well(served, glioma)
    wait_until(lambda: held(served) == 0)


def test_uploads_that_are_held_open_share_a_budget(
    toy_bundle: Path, clients: contextlib.ExitStack, glioma: Path
) -> None:
    limits = replace(LIMITS, held=16_000_000)
    served = clients.enter_context(Served(Classifier.load(toy_bundle), limits))
    part = bytes(4_000_000)
    uploads = []
    for i in range(60):
        client = clients.enter_context(Client(served.port, f"127.0.0.{2 + i % 2}"))
        client.head(f"POST {API}", Content_Type="image/png", Content_Length=20_000_000)
        with contextlib.suppress(ConnectionError):
            client.send(part)
        uploads.append(client)
        assert held(served) <= limits.held
    codes = [client.read().code for client in uploads]
    assert set(codes) == {"busy", "too_slow"}
    assert held(served) == 0 and is_well(served, glioma)


def test_no_address_takes_what_all_share(
    patient: Served, clients: contextlib.ExitStack, glioma: Path
) -> None:
    for _ in range(4):
        client = clients.enter_context(Client(patient.port, "127.0.0.2"))
        client.head(f"POST {API}", Content_Type="image/png", Content_Length=20_000_000)
        client.send(bytes(7_900_000))
    assert is_well(patient, glioma)


# Slow


def test_a_client_that_takes_no_answer(served: Served, clients: contextlib.ExitStack, glioma: Path) -> None:
    (wasm,) = delivery.PAGE.glob("assets/*.wasm.gz")
    path = f"/assets/{wasm.name.removesuffix('.gz')}"
    slow = [clients.enter_context(Client(served.port, "127.0.0.9")).head(f"GET {path}") for _ in range(8)]
    assert is_well(served, glioma)
    wait_until(lambda: all(visit.address != "127.0.0.9" for visit in served.server._visits))
    for client in slow:
        with contextlib.suppress(ConnectionError):
            received = 0
            while data := client.socket.recv(1 << 20):
                received += len(data)
            assert received < len(delivery._read(str(delivery.PAGE / path[1:]), None))


def test_an_idle_connection_ends(toy_bundle: Path) -> None:
    limits = Limits(idle=2)
    with Served(Classifier.load(toy_bundle), limits) as served, Client(served.port) as client:
        assert client.ask().status == 200
        assert client.is_closed


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_that_jumps(
    patient: Served, clients: contextlib.ExitStack, years: int, glioma: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    client = clients.enter_context(Client(patient.port))
    upload = clients.enter_context(Client(patient.port))
    upload.head(f"POST {API}", Content_Type="image/jpeg", Content_Length=len(glioma.read_bytes()))
    assert client.ask().status == 200
    monkeypatch.setattr(time, "time", lambda: now + years * 365.25 * 86_400)
    assert client.ask().status == 200
    assert upload.send(glioma.read_bytes()).read().status == 200
    monkeypatch.undo()
    assert client.ask().status == 200


# Refused by their heads


def test_what_is_too_large_or_no_picture_is_refused_before_it_is_sent(served: Served) -> None:
    for kind, length, code in (
        ("application/x-www-form-urlencoded", 18_000_000, "media_type"),
        ("image/png", 20_100_001, "too_many_bytes"),
        ("multipart/form-data; boundary=x", 10**15, "too_many_bytes"),
    ):
        with Client(served.port) as client:
            client.head(f"POST {API}", Content_Type=kind, Content_Length=length, Expect="100-continue")
            assert client.read().code == code
            assert client.is_closed
    with Client(served.port) as client:
        client.head("POST /api/v1/absent", Content_Type="image/png", Content_Length=1000)
        assert client.read().code == "not_found"


def test_a_client_that_waits_to_be_asked_for_its_body(served: Served, glioma: Path) -> None:
    data = glioma.read_bytes()
    with Client(served.port) as client:
        client.head(f"POST {API}", Content_Type="image/jpeg", Content_Length=len(data), Expect="100-continue")
        assert client.socket.recv(100).startswith(b"HTTP/1.1 100 ")
        assert client.send(data).read().status == 200
        assert client.ask().status == 200


GET = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
MALFORMED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "bad_request"),
    "no version": (b"GET /\r\n\r\n", "bad_request"),
    "another version": (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", "bad_request"),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", "bad_request"),
    "two hosts": (GET + b"Host: y\r\n\r\n", "bad_request"),
    "another host's address": (b"GET http://y/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "bad_request"),
    "no address": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "bad_request"),
    "a space before the colon": (GET + b"Content-Length : 5\r\n\r\nhello", "bad_request"),
    "a zero in a header": (GET + b"X: a\x00b\r\n\r\n", "bad_request"),
    "two lengths": (GET + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "bad_request"),
    "a negative length": (GET + b"Content-Length: -5\r\n\r\nhello", "bad_request"),
    "a length with a sign": (GET + b"Content-Length: +5\r\n\r\nhello", "bad_request"),
    "a length in letters": (GET + b"Content-Length: 5_0\r\n\r\nhello", "bad_request"),
    "an endless length": (GET + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "bad_request"),
    "chunks": (GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "no_length"),
    "chunks and a length": (
        GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
        "no_length",
    ),
    "a hidden encoding": (GET + b"Transfer-Encoding: xchunked\r\n\r\n", "bad_request"),
    "an endless line": (b"GET /" + b"a" * 100_000, "long_request"),
    "an endless header": (GET + b"X: " + b"a" * 100_000, "long_request"),
    "endless headers": (GET + b"X: a\r\n" * 20_000, "long_request"),
    "no method": (b"PURGE /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", "method_not_allowed"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests(served: Served, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    data, code = MALFORMED[name]
    with Client(served.port) as client:
        with contextlib.suppress(ConnectionError):
            client.send(data)
        assert client.read().code == code
        if code != "method_not_allowed":
            assert client.is_closed
    with Client(served.port) as client:
        assert client.ask().status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("no host", 400),
        ("another version", 505),
        ("a hidden encoding", 501),
        ("chunks", 411),
        ("endless headers", 431),
    ],
)
def test_the_status_of_malformed_requests(served: Served, name: str, status: int) -> None:
    with Client(served.port) as client:
        with contextlib.suppress(ConnectionError):
            client.send(MALFORMED[name][0])
        assert client.read().status == status


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/assets/" + "a" * 5000,
            "/" + "a" * 10_000,
            "/model/" + "a" * 10_000,
            "/icon-" + "a" * 300 + ".png",
        ),
        *("/assets/%00", "/static/%00", "/assets/%ff%fe", "/assets/" + "../" * 1000, "/static/" + "a" * 5000),
        *("/" + "a/" * 5000, "/api/v1/" + "a" * 10_000, "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"),
    ],
)
def test_addresses_that_nobody_should_ask_for(
    served: Served, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Client(served.port) as client:
        assert client.ask(path).code == "not_found"
        assert client.ask().status == 200
    assert capfd.readouterr() == ("", "")


# As they should be


def test_requests_that_are_sent_before_the_answer(served: Served, glioma: Path) -> None:
    data = glioma.read_bytes()
    with Client(served.port) as client:
        head = f"POST {API} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        sent = head.encode() + b"Content-Length: %d\r\n\r\n" % len(data) + data
        client.send(3 * sent + GET + b"\r\n")
        answers = [client.read() for _ in range(4)]
    assert [answer.status for answer in answers] == [200] * 4
    assert b'"glioma"' in answers[2].body and b'"live"' in answers[3].body


def test_a_head_alone(served: Served) -> None:
    with Client(served.port) as client:
        said = client.head(f"HEAD {HEALTH}").read("HEAD")
        assert (said.status, said.body) == (200, b"")
        assert int(said.headers["Content-Length"]) > 0
        assert client.ask().status == 200


def test_a_client_of_old(served: Served) -> None:
    with Client(served.port) as client:
        assert client.send(b"GET /api/v1/health HTTP/1.0\r\nHost: localhost\r\n\r\n").read().status == 200
        assert client.is_closed


def test_every_answer_has_the_headers(served: Served) -> None:
    for data in (GET + b"\r\n", b"nonsense\r\n\r\n", MALFORMED["an endless line"][0]):
        with Client(served.port) as client:
            with contextlib.suppress(ConnectionError):
                client.send(data)
            headers = client.read().headers
        assert headers["Server"] == "otak" and headers["Date"].endswith("GMT")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
