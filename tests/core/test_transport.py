"""Sending: what each way to fail says, and that nothing is left open."""

import asyncio
import errno
import gc
import socket
import ssl
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import aiohttp
import pytest
from multidict import CIMultiDict
from yarl import URL

from aiotables.core.errors import ClosedError
from aiotables.core.network import Network
from aiotables.core.requests import Request
from aiotables.core.session_parts import PIECE
from aiotables.core.transport import IDLE, SendFailure, Timeouts, Transport


if TYPE_CHECKING:
    from tests.core.conftest import Connection, Server, Step

TOKEN = "pat_never-shown"
METHODS = ["POST", "PATCH", "GET", "PUT", "DELETE"]
REPEATED = ["GET", "PUT", "DELETE"]
"""What aiotables sends as well, and aiohttp sends again by itself. No create is one of these."""
Failing = Callable[["Server"], "Step"]

LOST: dict[str, Failing] = {
    "closed at once": lambda server: server.close(),
    "closed after the request": lambda server: server.hang_up(),
    "reset after the request": lambda server: server.reset(),
}
CUT: dict[str, Failing] = {
    "half a head": lambda server: server.say(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "a part of the body": lambda server: server.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    "a part of the chunks": lambda server: server.say(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    ),
    "no chunk": lambda server: server.say(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"
    ),
    "no HTTP": lambda server: server.say(b"\x00\x01 what is this\r\n\r\n"),
    "no gzip": lambda server: server.say(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    ),
    "a head that is too long": lambda server: server.say(
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
    ),
}


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """A transport with sessions of its own."""
    opened = Transport()
    yield opened
    await opened.aclose()


@pytest.fixture
async def hasty() -> AsyncIterator[Transport]:
    """One that does not wait long."""
    opened = Transport(timeouts=Timeouts(connect=0.05, answer=0.1))
    yield opened
    await opened.aclose()


def request(url: URL, method: str = "POST", body: bytes | None = None) -> Request:
    """A request with a token, and on POST with a body."""
    if body is None and method == "POST":
        body = b'{"name":"it"}'
    headers = CIMultiDict({"Authorization": f"Bearer {TOKEN}"})
    return Request(method=method, url=url / "things", headers=headers, body=body)


async def failure(transport: Transport, sent: Request, *, watch_resends: bool = False) -> SendFailure:
    """The failure of a sending."""
    with pytest.raises(SendFailure) as caught:
        await transport.send(sent, watch_resends=watch_resends)
    return caught.value


@pytest.mark.parametrize("method", METHODS)
async def test_answered(server: "Server", transport: Transport, method: str) -> None:
    """A reply comes whole, and the request arrives as it was built."""
    server.plays(server.answer(b'{"a":1}', status=201, headers={"X-Request-Id": "r1"}))

    raw = await transport.send(request(server.url, method))

    assert (201, b'{"a":1}', "r1", False) == (raw.status, raw.body, raw.headers["x-request-id"], raw.resent)
    assert [(method, "/things", f"Bearer {TOKEN}")] == [
        (heard.method, heard.target, heard.headers["Authorization"]) for heard in server.heard
    ]
    assert (b'{"name":"it"}' if method == "POST" else b"") == server.heard[0].body


async def test_slow_answers(server: "Server", transport: Transport) -> None:
    """An answer that comes in small pieces is read whole."""
    server.plays(server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"), server.answer())

    raw = await transport.send(request(server.url))
    await transport.send(request(server.url))

    assert b"hello world" == raw.body
    assert 1 == server.connections


async def test_errors_are_answers(server: "Server", transport: Transport) -> None:
    """A status of 500 is a reply like any other."""
    server.plays(server.answer(b"oops", status=500))

    raw = await transport.send(request(server.url))

    assert (500, b"oops") == (raw.status, raw.body)


async def test_connections_are_reused(server: "Server", transport: Transport) -> None:
    """Requests in turn go over one connection."""
    server.plays(server.answer(), server.answer())

    await transport.send(request(server.url))
    await transport.send(request(server.url))

    assert [1, 1] == [heard.connection for heard in server.heard]


@pytest.mark.parametrize("size", [PIECE, PIECE + 1])
async def test_large_bodies(server: "Server", transport: Transport, size: int) -> None:
    """A body of any size arrives, without a warning of aiohttp."""
    server.plays(server.answer())

    await transport.send(request(server.url, body=b"x" * size))

    (heard,) = server.heard
    assert size == len(heard.body)
    assert ["application/json"] == heard.headers.getall("Content-Type")
    assert "Content-Disposition" not in heard.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_type_of_bodies(server: "Server", transport: Transport, method: str) -> None:
    """A body is said to be JSON, and without one nothing is said."""
    server.plays(server.answer())

    await transport.send(request(server.url, method))

    expected = ["application/json"] if method == "POST" else []
    assert expected == server.heard[0].headers.getall("Content-Type", [])


@pytest.mark.parametrize("is_given", [False, True])
async def test_headers(server: "Server", *, is_given: bool) -> None:
    """Each request has its own headers, once, whether or not they are those that most have."""
    server.plays(server.answer(), server.answer(), server.answer())
    usual = CIMultiDict({"Authorization": "Bearer a", "Accept": "application/json"})
    other = CIMultiDict({"Authorization": "Bearer b", "Accept": "*/*", "X-Key": "k"})
    async with aiohttp.ClientSession() as session:
        transport = Transport(session=session if is_given else None, headers=usual)

        for headers in (usual, other, usual):
            await transport.send(Request(method="GET", url=server.url, headers=headers))
        await transport.aclose()

    shown = [
        [heard.headers.getall(name, []) for name in ("Authorization", "Accept", "X-Key")]
        for heard in server.heard
    ]
    mostly = [["Bearer a"], ["application/json"], []]
    assert [mostly, [["Bearer b"], ["*/*"], ["k"]], mostly] == shown
    assert {"Authorization": "Bearer a", "Accept": "application/json"} == dict(usual)


@pytest.mark.parametrize("method", METHODS)
async def test_refused_connection(transport: Transport, closed_port: int, method: str) -> None:
    """Where nobody listens, nothing was sent."""
    failed = await failure(transport, request(URL(f"http://127.0.0.1:{closed_port}"), method))

    assert not failed.sent
    assert f"never sent: no connection to 127.0.0.1:{closed_port}: Connection refused" == failed.reason


async def test_proxy_that_is_not_there(closed_port: int) -> None:
    """Where the proxy is not there, the failure says that it is the proxy, and nothing of its password."""
    transport = Transport(network=Network(proxy=URL(f"http://me:secret@127.0.0.1:{closed_port}")))

    failed = await failure(transport, request(URL("http://api.example")))

    expected = f"never sent: no connection to the proxy 127.0.0.1:{closed_port}: Connection refused"
    assert (False, expected) == (failed.sent, failed.reason)


async def test_unknown_host(transport: Transport) -> None:
    """Where there is no such host, nothing was sent, and the resolver's words say why."""
    failed = await failure(transport, request(URL("http://no-such-host.invalid")))

    assert not failed.sent
    start, why = "never sent: no connection to no-such-host.invalid:80: ", failed.reason.rpartition(": ")[2]
    assert start + why == failed.reason
    assert why


async def test_tls_with_a_plain_server(server: "Server", transport: Transport) -> None:
    """Where TLS fails, nothing was sent."""
    server.plays(server.blurt(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    failed = await failure(transport, request(server.url.with_scheme("https")))

    assert not failed.sent
    assert failed.reason.startswith(f"never sent: no connection to 127.0.0.1:{server.port}: [SSL: ")
    assert [] == server.heard


async def test_certificate_that_is_not_trusted(server: "Server", transport: Transport) -> None:
    """A certificate of nobody we know is named as what is wrong."""

    async def mistrust(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        refused = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
        raise aiohttp.ClientConnectorCertificateError(request.connection_key, refused)

    async with aiohttp.ClientSession(middlewares=[mistrust]) as session:
        failed = await failure(Transport(session=session), request(server.url))

    assert not failed.sent
    assert failed.reason.endswith(f":{server.port}: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")


async def test_no_connection_in_time(server: "Server", hasty: Transport) -> None:
    """Where no connection comes about in time, here since the server does not answer to TLS, nothing was sent."""
    server.plays(server.say(b""))

    failed = await failure(hasty, request(server.url.with_scheme("https")))

    assert (False, "never sent: no connection within 0.05 s") == (failed.sent, failed.reason)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", LOST)
async def test_lost(server: "Server", transport: Transport, how: str, method: str) -> None:
    """A connection that is lost once it is there means that the request may have arrived."""
    server.plays(LOST[how](server), LOST[how](server))

    failed = await failure(transport, request(server.url, method))

    assert failed.sent
    assert failed.reason.startswith("connection lost after sending: ")
    assert (2 if method in REPEATED else 1) == server.connections


async def test_lost_while_sending(server: "Server", transport: Transport) -> None:
    """So does one that is lost while the body goes out. The failure does not tell the URL."""
    server.plays(server.read_part(10))

    failed = await failure(transport, request(server.url, body=b"x" * 5_000_000))

    assert failed.sent
    assert failed.reason.removeprefix("connection lost after sending: ") in {
        "Connection reset by peer",
        "Broken pipe",
        "the request could not be written whole",
    }


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (BrokenPipeError(errno.EPIPE, "by some other text"), "Broken pipe"),
        (ssl.SSLError(1, "[SSL: CERTIFICATE_REQUIRED]"), "[SSL: CERTIFICATE_REQUIRED]"),
        (ConnectionResetError("Cannot write to closing transport"), "the request could not be written whole"),
        (None, "Broken pipe"),
    ],
)
async def test_bodies_that_cannot_be_written(server: "Server", cause: OSError | None, expected: str) -> None:
    """What aiohttp says of a body that it could not write holds the URL: only the cause of it is told."""

    async def broken(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        number = errno.EPIPE if cause is None else cause.errno
        raise aiohttp.ClientOSError(number, f"Can not write request body for {request.url}") from cause

    async with aiohttp.ClientSession(middlewares=[broken]) as session:
        failed = await failure(Transport(session=session), request(server.url))

    assert f"connection lost after sending: {expected}" == failed.reason


async def test_failures_of_another_kind(server: "Server") -> None:
    """An error of aiohttp that is not known is told by its name, since its text may hold anything."""

    async def odd(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        msg = f"Failed to send bytes into the underlying connection to {request.url}"
        raise aiohttp.ClientConnectionError(msg)

    async with aiohttp.ClientSession(middlewares=[odd]) as session:
        failed = await failure(Transport(session=session), request(server.url))

    assert "connection lost after sending: ClientConnectionError" == failed.reason


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
@pytest.mark.parametrize("name", ["connect", "answer"])
def test_limits_that_mean_nothing(name: str, seconds: float) -> None:
    """Without any time nothing could be sent."""
    with pytest.raises(ValueError, match=name):
        Timeouts(**{name: seconds})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", CUT)
async def test_broken_replies(server: "Server", transport: Transport, how: str, method: str) -> None:
    """A reply that is cut short or garbled means that the request arrived, and says nothing of its content."""
    server.plays(CUT[how](server), CUT[how](server))

    failed = await failure(transport, request(server.url, method))

    assert failed.sent
    assert failed.reason in {
        f"connection lost after sending: {why}"
        for why in ("the reply was cut short", "the reply is not HTTP", "Server disconnected")
    }


@pytest.mark.parametrize("method", METHODS)
async def test_silence(server: "Server", hasty: Transport, method: str) -> None:
    """No answer in time means that the request may have arrived."""
    server.plays(server.say(b"", then_wait=True))

    failed = await failure(hasty, request(server.url, method))

    assert (True, "no answer within 0.1 s") == (failed.sent, failed.reason)


@pytest.mark.parametrize("method", METHODS)
async def test_stall_after_the_head(server: "Server", hasty: Transport, method: str) -> None:
    """So does an answer that stops after its head."""
    server.plays(server.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", then_wait=True))

    failed = await failure(hasty, request(server.url, method))

    assert (True, "no answer within 0.1 s") == (failed.sent, failed.reason)


async def test_drip_that_never_ends(server: "Server", hasty: Transport) -> None:
    """An answer that goes on coming for too long is none: the limit is for the whole of it."""

    async def drip(server: "Server", connection: "Connection") -> bool:
        await server.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")(server, connection)
        while True:
            await connection.write(b"x")
            await asyncio.sleep(0.01)

    server.plays(drip)

    failed = await failure(hasty, request(server.url))

    assert (True, "no answer within 0.1 s") == (failed.sent, failed.reason)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_tls_that_is_broken_off(server: "Server", transport: Transport, how: str, method: str) -> None:
    """Where the other side leaves during TLS, nothing was sent, by whatever method."""

    async def leave(_: "Server", connection: "Connection") -> bool:
        await connection.wait()
        if how == "reset":
            connection.writer.transport.abort()
        return False

    server.plays(leave, leave)

    failed = await failure(transport, request(server.url.with_scheme("https"), method))

    assert not failed.sent


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("how", [*LOST, *CUT])
async def test_broken_on_a_reused_connection(
    server: "Server", transport: Transport, how: str, method: str
) -> None:
    """A connection that worked before makes no difference: what is lost on it may have arrived, and is sent once."""
    server.plays(server.answer(), (LOST | CUT)[how](server), server.answer())
    await transport.send(request(server.url, method))

    failed = await failure(transport, request(server.url, method))

    assert failed.sent
    assert 1 == server.connections


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_connection_that_was_closed_while_idle(
    server: "Server", transport: Transport, how: str, method: str
) -> None:
    """A kept connection that the other side has closed is not sent on: the request goes out once, on a new one."""

    async def answer_and_reset(server: "Server", connection: "Connection") -> bool:
        await server.answer()(server, connection)
        # Only once the answer is read: a reset throws away what was not.
        await answered.wait()
        linger = connection.writer.get_extra_info("socket")
        linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.writer.transport.abort()
        return False

    answered = asyncio.Event()
    server.plays(server.answer(keep=False) if how == "closed" else answer_and_reset, server.answer())
    await transport.send(request(server.url, method))
    answered.set()
    await server.quiet()
    await asyncio.sleep(0.02)

    raw = await transport.send(request(server.url, method), watch_resends=True)

    assert (200, False) == (raw.status, raw.resent)
    assert [1, 2] == [heard.connection for heard in server.heard]


async def test_connection_that_was_closed_while_the_loop_was_busy(transport: Transport) -> None:
    """Nor is one whose end the event loop, busy with something else, has not read yet."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    heard: list[bytes] = []

    def serve() -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            with connection:
                heard.append(connection.recv(10_000))
                connection.sendall(answer)
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=serve)
        serving.start()
        url = URL(f"http://127.0.0.1:{listening.getsockname()[1]}")
        await transport.send(request(url))
        time.sleep(IDLE + 0.2)  # noqa: ASYNC251 -- nothing else may run meanwhile

        raw = await transport.send(request(url))

        await asyncio.to_thread(serving.join)
    assert 200 == raw.status
    assert [b"POST", b"POST"] == [head[:4] for head in heard]


async def test_connections_are_not_kept_for_long(server: "Server") -> None:
    """A connection that was idle for longer than it is kept for is not sent on: the other side may be closing it."""
    transport = Transport(network=Network(keep_alive=0.05))
    server.plays(server.answer(), server.answer())
    await transport.send(request(server.url))
    await asyncio.sleep(0.1)

    await transport.send(request(server.url))

    assert [1, 2] == [heard.connection for heard in server.heard]
    await transport.aclose()


def test_connections_are_kept_for_less_than_by_servers() -> None:
    """Common servers keep an idle connection for 5 seconds or more: uvicorn, Node and Apache for 5."""
    assert Network().keep_alive < 5


async def test_lost_on_a_reused_connection(server: "Server", transport: Transport) -> None:
    """A POST is not sent again by itself when the connection that was kept turns out to be closed."""
    server.plays(server.answer(), server.hang_up(), server.answer())
    await transport.send(request(server.url))

    failed = await failure(transport, request(server.url), watch_resends=True)

    assert failed.sent
    assert [1, 1] == [heard.connection for heard in server.heard]


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("method", REPEATED)
async def test_resent_on_a_reused_connection(
    server: "Server", transport: Transport, method: str, *, watched: bool
) -> None:
    """Other methods are sent again by aiohttp itself, and that is noticed when it is asked for."""
    server.plays(server.answer(), server.hang_up(), server.answer(status=404))
    await transport.send(request(server.url, method))

    raw = await transport.send(request(server.url, method), watch_resends=watched)

    assert (404, watched) == (raw.status, raw.resent)
    assert [1, 1, 2] == [heard.connection for heard in server.heard]


async def test_resent_with_a_body(server: "Server", transport: Transport) -> None:
    """A DELETE with a body is sent again with it."""
    server.plays(server.hang_up(), server.answer())

    raw = await transport.send(request(server.url, "DELETE", b'{"sure":1}'), watch_resends=True)

    assert raw.resent
    assert [b'{"sure":1}'] * 2 == [heard.body for heard in server.heard]


async def test_resend_that_finds_nobody(server: "Server", transport: Transport) -> None:
    """When aiohttp's own second sending cannot connect, the first may have arrived all the same."""
    server.plays(server.answer(), server.leave())
    await transport.send(request(server.url, "DELETE"))

    failed = await failure(transport, request(server.url, "DELETE"), watch_resends=True)

    assert failed.sent
    assert failed.reason.startswith("connection lost after sending: no connection to 127.0.0.1:")


@pytest.mark.parametrize("status", [200, 204])
async def test_opening(server: "Server", transport: Transport, status: int) -> None:
    """A success that was opened is not read yet."""
    server.plays(server.answer(b"" if status == 204 else b"abc", status=status))

    raw = await transport.open(request(server.url, "GET"))

    assert (status, b"") == (raw.status, raw.body)
    assert raw.stream is not None
    async with raw.stream as stream:
        assert (b"" if status == 204 else b"abc") == b"".join([chunk async for chunk in stream])


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_opening_what_is_refused(server: "Server", transport: Transport, status: int) -> None:
    """Anything but a success is read whole, and its connection is free again."""
    server.plays(server.answer(b"no", status=status, headers={"Location": "/x"}), server.answer())

    raw = await transport.open(request(server.url, "GET"))
    await transport.send(request(server.url, "GET"))

    assert (status, b"no", None) == (raw.status, raw.body, raw.stream)
    assert [1, 1] == [heard.connection for heard in server.heard]


async def test_opening_fails(transport: Transport, closed_port: int) -> None:
    """Opening fails as sending does."""
    with pytest.raises(SendFailure) as caught:
        await transport.open(request(URL(f"http://127.0.0.1:{closed_port}"), "GET"))

    assert not caught.value.sent


async def test_redirects_are_not_followed(server: "Server", transport: Transport) -> None:
    """A redirect is an answer: the token goes to no other host."""
    server.plays(server.answer(status=307, headers={"Location": f"http://localhost:{server.port}/other"}))

    raw = await transport.send(request(server.url))

    assert 307 == raw.status
    assert ["/things"] == [heard.target for heard in server.heard]


async def test_cookies_are_not_kept(server: "Server", transport: Transport) -> None:
    """A cookie that the service sets is not sent back."""
    server.plays(server.answer(headers={"Set-Cookie": "a=1"}), server.answer())
    await transport.send(request(server.url))
    await transport.send(request(server.url))

    assert "Cookie" not in server.heard[1].headers


async def test_failures_hold_no_token(server: "Server", transport: Transport) -> None:
    """Nothing that a failure refers to holds the token, as aiohttp's own errors do."""
    server.plays(server.say(b"no HTTP\r\n\r\n"))

    failed = await failure(transport, request(server.url))

    assert (None, None) == (failed.__cause__, failed.__context__)
    assert TOKEN not in f"{failed!r} {vars(failed)!r}"


async def test_cancelling(server: "Server", transport: Transport) -> None:
    """Cancelling passes through, closes the connection, and leaves no task."""
    server.plays(server.say(b"", then_wait=True))
    before = asyncio.all_tasks()
    sending = asyncio.create_task(transport.send(request(server.url)))
    await server.hears()

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    await server.quiet()
    assert before == asyncio.all_tasks()


async def test_outer_timeouts_are_the_callers(server: "Server", transport: Transport) -> None:
    """A timeout around a sending is raised as the caller's, and is no failure of the sending."""
    server.plays(server.say(b"", then_wait=True))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await transport.send(request(server.url))


async def test_closing(server: "Server", transport: Transport) -> None:
    """Closing closes the connections that are kept; after it nothing is sent; closing again does no harm."""
    server.plays(server.answer())
    await transport.send(request(server.url))

    await transport.aclose()
    await transport.aclose()

    await server.quiet()
    with pytest.raises(ClosedError, match="the client is closed"):
        await transport.send(request(server.url))


async def test_closing_under_way(server: "Server", transport: Transport) -> None:
    """A request under way when the client is closed may have arrived."""
    server.plays(server.say(b"", then_wait=True))
    sending = asyncio.create_task(failure(transport, request(server.url)))
    await server.hears()

    await transport.aclose()

    assert (await sending).sent


async def test_given_session_is_left_open(server: "Server") -> None:
    """A session of the caller's is used, and left open."""
    server.plays(server.answer(), server.answer())
    async with aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
        transport = Transport(session=session)
        await transport.send(request(server.url))

        await transport.aclose()

        assert not session.closed
        with pytest.raises(ClosedError):
            await transport.send(request(server.url))
    assert ["1"] == [heard.headers["X-Mine"] for heard in server.heard]


async def test_given_session_that_is_closed(server: "Server") -> None:
    """A session that the caller has closed is told as such."""
    session = aiohttp.ClientSession()
    await session.close()

    with pytest.raises(ClosedError):
        await Transport(session=session).send(request(server.url))


async def test_given_session_that_raises_for_errors(server: "Server") -> None:
    """A session's own way with error answers does not make lost replies of them."""
    server.plays(server.answer(status=409))
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        raw = await Transport(session=session).send(request(server.url))

    assert 409 == raw.status


@pytest.mark.parametrize("watched", [True, False])
async def test_given_session_keeps_its_middlewares(server: "Server", *, watched: bool) -> None:
    """Middlewares of the caller's session work, and what they send again is noticed, too."""

    async def twice(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        first = await handler(request)
        first.release()
        return await handler(request)

    server.plays(server.answer(status=500), server.answer())
    async with aiohttp.ClientSession(middlewares=[twice]) as session:
        raw = await Transport(session=session).send(request(server.url, "DELETE"), watch_resends=watched)

    assert (200, watched) == (raw.status, raw.resent)
    assert 2 == len(server.heard)


async def test_proxy_that_refuses(server: "Server") -> None:
    """When the caller's proxy refuses the tunnel, nothing was sent."""
    server.plays(server.answer(status=407))
    async with aiohttp.ClientSession(proxy=server.url) as session:
        failed = await failure(Transport(session=session), request(URL("https://api.example")))

    assert (False, "never sent: the proxy answered 407") == (failed.sent, failed.reason)
    assert ["CONNECT"] == [heard.method for heard in server.heard]


async def test_other_certificate(server: "Server") -> None:
    """When the server's certificate is not the one that the caller's session pins, nothing was sent, and that is told."""

    async def stranger(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        expected, got = b"1", b"2"
        raise aiohttp.ServerFingerprintMismatch(expected, got, "api.example", 443)

    async with aiohttp.ClientSession(middlewares=[stranger]) as session:
        failed = await failure(Transport(session=session), request(server.url))

    assert (False, "never sent: the certificate is not the one that is pinned") == (
        failed.sent,
        failed.reason,
    )


async def test_failure_without_words(server: "Server") -> None:
    """An error that says nothing is told by its name."""

    async def mute(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        raise aiohttp.ClientConnectorError(request.connection_key, ConnectionAbortedError())

    async with aiohttp.ClientSession(middlewares=[mute]) as session:
        failed = await failure(Transport(session=session), request(server.url))

    assert f"never sent: no connection to 127.0.0.1:{server.port}: ConnectionAbortedError" == failed.reason


def test_event_loops_in_turn() -> None:
    """One transport works in several event loops in turn, closed in each, and leaves nothing unclosed."""
    transport = Transport()

    async def use() -> int:
        answered = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await answered.wait()
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            url = URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
            raw = await transport.send(request(url, "GET"))
            answered.set()
            await transport.aclose()
        with pytest.raises(ClosedError):
            await transport.send(request(url, "GET"))
        return raw.status

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [200] * 3 == [asyncio.run(use()) for _ in range(3)]
        gc.collect()

    assert [] == [str(one.message) for one in caught]


async def test_a_given_session_is_used_again(server: "Server") -> None:
    """A session of the caller's sends any number of requests."""
    server.plays(server.answer(), server.answer())
    async with aiohttp.ClientSession() as session:
        given = Transport(session=session)
        replies = [await given.send(request(server.url)) for _ in range(2)]
        await given.aclose()

    assert [200, 200] == [reply.status for reply in replies]


async def test_silence_of_a_download(server: "Server", hasty: Transport) -> None:
    """A download that does not begin in time may have arrived, too."""
    server.plays(server.say(b"", then_wait=True))

    with pytest.raises(SendFailure) as caught:
        await hasty.open(request(server.url, "GET"))

    assert (True, "no answer within 0.1 s") == (caught.value.sent, caught.value.reason)
