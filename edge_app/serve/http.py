"""The HTTP server: listens, lets in as many as there is room for, and stops without dropping anyone."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from wsgiref.types import WSGIEnvironment

from flask import Flask
from werkzeug.exceptions import ServiceUnavailable

from edge_app.notify import ALIVE, READY, STOPPING, notify, watchdog
from edge_app.serve import gateway
from edge_app.serve.connection import PART, Connection, State
from edge_app.serve.gateway import Place, Reply
from edge_app.serve.limits import Bytes, Limits, most_connections

READERS = 4  # threads for requests without a body; they never wait behind a picture
TRIES = 0.2  # seconds until another connection is let in where no descriptor is left
BACKLOG = 128
LAST = 0.2  # seconds
ABSENT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # IPv6 may be turned off, whatever names resolve to
ROUNDS = 20  # of the loop, more than it takes from a connection's first byte to a refusal
STACK = 1 << 20  # bytes of each thread; a system's own may be eight times as many


@dataclass(eq=False)
class Visit:
    """A client that was let in; without a connection until TLS is agreed on."""

    address: str
    came: float
    task: asyncio.Task[None] | None = None
    connection: Connection | None = None

    @property
    def state(self) -> State:
        """What its connection does."""
        return State.WAITING if self.connection is None else self.connection.state

    @property
    def since(self) -> float:
        """Since when."""
        return self.came if self.connection is None else self.connection.since


class Server:
    """A Flask app on an address, until it is stopped."""

    def __init__(
        self,
        app: Flask,
        host: str,
        port: int,
        *,
        threads: int = 8,
        limits: Limits | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Binds the address; clients wait until ``run``.

        Args:
            app: Of ``create_app``.
            host: A name or an address; all of this device where it is empty.
            port: 0 for any free one.
            threads: Requests with a body that are answered at a time; others wait.
            limits: On its clients.
            context: Of HTTPS; HTTP where not given.

        Raises:
            OSError: The address can't be had, or the host is unknown.
        """
        self._app = app
        self._limits = limits or Limits()
        self._context = context
        self._sockets = list(_bind(host, port))
        self.port: int = self._sockets[0].getsockname()[1]
        self._threads = threads
        self._held = Bytes(self._limits.held)
        self._most = most_connections(self._limits.connections)
        self._visits: set[Visit] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        """Serves until ``stop``; in the main thread until SIGTERM or Ctrl-C too, at once at a second one."""
        threading.stack_size(STACK)
        self._readers = ThreadPoolExecutor(READERS, "get")
        self._writers = ThreadPoolExecutor(self._threads, "post")
        try:
            asyncio.run(self._serve())
        finally:
            for pool in (self._readers, self._writers):
                pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Has ``run`` answer what it has begun, and return; from any thread."""
        self._stopped.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stop)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()
        is_main = threading.current_thread() is threading.main_thread()
        if is_main:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._stop)
        if self._stopped.is_set():
            self._stop()
        for each in self._sockets:
            self._listen(each)
        telling = []
        if is_main:
            notify(READY)
            telling.append(asyncio.create_task(self._tell_alive()))
        await self._stopping.wait()
        if is_main:
            notify(STOPPING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.drain):
                await self._drained()
        await _end(telling)
        for each in self._sockets:
            self._loop.remove_reader(each)
            for _ in range(BACKLOG):
                if not self._let_in(each):
                    break
            each.close()
        # Who came last is still told why there will be no answer, however little time a busy device has.
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        visiting = [visit.task for visit in self._visits if visit.task]
        if visiting:
            await asyncio.wait(visiting, timeout=LAST)
        await _end(visiting)

    async def _tell_alive(self) -> None:
        """Tells systemd again and again, as long as requests that wait for no picture are answered."""
        seconds = watchdog()
        while seconds is not None:
            # There may be no memory for another thread now.
            with contextlib.suppress(MemoryError, RuntimeError):
                await asyncio.get_running_loop().run_in_executor(self._readers, notify, ALIVE)
            await asyncio.sleep(seconds / 3)

    def _stop(self) -> None:
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    async def _drained(self) -> None:
        """Returns once no client is owed an answer; who comes meanwhile is told that the server stops."""
        while any(visit.state is not State.WAITING for visit in self._visits) and not self._at_once.is_set():
            await asyncio.sleep(0.05)

    def _listen(self, listener: socket.socket) -> None:
        # Not by the loop's own sock_accept: cancelled at the moment at which somebody comes, it fails aloud.
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._let_in, listener)

    def _let_in(self, listener: socket.socket) -> bool:
        """Lets in who waits the longest; tells whether there was anybody."""
        loop = asyncio.get_running_loop()
        try:
            client, address = listener.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:  # who came has left
            return True
        except OSError:  # no descriptor is left, and the listener would be ready again at once
            loop.remove_reader(listener)
            loop.call_later(TRIES, self._listen, listener)
            return False
        if not self._has_room(address[0]):
            client.close()
            return True
        client.setblocking(False)
        # Otherwise the second part of an answer waits for the client to acknowledge the first: 40 ms.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        visit = Visit(address[0], loop.time())
        self._visits.add(visit)
        visit.task = loop.create_task(self._receive(client, visit))
        visit.task.add_done_callback(partial(self._leave, visit, client))
        return True

    def _leave(self, visit: Visit, client: socket.socket, _: asyncio.Task[None]) -> None:
        # Of one that was sent off at once, nothing ran.
        client.close()
        self._visits.discard(visit)

    def _has_room(self, address: str) -> bool:
        """Tells whether one more may come; makes room by sending off who has owed a request the longest.

        Where everybody is busy, who is slowest to send or to take makes room for other addresses.
        """
        same = [visit for visit in self._visits if visit.address == address]
        if len(same) >= self._limits.by_address:
            return self._send_off(same, State.WAITING)
        everyone = list(self._visits)
        return (
            len(everyone) < self._most
            or self._send_off(everyone, State.WAITING)
            or self._send_off(everyone, State.RECEIVING, State.SENDING)
        )

    def _send_off(self, visits: list[Visit], *states: State) -> bool:
        found = [visit for visit in visits if visit.state in states]
        if not found:
            return False
        longest = min(found, key=lambda visit: visit.since)
        self._visits.discard(longest)
        if longest.task is not None:
            longest.task.cancel()
        return True

    async def _receive(self, client: socket.socket, visit: Visit) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=PART)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport: asyncio.Transport | None = None
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                client,
                ssl=self._context,
                ssl_handshake_timeout=self._limits.head if self._context else None,
            )
            # Of TLS it would be 512 kB for each client that takes its answer slowly.
            transport.set_write_buffer_limits(PART)
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            host, port = client.getsockname()[:2]
            scheme = "https" if self._context else "http"
            place = Place(client=visit.address, host=host, port=port, scheme=scheme)
            streams = (reader, writer)
            visit.connection = Connection(streams, place, self._app, self._answer, self._limits, self._held)
            await visit.connection.serve(self._stopping)
            # What was written may still have to be sent.
            async with asyncio.timeout(self._limits.stall):
                writer.close()
                await writer.wait_closed()
        except OSError:  # of the other side, or it was too slow
            pass
        except Exception:
            self._app.logger.exception("a connection ended by a fault of the server")
        finally:
            if transport is not None:
                transport.abort()

    async def _answer(self, environ: WSGIEnvironment) -> Reply:
        loop = asyncio.get_running_loop()
        pool = self._readers if environ["REQUEST_METHOD"] in ("GET", "HEAD") else self._writers
        try:
            return await loop.run_in_executor(pool, gateway.answer, self._app, environ)
        except (MemoryError, RuntimeError):  # there is none for an answer, or for another thread
            return gateway.refuse(self._app, environ, ServiceUnavailable())


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _bind(host: str, port: int) -> Iterator[socket.socket]:
    """Yields a socket for each of a host's addresses that this device has; there is one at least."""
    with contextlib.ExitStack() as bound:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        sockets: list[socket.socket] = []
        absent: OSError | None = None
        for family, *_, address in dict.fromkeys(found):
            try:
                # A host of several addresses has the same port on each.
                each = bound.enter_context(_listener(family, (address[0], port, *address[2:])))
            except OSError as error:
                if error.errno not in ABSENT:
                    raise
                absent = error
                continue
            port = each.getsockname()[1]
            sockets.append(each)
        if absent is not None and not sockets:
            raise absent
        bound.pop_all()
    yield from sockets


def _listener(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener
