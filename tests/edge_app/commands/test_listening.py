from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from edge_app.commands import listening
from edge_app.commands.listening import reason
from tests.edge_app.commands.running import otak


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (error(errno.EADDRINUSE), "another program has it"),
        (error(errno.EACCES), "ports below 1024 belong to the administrator"),
        (error(errno.EPERM), "choose one from 1024 up (--port)"),
        (error(errno.EADDRNOTAVAIL), "this device has no such address"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "nothing is known by this name"),
        (error(errno.EMFILE), "(Too many open files)"),
    ],
)
def test_reasons(monkeypatch: pytest.MonkeyPatch, fault: OSError, told: str) -> None:
    monkeypatch.setattr(listening, "UNPRIVILEGED", Path("/absent"))
    monkeypatch.setenv("LC_ALL", "en_XX")
    sentence = reason(fault, "127.0.0.1", (80,))
    assert sentence.startswith("can't listen on 127.0.0.1 port 80") and told in sentence
    monkeypatch.setenv("LC_ALL", "id_ID")
    assert reason(fault, "127.0.0.1", (80,)).startswith(
        "tidak dapat menerima sambungan di 127.0.0.1 porta 80"
    )


def test_two_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_XX")
    sentence = reason(error(errno.EADDRINUSE), "", (8443, 8080))
    assert sentence.startswith("can't listen on all addresses port 8443 or 8080: ")
    assert sentence.endswith("(--port, --trust-port).")


def test_a_host_that_is_unknown(toy_bundle: Path) -> None:
    run = otak("serve", "--bundle", toy_bundle, "--host", "127.0.0.300")
    assert run.returncode in (1, 2)
    assert len(run.stderr.splitlines()) == 1


def test_a_port_of_root(toy_bundle: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may have every port")
    if int(listening.UNPRIVILEGED.read_text()) <= 1:
        pytest.skip("this system gives everybody every port")
    run = otak("serve", "--bundle", toy_bundle, "--port", 1)
    assert run.returncode == 1 and "belong to the administrator" in run.stderr
