"""
The only file that sends with aiohttp: one pooled session per event loop, and what each failure means.

| aiohttp raises | what can be known |
| --- | --- |
| `ClientConnectorError` (DNS, refused, TLS), `ConnectionTimeoutError`, `ServerFingerprintMismatch` | never sent |
| `ClientHttpProxyError`: the proxy refused the tunnel | never sent |
| one of these while sending again by itself | sent: the first sending may have arrived |
| anything else: disconnected, reset, cut body, timed out | sent, or may have been |
"""

import asyncio
import math
import os
import socket
import ssl
import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs.validators import gt
from multidict import CIMultiDict

from aiotables import core
from aiotables.core.classes import define, field, frozen
from aiotables.core.deadlines import Deadlines
from aiotables.core.errors import ClosedError
from aiotables.core.loops import PerLoop
from aiotables.core.network import Network
from aiotables.core.requests import Request
from aiotables.core.wire import FIRST_REDIRECT, RawReply


if TYPE_CHECKING:
    import aiohttp


IDLE = 0.5
"""Seconds after which a connection that was kept may have been closed by the other side."""


@frozen(kw_only=True)
class Timeouts:
    """Limits of one sending, in seconds."""

    connect: float = field(default=10.0, validator=gt(0))
    """To connect: name resolution, connecting, TLS."""

    answer: float = field(default=60.0, validator=gt(0))
    """From the beginning to the last byte of the reply."""


