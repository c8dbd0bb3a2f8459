"""Servers that tests start, in threads or as processes, and clients that treat them badly."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from edge_app import Classifier
from edge_app.lan.addresses import Names
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from edge_app.serve.limits import Limits
from tests.conftest import heed_interrupts
from tests.forms import form

API = "/api/v1/predict"
HEALTH = "/api/v1/health"


class Served:
    """A classifier's app on a port of its own, until it is closed, by loopback and a name."""

    def __init__(
        self,
        classifier: Classifier,
        limits: Limits | None = None,
        context: ssl.SSLContext | None = None,
        name: str = "localhost",
    ) -> None:
        self.classifier = classifier
        self.app: Flask = create_app(classifier, called=lambda: Names((name,), ()))
        self.server = Server(self.app, "127.0.0.1", 0, limits=limits, context=context)
        self.port = self.server.port
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()

    def replace(self, classifier: Classifier) -> None:
        """Goes on with another model, as after an update of the device."""
        self.app.wsgi_app = create_app(classifier).wsgi_app  # type: ignore[method-assign]

    def close(self) -> None:
        self.server.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def serving(
    bundle: Path, before: Callable[[], None] | None = None, arguments: Sequence[str] = (), **options: Any
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs ``otak serve`` on a port of its own; gives the process and its address.

    Args:
        bundle: What it serves.
        before: Done in the process before it starts, to limit it.
        arguments: More of the command line.
        options: Of ``subprocess.Popen``.
    """
    command = [sys.executable, "-m", "edge_app.cli", "serve", "--bundle", str(bundle), "--port", "0"]

    def prepare() -> None:
        heed_interrupts()
        if before is not None:
            before()

    with subprocess.Popen(
        [*command, *arguments],
        preexec_fn=prepare,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        assert process.stdout and process.stderr
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line + process.stderr.read()
            yield process, address[0]
        finally:
            process.kill()


def post(address: str, data: bytes, name: str = "a.jpg", source: str = "127.0.0.1") -> tuple[int, bytes]:
    """Sends a picture from an address of the loopback's; returns the status and the body of the answer."""
    body, kind = form(data, name)
    place = urllib.parse.urlsplit(address).netloc
    connection = http.client.HTTPConnection(place, timeout=120, source_address=(source, 0))
    with contextlib.closing(connection):
        connection.request("POST", API, body, {"Content-Type": kind})
        response = connection.getresponse()
        return response.status, response.read()


@dataclass(frozen=True)
class Said:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """Of the error, which must be a problem as RFC 9457 has it."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        told = json.loads(self.body)
        assert told["status"] == self.status and told["detail"]
        code: str = told["code"]
        return code


class Answers(io.BufferedReader):
    """What a socket receives; reading ahead, it may hold the next answer, so that no answer closes it."""

    def close(self) -> None:
        pass


class Client:
    """A socket to a server, from an address of the loopback's."""

    def __init__(self, port: int, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), 30, (address, 0))
        self.socket = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        self._answers = Answers(socket.SocketIO(self.socket, "r"))

    def send(self, data: bytes) -> Client:
        """Sends bytes as they are."""
        self.socket.sendall(data)
        return self

    def head(self, line: str, **headers: str | int) -> Client:
        """Sends the head of a request; underscores in names stand for hyphens."""
        lines = [f"{line} HTTP/1.1", "Host: localhost"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.send("\r\n".join([*lines, "", ""]).encode())

    def ask(self, path: str = HEALTH) -> Said:
        """Asks for something, and returns the answer."""
        return self.head(f"GET {path}").read()

    def read(self, method: str = "GET") -> Said:
        """Returns the next answer."""
        response = http.client.HTTPResponse(self.socket, method=method)
        response.fp.close()
        response.fp = self._answers
        response.begin()
        return Said(response.status, dict(response.getheaders()), response.read())

    @property
    def is_closed(self) -> bool:
        """Waits for what comes, and tells whether it is the end."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
