"""What goes wrong around a server: it is stopped, killed, or short of something. It runs as a process."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import edge_app
from edge_app import Classifier, delivery
from edge_app.bundle import NAME
from tests.disks import full_disk, mounted
from tests.forms import form
from tests.memory import children, pss
from tests.phantoms import LABELS, phantom, png
from tests.servers import API, Client, post, serving

pytestmark = pytest.mark.slow

LONG = 60  # seconds, more than the busiest machine takes for anything here


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def get(address: str, path: str) -> bytes:
    with urllib.request.urlopen(f"{address}{path}", timeout=60) as response:
        data: bytes = response.read()
    return data


def is_well(address: str) -> bool:
    status, answer = post(address, png(phantom("glioma", 1)))
    return status == 200 and json.loads(answer)["label"] == "glioma"


def has_ended(pid: int) -> bool:
    """Waits until a process that isn't ours is gone."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


@dataclass(frozen=True)
class Asked:
    """When the whole of a picture had been sent, and the status of the answer; 0 where there was none."""

    sent: float
    status: int


def ask_until_it_ends(address: str, data: bytes, found: list[Asked]) -> None:
    """Sends pictures, one after another, until nobody listens any longer; adds what became of each."""
    body, kind = form(data)
    while True:
        sent, status = math.inf, 0
        try:
            with Client(port_of(address)) as client:
                client.head(f"POST {API}", Content_Type=kind, Content_Length=len(body)).send(body)
                sent = time.monotonic()
                status = client.read().status
        except ConnectionRefusedError:
            return
        except (OSError, http.client.HTTPException):
            pass
        found.append(Asked(sent, status))


@contextlib.contextmanager
def under_load(bundle: Path, clients: int) -> Iterator[tuple[subprocess.Popen[str], list[Asked]]]:
    """Runs a server that clients ask until nobody listens; once it is left, so have they."""
    found: list[Asked] = []
    data = png(phantom("glioma", 1))
    # The server goes first, whatever happens: nothing else sends its clients home.
    with ThreadPoolExecutor(clients) as pool, serving(bundle) as (process, address):
        asking = [pool.submit(ask_until_it_ends, address, data, found) for _ in range(clients)]
        deadline = time.monotonic() + LONG
        while len(found) < 3 * clients:
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        yield process, found
    for each in asking:
        each.result()


# Stopped and killed


def test_sigterm_under_load_drops_nobody(toy_bundle: Path) -> None:
    with under_load(toy_bundle, 8) as (process, found):
        workers = children(process.pid)
        stopped = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", "")
    assert process.returncode == 0
    assert {asked.status for asked in found} <= {200, 503, 0}
    begun = [asked.status for asked in found if asked.sent < stopped]
    assert len(begun) > 8 and set(begun) <= {200, 503}
    assert workers and all(map(has_ended, workers))


def test_a_second_signal_ends_it_at_once(toy_bundle: Path) -> None:
    with serving(toy_bundle) as (process, address), Client(port_of(address)) as client:
        client.head(f"POST {API}", Content_Type="image/png", Content_Length=10, Expect="100-continue")
        assert client.socket.recv(100).startswith(b"HTTP/1.1 100 "), "it was begun"
        process.send_signal(signal.SIGTERM)
        while is_taking(address):
            time.sleep(0.02)
        assert process.poll() is None, "it waits for what was begun"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", "")
    assert process.returncode == 0


def is_taking(address: str) -> bool:
    """Tells whether a server that listens hasn't been told to stop."""
    with Client(port_of(address)) as client:
        return client.ask().status == 200


def test_sigkill_under_load_leaves_nothing_behind(toy_bundle: Path) -> None:
    with under_load(toy_bundle, 4) as (process, found):
        workers = children(process.pid)
        process.kill()
    assert {asked.status for asked in found} <= {200, 0}
    assert workers and all(map(has_ended, workers))
    with serving(toy_bundle) as (_, address):
        assert is_well(address)


