"""One connection: requests are read whole within limits, answered by threads, and written within limits."""

from __future__ import annotations

import asyncio
import io
import mmap
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from enum import Enum, auto
from http import HTTPStatus
from wsgiref.types import WSGIEnvironment

import h11
from flask import Flask
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    HTTPVersionNotSupported,
    LengthRequired,
    RequestTimeout,
    ServiceUnavailable,
    default_exceptions,
)

from edge_app.serve import gateway
from edge_app.serve.gateway import Place, Reply
from edge_app.serve.limits import Bytes, Limits

PART = 65_536  # bytes that are read or written at a time
HEAD = 16_384  # bytes of a request's first line and its headers


class State(Enum):
    """What a connection does."""

    WAITING = auto()  # for a request, or the rest of its headers
    RECEIVING = auto()  # its body
    ANSWERING = auto()
    SENDING = auto()  # the answer


class Closed(Exception):
    """The client went away."""


class Connection:
    """Between its opening and its closing.

    Attributes:
        state: What it does.
        since: Since when, by the loop's clock.
        address: Of the client.
    """

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        place: Place,
        app: Flask,
        answer: Callable[[WSGIEnvironment], Awaitable[Reply]],
        limits: Limits,
        held: Bytes,
    ) -> None:
        self._reader, self._writer = streams
        self._place = place
        self._app = app
        self._answer = answer
        self._limits = limits
        self._held = held
        self._holds = 0
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD)
        self._request: h11.Request | None = None
        self._loop = asyncio.get_running_loop()
        self._enter(State.WAITING)

    async def serve(self, stopping: asyncio.Event) -> None:
        """Answers one request after the other.

        Args:
            stopping: Set where the server answers what it has begun and nothing else.
        """
        try:
            while await self._exchange(stopping):
                self._http.start_next_cycle()
        except (Closed, OSError, TimeoutError, h11.LocalProtocolError):
            pass
        finally:
            self._release()

    async def _exchange(self, stopping: asyncio.Event) -> bool:
        refusal: Reply | None = None
        try:
            self._request = await self._head()
            if stopping.is_set():
                raise ServiceUnavailable
            environ = gateway.environ_of(self._request, self._place)
            length = _length(self._request)
            if length:
                refusal = gateway.check(self._app, environ)
            if refusal is None:
                environ["wsgi.input"] = await self._body(length)
        except HTTPException as error:
            environ = gateway.environ_of(self._request, self._place)
            refusal = gateway.refuse(self._app, environ, error)
        # Not before the error is gone, which holds on to what there was of the body.
        if refusal is not None:
            return await self._turn_away(refusal)
        self._enter(State.ANSWERING)
        reply = await self._answer(environ)
        self._enter(State.SENDING)
        await self._write(reply, keep=not stopping.is_set())
        self._release()
        self._enter(State.WAITING)
        return self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    async def _head(self) -> h11.Request:
        self._request = None
        if not self._http.trailing_data[0]:
            async with asyncio.timeout(self._limits.idle):
                data = await self._reader.read(PART)
            if not data:
                raise Closed
            self._http.receive_data(data)
        event = await self._event(self._limits.head)
        if not isinstance(event, h11.Request):
            raise Closed
        if event.http_version not in (b"1.0", b"1.1"):
            raise HTTPVersionNotSupported
        if not event.target.startswith(b"/"):
            raise BadRequest
        return event

    async def _body(self, length: int) -> io.BytesIO | mmap.mmap:
        # Bodies that grow side by side would leave the heap in pieces, three times as large as they are.
        body = mmap.mmap(-1, length) if length else io.BytesIO()
        self._enter(State.RECEIVING)
        if self._http.they_are_waiting_for_100_continue:
            self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        try:
            async with asyncio.timeout(self._limits.whole(length)):
                while isinstance(event := await self._event(self._limits.stall), h11.Data):
                    self._hold(len(event.data))
                    body.write(event.data)
        except TimeoutError:
            raise RequestTimeout from None
        except MemoryError:
            raise ServiceUnavailable from None
        if not isinstance(event, h11.EndOfMessage):
            raise Closed
        body.seek(0)
        return body

    def _hold(self, count: int) -> None:
        if not self._held.take(self._place.client, count):
            raise ServiceUnavailable
        self._holds += count

    async def _event(self, seconds: float) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Returns what comes next, unless the client is silent or slow for so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while (event := self._http.next_event()) is h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(PART))
                return event
        except TimeoutError:
            raise RequestTimeout from None
        except h11.RemoteProtocolError as error:
            if self._reader.at_eof():
                raise Closed from None
            raise default_exceptions.get(error.error_status_hint, BadRequest) from None

    async def _turn_away(self, reply: Reply) -> bool:
        """Refuses a request whose end wasn't read, and closes so that the client still reads why."""
        self._release()
        # It may be sent off where there are too many, and no stop waits for it.
        self._enter(State.WAITING)
        await self._write(reply, keep=False)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                while await self._reader.read(PART):
                    pass
        return False

    async def _write(self, reply: Reply, keep: bool) -> None:
        headers = [*reply.headers, ("Date", formatdate(usegmt=True)), ("Server", "otak")]
        if not keep:
            headers.append(("Connection", "close"))
        phrase = HTTPStatus(reply.status).phrase
        head = h11.Response(status_code=reply.status, headers=headers, reason=phrase)
        self._writer.write(self._http.send(head) or b"")
        bodiless = reply.status in (204, 304) or (self._request and self._request.method == b"HEAD")
        body = memoryview(b"" if bodiless else reply.body)
        for start in range(0, len(body), PART):
            part = h11.Data(data=bytes(body[start : start + PART]))
            self._writer.write(self._http.send(part) or b"")
            async with asyncio.timeout(self._limits.stall):
                await self._writer.drain()
        self._writer.write(self._http.send(h11.EndOfMessage()) or b"")

    def _enter(self, state: State) -> None:
        self.state = state
        self.since = self._loop.time()

    def _release(self) -> None:
        self._held.give_back(self._place.client, self._holds)
        self._holds = 0


def _length(request: h11.Request) -> int:
    headers = dict(request.headers)
    if b"transfer-encoding" in headers:
        raise LengthRequired
    return int(headers.get(b"content-length", b"0"))
