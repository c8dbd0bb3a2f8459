"""A Raspberry Pi that is none: commands and servers of an installed Otak, emulated."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_app import records
from tests.arm import answers
from tests.arm.answers import Answers, Said
from tests.arm.roots import Emulator
from tests.forms import form

OTAK = "/usr/local/bin/otak"
PYTHON = "/opt/otak/bin/python"
STATE = Path("root/.local/state/otak")
PIN = "40713925"
SOON = 300  # seconds; a processor that is emulated is some twenty times slower


@dataclass(frozen=True)
class Device:
    """A root as one board runs it.

    Attributes:
        emulator: That runs it.
        root: Of a Debian.
        cpu: Of the board, as qemu names it.
        shared: A folder that is seen there by the same path.
    """

    emulator: Emulator
    root: Path
    cpu: str
    shared: Path

    def run(self, *inside: str, text: str = "") -> str:
        """Runs a command to its end.

        Args:
            inside: The command.
            text: What it reads.

        Returns:
            What it prints.

        Raises:
            AssertionError: It fails.
        """
        command = self.emulator.command(self.root, self.cpu, [self.shared], list(inside))
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=4 * SOON, check=False
        )
        assert done.returncode == 0, f"{inside}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def install(self, archive: Path) -> int:
        """Installs the one file, as root does; returns the bytes of the environment."""
        self.run("/usr/bin/python3", str(archive))
        folder = self.root / (self.root / "opt/otak").readlink().relative_to("/")
        return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())

    def uninstall(self, archive: Path) -> None:
        """Takes it away again, and sees that nothing is left."""
        self.run("/usr/bin/python3", str(archive), "--uninstall")
        left = [*self.root.glob("opt/otak*"), *self.root.glob("usr/local/bin/*")]
        assert left == [], left

    def packages(self) -> dict[str, str]:
        """Returns the versions of what is installed."""
        found: dict[str, str] = json.loads(self.run(OTAK, "info", "--json"))["packages"]
        return found

    def answers(self, samples: Path) -> Answers:
        """Reads every sample in one process."""
        out = self.shared / f"answers-{self.root.name}-{self.cpu}.json"
        self.run(PYTHON, str(self.shared / "answers.py"), str(samples), str(out))
        return records.read(out, Answers, answers.SCHEMA)

    def check_commands(self, samples: Path, said: dict[str, Said]) -> None:
        """Reads the samples by the command, each for itself and as one study.

        Args:
            samples: Their folder.
            said: What is right of each.
        """
        lines = self.run(OTAK, "predict", "--json", str(samples)).splitlines()
        told = {Path(line["name"]).name: line for line in map(json.loads, lines)}
        assert set(told) == {path.name for path in samples.iterdir()}
        for name, line in told.items():
            _check(line, said[name])
        study = json.loads(self.run(OTAK, "predict", "--json", "--study", str(samples)))
        # Every frame of a file is a slice of its own there.
        assert study["counts"]["unreadable"] == 0, study["counts"]
        assert study["counts"]["slices"] >= len(told), study["counts"]

    def check_doctor(self) -> None:
        """Sees that nothing is bad, the interpreter's answers among it."""
        # As before a first start: proot tells wrongly who may use a folder.
        self.run("/usr/bin/env", "XDG_STATE_HOME=/nowhere", OTAK, "doctor")

    def check_http(self, sample: Path, said: Said) -> None:
        """Asks ``otak serve`` about a picture."""
        with self._serving("--port", "0") as text:
            (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/", text)
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=SOON)
            _check(_ask(connection, sample, {}), said)

    def check_lan(self, sample: Path, said: Said) -> None:
        """Asks ``otak serve --lan`` as a phone that trusts it, and looks its case up."""
        shutil.rmtree(self.root / STATE, ignore_errors=True)
        self.run(OTAK, "pin", text=PIN)
        options = ("--lan", "--keep-cases", "--host", "127.0.0.1", "--port", "0", "--trust-port", "0")
        with self._serving(*options) as text:
            port = re.findall(r"https://127\.0\.0\.1:(\d+)/", text)[0]
            trust = re.findall(r"http://127\.0\.0\.1:(\d+)/", text)[0]
            plain = http.client.HTTPConnection("127.0.0.1", int(trust), timeout=SOON)
            authority = _get(plain, "/otak-ca.crt")
            context = ssl.create_default_context(cadata=authority)
            connection = http.client.HTTPSConnection("127.0.0.1", int(port), timeout=SOON, context=context)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            pin = urllib.parse.urlencode({"pin": PIN}).encode()
            token = _send(connection, "/api/v1/session", pin, kind)["token"]
            answer = _ask(connection, sample, {"Authorization": f"Bearer {token}"})
            _check(answer, said)
            assert answer["case"]["error"] is None, answer["case"]
        listed = [json.loads(line) for line in self.run(OTAK, "cases", "list", "--json").splitlines()]
        assert [case["id"] for case in listed] == [answer["case"]["id"]], listed

    @contextlib.contextmanager
    def _serving(self, *options: str) -> Iterator[str]:
        """Serves; gives what it says until a line that names an address of plain HTTP."""
        command = self.emulator.command(self.root, self.cpu, [self.shared], [OTAK, "serve", *options])
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout and process.stderr
            try:
                lines = []
                while line := process.stdout.readline():
                    lines.append(line)
                    if " http://127.0.0.1:" in line:
                        break
                else:
                    raise AssertionError("".join(lines) + process.stderr.read())
                yield "".join(lines)
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def _ask(connection: http.client.HTTPConnection, sample: Path, headers: dict[str, str]) -> dict[str, Any]:
    body, kind = form(sample.read_bytes(), sample.name)
    return _send(connection, "/api/v1/predict", body, headers | {"Content-Type": kind})


def _send(
    connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> dict[str, Any]:
    with contextlib.closing(connection):
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        data = response.read()
    assert response.status == 200, data
    found: dict[str, Any] = json.loads(data)
    return found


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200, response.status
        return response.read()


def _check(answer: dict[str, Any], said: Said) -> None:
    told = answer["verdict"], answer["label"], tuple(answer["reasons"])
    assert told == (said.verdict, said.label, said.reasons), answer