def test_a_worker_that_is_killed(toy_bundle: Path) -> None:
    with serving(toy_bundle) as (process, address):
        assert is_well(address)
        for worker in children(process.pid):
            os.kill(worker, signal.SIGKILL)
        statuses = [post(address, png(phantom("glioma", 1)))[0] for _ in range(4)]
        assert statuses[-1] == 200 and set(statuses) <= {200, 422}


# Short of something


def test_32_descriptors(toy_bundle: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))

    with serving(toy_bundle, few) as (process, address), contextlib.ExitStack() as clients:
        for i in range(60):
            client = clients.enter_context(Client(port_of(address), f"127.0.0.{2 + i % 7}"))
            with contextlib.suppress(ConnectionError):
                client.send(b"GET / HT")
        before = computed(process.pid)
        time.sleep(2)
        assert computed(process.pid) - before < 1, "it runs in circles"
        assert is_well(address)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=LONG)
    assert process.returncode == 0
    assert len((output + errors).splitlines()) < 10, errors


def computed(pid: int) -> float:
    """Returns the seconds that a process has computed."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def test_512_mb_of_memory(toy_bundle: Path) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (512_000_000, 512_000_000))

    pictures = [png(phantom(label, 1)) for label in LABELS]
    with serving(toy_bundle, little) as (process, address), ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda data: post(address, data), pictures * 20))
        large = list(pool.map(lambda _: post(address, bytes(19_000_000)), range(8)))
        assert is_well(address)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", "")
    assert {status for status, _ in found} == {200}
    assert {status for status, _ in large} <= {415, 503}
    assert process.returncode == 0


def test_60_uploads_that_are_held_open_cost_little(toy_bundle: Path) -> None:
    with serving(toy_bundle) as (process, address), contextlib.ExitStack() as clients:
        assert is_well(address)
        before = pss(process.pid)
        for i in range(60):
            client = clients.enter_context(Client(port_of(address), f"127.0.0.{2 + i % 2}"))
            client.head(f"POST {API}", Content_Type="image/png", Content_Length=20_000_000)
            with contextlib.suppress(ConnectionError):
                client.send(bytes(4_000_000))
        most = pss(process.pid) - before
        healthy = json.loads(get(address, "/api/v1/health"))
    assert most < 130_000_000, most
    assert healthy["live"]


# A disk that takes nothing


def no_writing() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def answers_whole(address: str) -> None:
    """Asks for the longest answer, and for that to a picture."""
    (wasm,) = delivery.PAGE.glob("assets/*.wasm.gz")
    name = wasm.name.removesuffix(".gz")
    assert get(address, f"/assets/{name}") == delivery._read(str(wasm).removesuffix(".gz"), None)
    assert is_well(address)
    assert post(address, bytes(19_000_000))[0] == 415


def test_a_full_disk_cuts_no_answer_short(toy_bundle: Path, tmp_path: Path) -> None:
    with full_disk(tmp_path / "full") as options, serving(toy_bundle, **options) as (process, address):
        with pytest.raises(OSError) as error, (tmp_path / "full" / "more").open("wb", 0) as file:
            file.write(bytes(4096))
        assert error.value.errno == errno.ENOSPC
        answers_whole(address)
        assert json.loads(get(address, "/api/v1/health"))["disk"]["free"] > 0
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", "")


def test_it_writes_nothing_anywhere(toy_bundle: Path) -> None:
    with serving(toy_bundle, no_writing) as (process, address):
        answers_whole(address)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", "")


def test_a_read_only_installation(toy_bundle: Path, tmp_path: Path) -> None:
    source, installed = Path(edge_app.__file__).parent, tmp_path / "installed"
    installed.mkdir()
    with mounted(installed, "64m"):
        ignored = shutil.ignore_patterns("web", "__pycache__")
        shutil.copytree(source, installed / "edge_app", ignore=ignored)
        shutil.copytree(toy_bundle, installed / "bundle")
        subprocess.run(["mount", "-o", "remount,ro", str(installed)], check=True)
        environment = os.environ | {"PYTHONPATH": str(installed)}
        with serving(installed / "bundle", cwd=installed, env=environment) as (process, address):
            answers_whole(address)
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=LONG) == ("", "")


# A bundle that isn't whole


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize("name", [NAME, "toy-int8.tflite"])
def test_a_bundle_that_was_half_written(
    toy_bundle: Path, tmp_path: Path, damage: Callable[[Path], object], name: str
) -> None:
    folder = shutil.copytree(toy_bundle, tmp_path / "bundle")
    damage(folder / name)
    command = [sys.executable, "-m", "edge_app.cli", "serve", "--bundle", str(folder), "--port", "0"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"otak: {folder}") and len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_a_bundle_that_is_damaged_under_a_server(
    toy_bundle: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    folder = shutil.copytree(toy_bundle, tmp_path / "bundle")
    digest = Classifier.load(folder).file.sha256
    with serving(folder) as (process, address):
        damage(folder / "toy-int8.tflite")
        damage(folder / NAME)
        with Client(port_of(address)) as client:
            said = client.ask(f"/model/{digest}")
            assert (said.status, said.code) == (500, "bundle"), "it would be kept for ever"
        assert json.loads(get(address, "/bundle.json"))["name"] == "toy"
        assert is_well(address), "the model is in memory"
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=LONG)
    assert "toy-int8.tflite" in errors and "Traceback" not in errors


# Two of them


def test_two_servers_on_a_port(toy_bundle: Path) -> None:
    with serving(toy_bundle) as (process, address):
        port = str(port_of(address))
        command = [sys.executable, "-m", "edge_app.cli", "serve", "--bundle", str(toy_bundle), "--port", port]
        for _ in range(2):
            run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert (run.returncode, run.stdout) == (1, "")
            assert run.stderr.startswith(f"otak: can't listen on 127.0.0.1 port {port}")
        assert is_well(address)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONG)
        run_again = [*command[:-1], port]
        with subprocess.Popen(run_again, stdout=subprocess.PIPE, text=True) as again:
            assert again.stdout
            assert port in again.stdout.readline(), "the port is free at once"
            assert is_well(address)
            again.send_signal(signal.SIGTERM)
    assert again.returncode == 0


# Busy


def health_of(address: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(get(address, "/api/v1/health"))
    return told


def health_when(address: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Asks until the answer fits; a worker that is stopped is given up after half a minute."""
    deadline = time.monotonic() + 25
    while not fits(health := health_of(address)):
        assert time.monotonic() < deadline, health
        time.sleep(0.02)
    return health