class SendFailure(Exception):
    """
    A request went without a whole reply.

    Attributes:
        sent: Whether the service may have seen it.
        reason: In words, without any value that was sent.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Transport:
    """
    Sends requests.

    Args:
        session: A session of the caller's to use in place of our own; it is never closed here.
        timeouts: Limits of one sending.
        network: What our own sessions connect through.
        headers: What requests mostly have, so that a session of ours takes them as a whole, and not one by one.
    """

    def __init__(
        self,
        *,
        session: "aiohttp.ClientSession | None" = None,
        timeouts: Timeouts | None = None,
        network: Network | None = None,
        headers: CIMultiDict[str] | None = None,
    ) -> None:
        self._given = session
        self._timeouts = timeouts or Timeouts()
        self._network = network or Network()
        self._headers = headers
        self._ready: PerLoop[_Ready] = PerLoop()
        self._last_used = -math.inf
        self._closed: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()

    async def send(self, request: Request, *, watch_resends: bool = False) -> RawReply:
        """
        Send once, and read the reply whole.

        Args:
            request: What to send.
            watch_resends: Find out whether aiohttp sent it twice, which it does by itself for idempotent methods when a
                kept-alive connection turns out to be closed. Costs a little, so it is asked for where it matters.

        Raises:
            SendFailure: There is no whole reply; says whether the service may have seen the request.
            ClosedError: The client, or the session that it was given, was closed.
        """
        ready = (self._ready.find() if self._given is None else None) or await self._prepare()
        data = None if request.body is None else ready.body(request.body)
        now = time.monotonic()
        idle, self._last_used = now - self._last_used, now
        if idle > IDLE:
            await _notice_closed()
        if ready.gate is not None:
            # Waited for out here: it is no time of the call.
            await ready.gate.acquire()
            now = time.monotonic()
        deadlines = ready.deadlines
        sendings = _Sendings() if watch_resends else None
        deadline = deadlines.set(now)
        try:
            # Without `async with`, which costs 3 %: the body is read whole, and `read` closes when it fails.
            if sendings is None and request.headers is ready.headers:
                # What the session has by itself is not said again, as aiohttp takes its time for each argument.
                response = await ready.session.request(
                    request.method, request.url, data=data, allow_redirects=False
                )
            else:
                response = await _request(ready, request, data, sendings)
            content = response.content
            # Mostly it has come with the head: then there is nothing to wait for.
            raw = content.read_nowait() if content.is_eof() else await response.read()
            resent = sendings is not None and sendings.count > 1
            return RawReply(response.status, response.headers, raw, resent)
        except _lost() as error:
            failure = self._failure(error, resent=sendings is not None and sendings.count > 1)
        except asyncio.CancelledError:
            if not deadlines.ended(deadline):
                raise
            failure = self._late()
        finally:
            deadlines.meet(deadline)
            if ready.gate is not None:
                ready.gate.release()
        # Out here, so that it is not chained to aiohttp's error: that one refers to the request, token included.
        raise failure

    async def open(self, request: Request) -> RawReply:
        """
        Send once, and hand a success over unread; anything else is read whole.

        There is no limit to how long the body may take as a whole, only to how long it may stand still.

        Raises:
            SendFailure: There is no reply; says whether the service may have seen the request.
            ClosedError: The client, or the session that it was given, was closed.
        """
        import aiohttp

        ready = self._ready.find() or await self._prepare()
        data = None if request.body is None else ready.body(request.body)
        limits = self._timeouts
        timeout = aiohttp.ClientTimeout(connect=limits.connect, sock_read=limits.answer)
        try:
            response = await ready.session.request(
                request.method,
                request.url,
                data=data,
                headers=request.headers,
                allow_redirects=False,
                raise_for_status=False,
                timeout=timeout,
            )
            if response.status < FIRST_REDIRECT:
                return RawReply(
                    response.status, response.headers, b"", stream=core.streaming.Stream(response)
                )
            return RawReply(response.status, response.headers, await response.read())
        except _lost() as error:
            failure = self._failure(error, resent=False)
        raise failure

    async def aclose(self) -> None:
        """Close for the running event loop: our session there is closed, one that was given is left open."""
        self._closed.add(asyncio.get_running_loop())
        await _close(self._ready.pop())
        await self._close_left()

    def _failure(self, error: Exception, *, resent: bool) -> SendFailure:
        import aiohttp

        never_sent = (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ServerFingerprintMismatch,
            aiohttp.ClientHttpProxyError,
        )
        if isinstance(error, never_sent) and not resent:
            return SendFailure(f"never sent: {self._describe(error)}", sent=False)
        if isinstance(error, TimeoutError):
            return self._late()
        return SendFailure(f"connection lost after sending: {self._describe(error)}", sent=True)

    def _late(self) -> SendFailure:
        return SendFailure(f"no answer within {self._timeouts.answer:g} s", sent=True)

    def _describe(self, error: Exception) -> str:
        import aiohttp

        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._timeouts.connect:g} s"
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return f"the proxy answered {error.status}"
        if isinstance(error, aiohttp.ClientConnectorError):
            what = "the proxy " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
            return f"no connection to {what}{error.host}:{error.port}: {_words(_cause(error))}"
        if isinstance(error, aiohttp.ServerFingerprintMismatch):
            return "the certificate is not the one that is pinned"
        return _after_connecting(error)

    async def _prepare(self) -> "_Ready":
        """What to send with in an event loop where there is nothing yet, or with a session that may have been closed."""
        if asyncio.get_running_loop() in self._closed or (self._given is not None and self._given.closed):
            msg = "the client is closed; make a new one, or keep the call inside of its `async with`"
            raise ClosedError(msg)
        if (ready := self._ready.find()) is not None:
            return ready
        await self._close_left()
        return self._ready.get(lambda: _open(self._network, self._timeouts, self._given, self._headers))

    async def _close_left(self) -> None:
        """Close what event loops left open that were closed without us."""
        for left in self._ready.pop_closed():
            await _close(left)


def _after_connecting(error: Exception) -> str:
    # Of the texts of aiohttp some hold the URL, some what came of the reply, and some the proxy's password.
    import aiohttp

    if isinstance(error, aiohttp.ClientResponseError):
        return "the reply is not HTTP"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the reply was cut short"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "Server disconnected"
    if not isinstance(error, OSError):
        return type(error).__name__
    return (
        "the request could not be written whole" if error.errno is None else _words(error.__cause__ or error)
    )


def _cause(error: "aiohttp.ClientConnectorError") -> BaseException:
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        # aiohttp before 3.14 has no other.
        return error.certificate_error
    return error.os_error


def _words(error: BaseException) -> str:
    """What the operating system, the resolver or TLS says."""
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError | socket.gaierror) or not error.errno:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    # Not the text that comes with it, which may be of asyncio or aiohttp.
    return os.strerror(error.errno)


async def _notice_closed() -> None:
    """
    Let the event loop hear of connections that were closed while they were idle.

    A loop that was busy meanwhile has not read it yet, and would send on such a connection. It reads in one turn, and
    drops the connection in the next.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _lost() -> tuple[type[Exception], ...]:
    """What aiohttp raises when there is no whole reply."""
    import aiohttp

    return aiohttp.ClientError, OSError


