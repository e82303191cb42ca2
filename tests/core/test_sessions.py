"""A client in several event loops and threads, through proxies, with certificates of its own, and within its pool."""

import asyncio
import gc
import shutil
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from yarl import URL

from aiotables.core.errors import ClosedError, NotSent, SettingsError
from aiotables.core.pacing import Pacer
from aiotables.core.retries import NO_RETRIES
from aiotables.core.transport import Timeouts


if TYPE_CHECKING:
    from tests.core.conftest import Connection, Server, Toy, ToyClient

IT = b'{"name":"it"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(IT), IT)


class Service:
    """A server with an event loop of its own, in a thread: it outlives the loops of its clients."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.sockets = self.most_sockets = self.requests = 0
        self.idle = asyncio.Event()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500)
        )
        self.url = URL(f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}")
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sockets += 1
        self.idle.clear()
        self.most_sockets = max(self.most_sockets, self.sockets)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                await asyncio.sleep(0.001)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()
            self.sockets -= 1
            if not self.sockets:
                self.idle.set()

    def wait_until_quiet(self) -> None:
        """Wait until nobody is connected any more."""
        asyncio.run_coroutine_threadsafe(self.idle.wait(), self.loop).result(10)

    def stop(self) -> None:
        """Listen no more."""

        async def close() -> None:
            self.server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            # Until what was closed has been told so.
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def service() -> Iterator[Service]:
    """A server in a thread."""
    running = Service()
    yield running
    running.stop()


def read(toy: "Toy", toys: "ToyClient", times: int = 1) -> Callable[[], Any]:
    """Read the thing so many times at once."""

    async def reading() -> list[Any]:
        calls = (toys.send(toy.read, path={"name": "it"}) for _ in range(times))
        return [reply.value.name for reply in await asyncio.gather(*calls)]

    return reading


def test_loops_that_end_without_closing(toy: "Toy", service: Service) -> None:
    """One client in three `asyncio.run`, never closed: each loop takes its connections with it, and nothing complains."""
    toys = toy.client(service.url)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            assert ["it", "it"] == asyncio.run(read(toy, toys, 2)())
            service.wait_until_quiet()
        gc.collect()

    assert [] == [str(one.message) for one in caught]


@pytest.mark.parametrize("then", ["the next use", "closing"])
def test_loops_that_are_closed_by_hand(toy: "Toy", service: Service, then: str) -> None:
    """What a loop left open that was closed without ending what ran in it is closed later."""
    toys = toy.client(service.url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(read(toy, toys)())
    loop.close()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(read(toy, toys)() if then == "the next use" else toys.aclose())
        gc.collect()
    service.wait_until_quiet()

    assert [] == [str(one.message) for one in caught if "Unclosed" in str(one.message)]


def test_two_threads_at_once(toy: "Toy", service: Service) -> None:
    """One client in two threads at once: every call is answered, within the places that both share."""
    pacer = Pacer(in_flight=8)
    toys = toy.client(service.url, pacer=pacer)
    gate, results = threading.Barrier(2), list[list[str]]()

    def work() -> None:
        gate.wait()
        results.append(asyncio.run(read(toy, toys, 100)()))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [["it"] * 100] * 2 == results
    assert 0 == pacer.in_flight
    # Each loop has connections of its own, and some of one may be idle while the other has all places.
    assert service.most_sockets <= 16


def test_closed_in_one_loop(toy: "Toy", service: Service) -> None:
    """A client that was closed says so in that loop, and works in another."""
    toys = toy.client(service.url)

    async def use() -> None:
        async with toys:
            await read(toy, toys)()
        with pytest.raises(ClosedError, match="the client is closed; make a new one"):
            await read(toy, toys)()

    asyncio.run(use())
    asyncio.run(use())

    assert 2 == service.requests


@pytest.mark.parametrize(
    ("options", "most"), [({}, 16), ({"connections": 5, "pacer": Pacer(in_flight=300)}, 5)]
)
def test_sockets(toy: "Toy", service: Service, options: Any, most: int) -> None:  # noqa: ANN401 -- settings
    """300 calls at once use no more sockets than the limit: by default the places in flight."""

    async def use() -> list[str]:
        async with toy.client(service.url, **options) as toys:
            return list(await read(toy, toys, 300)())

    assert ["it"] * 300 == asyncio.run(use())
    assert most >= service.most_sockets
    assert 300 == service.requests


async def test_waiting_for_a_connection_is_not_connecting(toy: "Toy", server: "Server") -> None:
    """A call that waits long for a connection has not failed to connect."""

    async def hold(server: "Server", connection: "Connection") -> bool:
        await asyncio.sleep(0.8)
        return await server.answer(IT)(server, connection)

    server.plays(hold, server.answer(IT))
    timeouts = Timeouts(connect=0.5)
    async with toy.client(server.url, connections=1, timeouts=timeouts, retries=NO_RETRIES) as toys:
        assert ["it", "it"] == await read(toy, toys, 2)()

    assert 1 == server.connections


def has_ipv6() -> bool:
    """Whether the machine talks to itself by IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
