"""What systemd is told of a server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

from tests.edge_app.commands.running import OTAK


def test_ready_alive_and_stopping(toy_bundle: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        wanted = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        command = [*OTAK, "serve", "--bundle", str(toy_bundle), "--port", "0"]
        with subprocess.Popen(command, env=os.environ | wanted, stdout=subprocess.DEVNULL) as server:
            told = [systemd.recv(100) for _ in range(4)]
            server.send_signal(signal.SIGTERM)
            while told[-1] != b"STOPPING=1":
                told.append(systemd.recv(100))
            assert server.wait(60) == 0
    assert told[0] == b"READY=1"
    assert set(told[1:-1]) == {b"WATCHDOG=1"}


def test_it_serves_where_there_is_no_room_for_what_it_says(toy_bundle: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, Path("/dev/full").open("wb") as full:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        command = [*OTAK, "serve", "--bundle", str(toy_bundle), "--port", "0"]
        environment = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen(command, env=environment, stdout=full, stderr=full) as server:
            assert systemd.recv(100) == b"READY=1"
            server.send_signal(signal.SIGTERM)
            assert systemd.recv(100) == b"STOPPING=1"
