from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time
from pathlib import Path

import pytest
from flask import Flask

from edge_app import Classifier
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from edge_app.serve.limits import Limits
from tests.servers import API, HEALTH, Client, Served

HERE = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
# Documentation's address is nobody's, and no system of today speaks AppleTalk.
ELSEWHERE = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0))
UNSPOKEN = (socket.AF_APPLETALK, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))


def test_a_device_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [ELSEWHERE, UNSPOKEN, HERE])
    server = Server(Flask("app"), "localhost", 0)
    with contextlib.closing(server._sockets[0]):
        assert [each.getsockname() for each in server._sockets] == [("127.0.0.1", server.port)]
        monkeypatch.undo()
        Client(server.port).close()


@pytest.mark.parametrize("found", [[ELSEWHERE], [UNSPOKEN], [UNSPOKEN, ELSEWHERE]])
def test_a_device_without_any_of_the_addresses(found: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(OSError) as error:
        Server(Flask("app"), "localhost", 0)
    assert error.value.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


# Stopped


def test_a_stop_answers_what_was_begun_and_nothing_else(toy_bundle: Path, glioma: Path) -> None:
    served = Served(Classifier.load(toy_bundle))
    data = glioma.read_bytes()
    with Client(served.port) as begun, Client(served.port) as idle:
        begun.head(f"POST {API}", Content_Type="image/jpeg", Content_Length=len(data)).send(data[:10])
        assert idle.ask().status == 200
        served.server.stop()
        with Client(served.port) as late:
            said = late.ask()
        assert (said.status, said.code) == (503, "busy")
        assert int(said.headers["Retry-After"]) > 0
        said = begun.send(data[10:]).read()
        assert (said.status, said.headers["Connection"]) == (200, "close")
        assert idle.is_closed
    served.close()
    with pytest.raises(ConnectionRefusedError):
        Client(served.port)


def test_a_stop_tells_everybody_who_came_before_it(toy_bundle: Path) -> None:
    server = Server(create_app(Classifier.load(toy_bundle)), "127.0.0.1", 0)
    with contextlib.ExitStack() as opened:
        clients = [opened.enter_context(Client(server.port)).head(f"GET {HEALTH}") for _ in range(40)]
        server.stop()
        thread = threading.Thread(target=server.run)
        thread.start()
        assert {client.read().code for client in clients} == {"busy"}
    thread.join(60)
    assert not thread.is_alive()


def test_a_stop_does_not_wait_for_ever(toy_bundle: Path) -> None:
    served = Served(Classifier.load(toy_bundle), Limits(drain=0.2))
    with Client(served.port) as client:
        client.head(f"POST {API}", Content_Type="image/jpeg", Content_Length=10)
        time.sleep(0.1)
        served.close()
        assert client.is_closed
