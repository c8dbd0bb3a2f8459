"""Servers that tests start, in threads or as processes."""

from __future__ import annotations

import contextlib
import http.client
import re
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from edge_app import Classifier
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from tests.conftest import heed_interrupts
from tests.forms import form

API = "/api/v1/predict"


class Served:
    """A classifier's app on a port of its own, until it is closed."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self._app = create_app(classifier)
        self._server = Server(self._app, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def replace(self, classifier: Classifier) -> None:
        """Goes on with another model, as after an update of the device."""
        self._app.wsgi_app = create_app(classifier).wsgi_app  # type: ignore[method-assign]

    def close(self) -> None:
        self._server.stop()
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def serving(bundle: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs ``otak serve`` on a port of its own; gives the process and its address."""
    command = [sys.executable, "-m", "edge_app.cli", "serve", "--bundle", str(bundle), "--port", "0"]
    with subprocess.Popen(
        command, preexec_fn=heed_interrupts, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line + process.stderr.read()
            yield process, address[0]
        finally:
            process.kill()


def post(address: str, data: bytes, name: str = "a.jpg") -> tuple[int, bytes]:
    """Sends a picture; returns the status and the body of the answer."""
    body, kind = form(data, name)
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", API, body, {"Content-Type": kind})
        response = connection.getresponse()
        return response.status, response.read()
