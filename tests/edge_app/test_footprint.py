"""What a device has to load and to hold: little, so that a Raspberry Pi has room for the rest."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import urllib.parse
from contextlib import closing

import pytest

from edge_app.classifier import SHIPPED
from tests.forms import form
from tests.memory import children, pss
from tests.phantoms import LABELS, phantom, png
from tests.servers import API, serving

ANSWERS = 500
SERVER, WHOLE = 110_000_000, 300_000_000  # bytes

# Each takes long to load on a Raspberry Pi, and most commands need none of them.
LATER = ("ai_edge_litert", "cryptography", "edge_app.dicom", "edge_app.image", "flask", "zipfile")


def test_an_import_loads_no_more_than_it_needs() -> None:
    code = f"import edge_app, sys; print(*sorted(set({LATER!r}) & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded == "\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's share of memory")
def test_a_server_stays_small() -> None:
    """By the bundle that ships, over HTTP, with a worker."""
    forms = [form(png(phantom(label, seed)), "a.png") for seed, label in enumerate(LABELS)]
    with serving(SHIPPED) as (process, address):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=60)
        with closing(connection):
            for i in range(ANSWERS):
                body, kind = forms[i % len(forms)]
                connection.request("POST", API, body, {"Content-Type": kind})
                response = connection.getresponse()
                assert response.status == 200 and json.loads(response.read())["verdict"]
        server, workers = pss(process.pid), [pss(child) for child in children(process.pid)]
    assert 0 < server < SERVER, server
    assert len(workers) == 1 and workers[0] > 0 and server + workers[0] < WHOLE, workers