@define
class _Ready:
    """All that is sent with in one event loop."""

    session: "aiohttp.ClientSession"
    deadlines: Deadlines
    timeout: "aiohttp.ClientTimeout"
    """Of what the deadlines do not end."""

    body: "Callable[[bytes], aiohttp.Payload]"
    """Makes the body of a request."""

    headers: CIMultiDict[str] | None = None
    """What the session sends by itself."""

    gate: asyncio.Semaphore | None = None
    """As many places as there may be connections."""

    keeper: AsyncGenerator[None, None] | None = None
    """
    Closes a session of ours when it is closed itself, which its event loop does at the latest when it ends. A session that
    was given has none.
    """


def _open(
    network: Network,
    timeouts: Timeouts,
    given: "aiohttp.ClientSession | None",
    headers: CIMultiDict[str] | None,
) -> _Ready:
    import aiohttp

    from aiotables.core.session_parts import JsonBody, NoCookies

    deadlines, timeout = Deadlines(timeouts.answer), aiohttp.ClientTimeout(connect=timeouts.connect)
    if given is not None:
        return _Ready(given, deadlines, timeout, JsonBody)
    # Without a number of connections the pacer bounds the calls in flight, and so the connections.
    connector = aiohttp.TCPConnector(
        limit=network.connections or 0,
        keepalive_timeout=network.keep_alive,
        ssl=network.ssl_context or True,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=NoCookies(),
        proxy=network.proxy,
        headers=headers,
        timeout=timeout,
    )
    gate = None if network.connections is None else asyncio.Semaphore(network.connections)
    keeper = _keep(session)
    # To where it keeps the session; it waits for nothing before, so it takes one step.
    with suppress(StopIteration):
        keeper.asend(None).send(None)
    return _Ready(session, deadlines, timeout, JsonBody, headers, gate, keeper)


async def _close(ready: _Ready | None) -> None:
    if ready is None:
        return
    ready.deadlines.close()
    if ready.keeper is not None:
        await ready.keeper.aclose()


async def _keep(session: "aiohttp.ClientSession") -> AsyncGenerator[None, None]:
    # A loop that ends closes the generators that were begun in it, as `asyncio.run` does: so a client that was not closed
    # leaves nothing open.
    try:
        yield
    finally:
        await session.close()


def _request(
    ready: _Ready, request: Request, data: "aiohttp.Payload | None", sendings: "_Sendings | None"
) -> "Awaitable[aiohttp.ClientResponse]":
    """The same in every session, whatever it is set to, with any headers, and watched where that is asked for."""
    return ready.session.request(
        request.method,
        request.url,
        data=data,
        headers=None if request.headers is ready.headers else request.headers,
        allow_redirects=False,  # the token goes to the API's host and to no other
        raise_for_status=False,  # a given session may have it on, and an error answer is no lost reply
        timeout=ready.timeout,
        middlewares=None if sendings is None else (*_own_middlewares(ready.session), sendings),
    )


def _own_middlewares(session: "aiohttp.ClientSession") -> "tuple[aiohttp.ClientMiddlewareType, ...]":
    # Middlewares of one request replace those of its session, and aiohttp has no public way to ask for them.
    return tuple(getattr(session, "_middlewares", ()))


class _Sendings:
    """A client middleware, the innermost, that counts how often one request goes out."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(
        self, request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType"
    ) -> "aiohttp.ClientResponse":
        self.count += 1
        return await handler(request)