async def test_ipv6(toy: "Toy") -> None:
    """A base URL may be an IPv6 address of this machine, by plain http, too."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "::1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with toy.client(URL(f"http://[::1]:{port}")) as toys:
            assert ["it"] == await read(toy, toys)()


@pytest.mark.parametrize("by", ["argument", "environment"])
async def test_proxies(toy: "Toy", server: "Server", by: str) -> None:
    """Calls go through the proxy, which is told its password, and the service is not."""
    server.plays(server.answer(IT))
    proxy = f"http://ann:secret@127.0.0.1:{server.port}"
    options: Any = (
        {"proxy": proxy}
        if by == "argument"
        else {"proxy_from_environ": True, "environ": {"http_proxy": proxy}}
    )

    async with toy.client(URL("http://api.example"), allow_http=True, **options) as toys:
        assert ["it"] == await read(toy, toys)()

    assert ["http://api.example/things/it"] == [heard.target for heard in server.heard]
    assert "Basic YW5uOnNlY3JldA==" == server.heard[0].headers["Proxy-Authorization"]


async def test_proxies_that_are_not_there(toy: "Toy", closed_port: int) -> None:
    """A proxy that cannot be reached means that nothing was sent; its password is not shown."""
    proxy = f"http://ann:secret@127.0.0.1:{closed_port}"
    async with toy.client(URL("https://api.example"), proxy=proxy, retries=NO_RETRIES) as toys:
        with pytest.raises(NotSent) as caught:
            await read(toy, toys)()

    assert "secret" not in f"{caught.value} {caught.value.record!r}"


async def test_given_sessions_have_their_own_settings(toy: "Toy", server: "Server") -> None:
    """What a given session decides by itself cannot be set beside it."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SettingsError, match="connections, proxy: set this on the session"):
            toy.client(server.url, session=session, connections=3, proxy="http://127.0.0.1")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost that nobody signed, and its key."""
    pem, key = folder / "it.pem", folder / "it.key"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(pem)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return pem, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
async def test_certificates(toy: "Toy", tmp_path: Path) -> None:
    """A service whose certificate the system does not trust can be trusted by a file, or by a context."""
    pem, key = certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pem, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=theirs) as listening:
        url = URL(f"https://localhost:{listening.sockets[0].getsockname()[1]}")
        async with toy.client(url, ca_file=pem) as toys:
            assert ["it"] == await read(toy, toys)()
        async with toy.client(url, ssl_context=ssl.create_default_context(cafile=str(pem))) as toys:
            assert ["it"] == await read(toy, toys)()
        async with toy.client(url, retries=NO_RETRIES) as toys:
            with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
                await read(toy, toys)()