def test_health_and_the_page_never_wait_behind_pictures(toy_bundle: Path) -> None:
    with serving(toy_bundle) as (process, address):
        queue = health_of(address)["queue"]
        with ThreadPoolExecutor(queue["most"]) as pool, held(process.pid, address, queue["workers"], pool):
            asked = [pool.submit(ask, address, number) for number in range(20)]
            health = health_when(address, lambda told: told["queue"]["reading"] == 20)
            assert health["live"] and health["ready"]
            assert b"<title>Otak</title>" in get(address, "/")
            # Pictures for which there is no place are turned away at once.
            asked += [pool.submit(ask, address, number) for number in range(20, queue["most"])]
            assert health_when(address, lambda told: not told["ready"])["status"] == "busy"
            status, said = post(address, png(phantom("glioma", 1)))
            assert (status, json.loads(said)["code"]) == (503, "busy")
        assert {each.result() for each in asked} == {200}


def ask(address: str, number: int) -> int:
    """Sends a picture; from one of several addresses, since none may have many connections."""
    return post(address, png(phantom("glioma", 1)), source=f"127.0.0.{2 + number % 8}")[0]


@contextlib.contextmanager
def held(server: int, address: str, count: int, pool: ThreadPoolExecutor) -> Iterator[None]:
    """Has a server start all of its workers, and holds them still."""
    while len(started := children(server)) < count:
        list(pool.map(partial(ask, address), range(4 * count)))
    for worker in started:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in started:
            os.kill(worker, signal.SIGCONT)
