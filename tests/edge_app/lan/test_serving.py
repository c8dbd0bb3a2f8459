"""``otak serve --lan`` as a process of its own, over real HTTPS."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_app.lan.pin import set_pin
from edge_app.lan.state import State
from edge_app.languages import LANGUAGES, sentence
from tests.conftest import heed_interrupts
from tests.forms import form

PIN = "493817"


@dataclass(frozen=True)
class Lan:
    """What a terminal shows of a server, and the process."""

    process: subprocess.Popen[str]
    text: str
    port: int
    trust_port: int

    def fetch(self, path: str) -> tuple[int, bytes]:
        """Gets something from the page over plain HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.trust_port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def trusting(self) -> ssl.SSLContext:
        """Returns what a phone has that got the certificate there."""
        _, der = self.fetch("/otak-ca.crt")
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
        context = ssl.create_default_context(cadata=pem)
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
        return context

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Sends a request as a phone that trusts the device."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trusting())
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()


def environment(state: Path, language: str = "en") -> dict[str, str]:
    return {**os.environ, "STATE_DIRECTORY": str(state), "LC_ALL": f"{language}_XX.UTF-8"}


@contextlib.contextmanager
def serving(bundle: Path, state: Path, language: str = "en", *before: str) -> Iterator[Lan]:
    """Runs ``otak serve --lan`` on ports of its own, by another command where one is given."""
    command = [*before, sys.executable, "-m", "edge_app.cli", "serve", "--lan", "--bundle", str(bundle)]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", "0", "--trust-port", "0"],
        preexec_fn=heed_interrupts,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(state, language),
    ) as process:
        assert process.stdout and process.stderr
        try:
            lines = []
            while line := process.stdout.readline():
                lines.append(line)
                if line.strip() == sentence(language, "lan.stop"):
                    break
            text = "".join(lines)
            ports = re.search(r"https://127\.0\.0\.1:(\d+)/.*http://127\.0\.0\.1:(\d+)/", text, re.DOTALL)
            assert ports, text + process.stderr.read()
            yield Lan(process, text, int(ports[1]), int(ports[2]))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def lan(toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lan]:
    folder = tmp_path_factory.mktemp("state")
    set_pin(State(folder / "lan"), PIN)
    with serving(toy_bundle, folder) as lan:
        yield lan


def token(lan: Lan) -> str:
    sent = urllib.parse.urlencode({"pin": PIN}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = lan.send("POST", "/api/v1/session", sent, kind)
    assert status == 200
    text: str = json.loads(body)["token"]
    return text


def test_a_phone_that_trusts_it_reads_a_picture(lan: Lan, glioma: Path) -> None:
    body, kind = form(glioma.read_bytes(), "a.jpg")
    headers = {"Content-Type": kind}
    status, refusal = lan.send("POST", "/api/v1/predict", body, headers)
    assert (status, json.loads(refusal)["code"]) == (401, "sign_in")
    headers["Authorization"] = f"Bearer {token(lan)}"
    status, answer = lan.send("POST", "/api/v1/predict", body, headers)
    assert (status, json.loads(answer)["label"]) == (200, "glioma")


def test_a_phone_that_doesn_t_is_not_connected(lan: Lan) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", lan.port, timeout=30)
    with contextlib.closing(connection), pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")


def test_old_tls_and_plain_http_are_not_spoken(lan: Lan) -> None:
    with socket.create_connection(("127.0.0.1", lan.port), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = plain.recv(1000)
        assert b"HTTP" not in answer
    old = lan.trusting()
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", lan.port), timeout=30) as bare,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(bare, server_hostname="127.0.0.1")


def test_dns_rebinding_and_cross_site_requests(lan: Lan) -> None:
    assert lan.send("GET", "/", headers={"Host": "evil.example"})[0] == 421
    bearer = {"Authorization": f"Bearer {token(lan)}"}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert lan.send("POST", "/api/v1/predict", headers=bearer | header)[0] == 403


def test_the_other_port_serves_how_to_trust_it_alone(lan: Lan) -> None:
    assert lan.fetch("/")[0] == 200
    for path in ("/api/v1/health", "/bundle.json", "/sign-in", "/lan/authority.pem"):
        assert lan.fetch(path)[0] == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_start_makes_a_pin(toy_bundle: Path, tmp_path: Path, language: str) -> None:
    with serving(toy_bundle, tmp_path, language) as first:
        pin = re.search(r"\b\d{8}\b", first.text)
        assert pin and sentence(language, "lan.pin.made", pin=pin[0]) in first.text
        assert sentence(language, "lan.new_authority") in first.text
        assert first.fetch("/")[0] == first.send("GET", "/api/v1/health")[0] == 200
        first.process.send_signal(signal.SIGINT)
        rest, errors = first.process.communicate(timeout=60)
        assert (first.process.returncode, rest + errors) == (0, "")
    with serving(toy_bundle, tmp_path, language) as second:
        assert pin[0] not in second.text
        assert sentence(language, "lan.new_authority") not in second.text
        fingerprint = re.search("(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", first.text)
        assert fingerprint and fingerprint[0] in second.text
    assert {path.name for path in tmp_path.iterdir()} == {"lan"}
    for path in (tmp_path / "lan").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_journal_never_shows_the_pin(toy_bundle: Path, tmp_path: Path) -> None:
    # As systemd starts it, which names the pipe that its journal reads.
    journal = ["sh", "-c", 'JOURNAL_STREAM=$(stat -Lc %d:%i "/proc/$$/fd/1") exec "$@"', "sh"]
    with serving(toy_bundle, tmp_path, "en", *journal) as lan:
        assert not re.search(r"\b\d{6,20}\b", lan.text)
        assert sentence("en", "service.pin") in lan.text


def test_two_devices_worth_of_servers_at_the_same_time(toy_bundle: Path, tmp_path: Path) -> None:
    with serving(toy_bundle, tmp_path) as one, serving(toy_bundle, tmp_path) as two:
        assert one.fetch("/otak-ca.crt") == two.fetch("/otak-ca.crt")
        for each in (one, two):
            assert each.send("GET", "/api/v1/health")[0] == 200


def otak(*arguments: str, state: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge_app.cli", *arguments]
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, env=environment(state), timeout=120
    )


def test_a_damaged_folder_is_told_and_nothing_is_made_anew(toy_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lan"
    State(folder).write("authority.pem", b"half")
    before = (folder / "authority.pem").read_bytes()
    run = otak("serve", "--lan", "--bundle", str(toy_bundle), "--port", "0", state=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    path = folder / "authority.pem"
    assert run.stderr == f"otak: {sentence('en', 'state.damaged', path=path)}\n"
    assert path.read_bytes() == before


def test_another_pin(toy_bundle: Path, tmp_path: Path) -> None:
    with serving(toy_bundle, tmp_path) as lan:
        made = otak("pin", state=tmp_path, typed="\n")
        assert made.returncode == 0
        assert re.search(r"\b\d{8}\b", made.stdout)
        chosen = otak("pin", state=tmp_path, typed=f"{PIN}\n")
        assert (chosen.returncode, chosen.stdout) == (0, f"{sentence('en', 'lan.pin.set')}\n")
        assert token(lan)
        weak = otak("pin", state=tmp_path, typed="123456\n")
        assert weak.returncode == 1
        assert weak.stderr == f"otak: {sentence('en', 'lan.pin.weak', shortest=6, longest=20)}\n"
        assert token(lan)
