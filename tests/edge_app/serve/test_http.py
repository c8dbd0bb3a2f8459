from __future__ import annotations

import contextlib
import errno
import socket

import pytest
from flask import Flask

from edge_app.serve.http import Server
from tests.servers import Client

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
