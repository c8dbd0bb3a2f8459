"""``python -m benchmarks load``: what a server bears, and whether a second worker is worth its core.

A server with one worker is held to one core and one with two to two, since a device starts as many workers as
it has cores. The clients take the cores that are left, or share where there are none. Both servers are asked
in turn within one run, so that their ratio holds whatever else the machine is.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.errors import BenchmarkError
from benchmarks.measure.machine import Machine, check_idle, this_machine
from benchmarks.measure.memory import pss
from evaluation.tables import Table

SCHEMA = 1
CLIENTS = (1, 8, 32)
WARM_UP = 1000  # requests
ROUNDS = 3
TIMEOUT = 60  # seconds


@dataclass(frozen=True)
class Burst:
    """Requests of some clients at a time, each sending its next when it is answered.

    Attributes:
        clients: How many.
        requests: Answered, all of them with 200.
        a_second: Requests.
        p50: Milliseconds.
        p99: Milliseconds.
        queue: Milliseconds that a request takes by the queue alone: clients over requests a second.
        cpu: Milliseconds of all the server's processes for a request.
    """

    clients: int
    requests: int
    a_second: float
    p50: float
    p99: float
    queue: float
    cpu: float


@dataclass(frozen=True)
class Memory:
    """Bytes that the server and its workers take together, their shared memory counted once."""

    before: int
    after: int


@dataclass(frozen=True)
class WithWorkers:
    """What a server with some workers bears.

    Attributes:
        workers: And cores.
        bursts: By clients; of each the round with the median throughput.
        memory: Before the first and after the last request.
    """

    workers: int
    bursts: tuple[Burst, ...]
    memory: Memory


@dataclass(frozen=True)
class Load:
    """Of one run.

    Attributes:
        machine: Where.
        date: When.
        pictures: How many different ones were sent.
        bytes: Of one of them, on average.
        requests: In all, each answered with 200.
        shared: Whether the clients had no core of their own.
        servers: With one and with two workers.
        gain: Requests a second of two workers over those of one, where clients are most; the median of the
            rounds' ratios.
        cpu: Milliseconds of computing for a request there, with one worker.
        wait: p99 there over what the queue alone explains, with two workers.
        growth: Bytes of memory after over before, with two workers.
    """

    machine: Machine
    date: str
    pictures: int
    bytes: int
    requests: int
    shared: bool
    servers: tuple[WithWorkers, ...]
    gain: float
    cpu: float
    wait: float
    growth: float


def measure(bundle: Path, pictures: Sequence[bytes], requests: int, busy: bool = False) -> Load:
    """Asks servers with one and two workers.

    Args:
        bundle: What they serve.
        pictures: Sent one after another.
        requests: Of both servers together, at least.
        busy: Measure also where other work keeps the machine busy.

    Raises:
        BenchmarkError: The machine has one core, or is busy; or a request wasn't answered with 200.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise BenchmarkError("The machine has one core; a second worker would find none.")
    if not busy:
        check_idle()
    each = max(32, requests // (2 * ROUNDS * len(CLIENTS)))
    own = set(cores[2:]) or set(cores)
    os.sched_setaffinity(0, own)
    try:
        with _Server(bundle, {cores[0]}) as one, _Server(bundle, set(cores[:2])) as two:
            servers = (one, two)
            for server in servers:
                server.ask(pictures, CLIENTS[-1], WARM_UP)
            before = [server.memory() for server in servers]
            rounds = [
                [[server.ask(pictures, clients, each) for server in servers] for clients in CLIENTS]
                for _ in range(ROUNDS)
            ]
            after = [server.memory() for server in servers]
    finally:
        os.sched_setaffinity(0, cores)
    found = tuple(
        WithWorkers(
            i + 1, tuple(_middle([each[k][i] for each in rounds]) for k in range(len(CLIENTS))), memory
        )
        for i, memory in enumerate(map(Memory, before, after))
    )
    (_, single), (_, double) = ((each.workers, each.bursts[-1]) for each in found)
    return Load(
        machine=this_machine(),
        date=str(datetime.now(UTC).date()),
        pictures=len(pictures),
        bytes=sum(map(len, pictures)) // len(pictures),
        requests=sum(burst.requests for each in rounds for pair in each for burst in pair),
        shared=own == set(cores),
        servers=found,
        gain=median(each[-1][1].a_second / each[-1][0].a_second for each in rounds),
        cpu=single.cpu,
        wait=double.p99 / double.queue,
        growth=after[1] / before[1],
    )


def table(load: Load) -> Table:
    """Returns what was measured, a line for each number of clients."""
    rows = tuple(
        (
            str(server.workers),
            str(burst.clients),
            *(f"{figure:.0f}" for figure in (burst.a_second, burst.p50, burst.p99, burst.queue)),
            f"{burst.cpu:.1f}",
            f"{server.memory.before / 1e6:.0f} to {server.memory.after / 1e6:.0f}",
        )
        for server in load.servers
        for burst in server.bursts
    )
    shared = " The clients shared the cores." if load.shared else ""
    return Table(
        title="Load",
        columns=("Workers", "Clients", "Requests/s", "p50 ms", "p99 ms", "Queue ms", "CPU ms", "Memory MB"),
        rows=rows,
        note=f"{load.requests} requests, each answered. Two workers on two cores answer {load.gain:.2f} "
        f"times as many as one on one; p99 is {load.wait:.2f} times what the queue alone explains; memory "
        f"grew {load.growth:.2f} times.{shared} {load.machine.cpu}, {load.machine.cores} cores, {load.date}.",
    )


def _middle(bursts: list[Burst]) -> Burst:
    return sorted(bursts, key=lambda burst: burst.a_second)[len(bursts) // 2]


class _Server:
    """A server in a process of its own, with as many workers as cores."""

    def __init__(self, bundle: Path, cores: set[int]) -> None:
        command = [sys.executable, "-m", "benchmarks.measure.load_process", str(bundle), str(len(cores))]
        self._process = subprocess.Popen(  # noqa: S603 (of this program's own text)
            command,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        if not line:
            self._process.communicate()
            raise BenchmarkError("The server didn't start; what it wrote before says why.")
        self._port = int(line)

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def ask(self, pictures: Sequence[bytes], clients: int, requests: int) -> Burst:
        """Sends requests, so many clients at a time."""
        numbers, times = count(), list[float]()
        failures: list[Exception] = []

        def visit() -> None:
            try:
                with closing(socket.create_connection(("127.0.0.1", self._port), TIMEOUT)) as connection:
                    while (number := next(numbers)) < requests and not failures:
                        start = time.perf_counter()
                        _exchange(connection, pictures[number % len(pictures)])
                        times.append(1000 * (time.perf_counter() - start))
            except (OSError, BenchmarkError) as error:
                failures.append(error)

        visitors = [threading.Thread(target=visit) for _ in range(clients)]
        computed, start = self._computed(), time.perf_counter()
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        seconds = time.perf_counter() - start
        if failures:
            raise BenchmarkError(f"A request failed ({failures[0]}).")
        times.sort()
        return Burst(
            clients=clients,
            requests=len(times),
            a_second=len(times) / seconds,
            p50=times[len(times) // 2],
            p99=times[int(0.99 * len(times))],
            queue=1000 * clients * seconds / len(times),
            cpu=1000 * (self._computed() - computed) / len(times),
        )

    def memory(self) -> int:
        """Returns the bytes of the server and its workers."""
        return sum(map(pss, self._processes()))

    def _computed(self) -> float:
        ticks = 0
        for pid in self._processes():
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[int]:
        yield self._process.pid
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())


def _exchange(connection: socket.socket, picture: bytes) -> None:
    head = (
        "POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        f"Content-Length: {len(picture)}\r\n\r\n"
    )
    connection.sendall(head.encode() + picture)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head_received, _, body = received.partition(b"\r\n\r\n")
    lines = head_received.decode("latin-1").lower().split("\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith("content-length:"))
    left = length - len(body)
    while left > 0:
        left -= len(_some(connection))
    if lines[0].split()[1] != "200":
        raise BenchmarkError(lines[0])


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise BenchmarkError("the server closed the connection")
    return data
