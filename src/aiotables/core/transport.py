"""
The only file that sends with aiohttp: one pooled session per event loop, and what each failure means.

| aiohttp raises | what can be known |
| --- | --- |
| `ClientConnectorError` (DNS, refused, TLS), `ConnectionTimeoutError`, `ServerFingerprintMismatch` | never sent |
| anything else: disconnected, reset, cut body, timed out | sent, or may have been |
"""

import asyncio
import weakref
from typing import TYPE_CHECKING

from attrs import frozen

from aiotables.core.errors import ClosedError
from aiotables.core.wire import RawReply, Request


if TYPE_CHECKING:
    import aiohttp


@frozen(kw_only=True)
class Timeouts:
    """Limits of one sending, in seconds."""

    connect: float = 10.0
    """To get a connection: name resolution, connecting, TLS."""

    answer: float = 60.0
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
        connections: Open connections at the most, per event loop.
    """

    def __init__(
        self,
        *,
        session: "aiohttp.ClientSession | None" = None,
        timeouts: Timeouts | None = None,
        connections: int = 100,
    ) -> None:
        self._given = session
        self._timeouts = timeouts or Timeouts()
        self._connections = connections
        self._timeout: aiohttp.ClientTimeout | None = None
        self._sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            weakref.WeakKeyDictionary()
        )
        self._closed = False

    async def send(self, request: Request, *, watch_resends: bool = False) -> RawReply:
        """
        Send once, and read the reply whole.

        Args:
            request: What to send.
            watch_resends: Find out whether aiohttp sent it twice, which it does by itself for idempotent methods when a
                kept-alive connection turns out to be closed. Costs a little, so it is asked for where it matters.

        Raises:
            SendFailure: There is no whole reply; says whether the service may have seen the request.
            ClosedError: The client was closed.
        """
        import aiohttp

        session = self._session()
        sendings = _Sendings()
        try:
            async with session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,  # the token goes to the API's host and to no other
                timeout=self._client_timeout(),
                middlewares=(sendings,) if watch_resends else (),
            ) as response:
                body = await response.read()
                resent = sendings.count > 1
                return RawReply(status=response.status, headers=response.headers, body=body, resent=resent)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            reason = f"never sent: {_describe(error)}"
            raise SendFailure(reason, sent=False) from error
        except aiohttp.ServerFingerprintMismatch as error:
            reason = "never sent: the server's certificate is another one"
            raise SendFailure(reason, sent=False) from error
        except TimeoutError as error:
            reason = f"no answer within {self._timeouts.answer:g} s"
            raise SendFailure(reason, sent=True) from error
        except (aiohttp.ClientError, OSError) as error:
            reason = f"connection lost after sending: {_describe(error)}"
            raise SendFailure(reason, sent=True) from error

    async def aclose(self) -> None:
        """Close our own session of the running event loop; a session that was given is left open."""
        self._closed = True
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._closed:
            msg = "the client is closed; make a new one, or keep the call inside of its `async with`"
            raise ClosedError(msg)

        if self._given is not None:
            return self._given

        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            self._sessions[loop] = session
        return session

    def _client_timeout(self) -> "aiohttp.ClientTimeout":
        import aiohttp

        # Built once: one per call costs 3 % of a call.
        if self._timeout is None:
            self._timeout = aiohttp.ClientTimeout(total=self._timeouts.answer, connect=self._timeouts.connect)
        return self._timeout


class _Sendings:
    """A client middleware that counts how often one request goes out."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(
        self, request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType"
    ) -> "aiohttp.ClientResponse":
        self.count += 1
        return await handler(request)


def _describe(error: BaseException) -> str:
    return str(error) or type(error).__name__
