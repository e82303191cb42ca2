"""
Creates per second of the emulator in memory, and their ratio to a bare aiohttp.web handler that answers a constant.

Both servers are processes of their own, and take turns, block by block; the client is a few raw connections, so that the
servers are what is measured. Each ratio is the median over the rounds of that in one round: of the calls per second, and of
the CPU time that a call takes the server, which depends less on what else the machine does.
"""

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import orjson
from aiohttp import web
from attrs import frozen

from aiotables.emulator import Emulator


ROUNDS = 11
CALLS = 1000
LANES = 10
NAMES = ("email", "full_name", "company", "score")

Body = Callable[[int], bytes]
"""The body of the nth create."""


def zangtable_body(number: int) -> bytes:
    """A table of four columns."""
    columns = [
        {"column_name": name, "column_type": "TEXT", "is_nullable": True, "is_unique": False}
        for name in NAMES
    ]
    return orjson.dumps({"table_name": f"contacts_{number}", "display_name": "Contacts", "columns": columns})


def extruct_body(number: int) -> bytes:
    """A table of a company each, with one column more than the service's own."""
    column = {"kind": "input", "name": "Segment", "key": "segment"}
    return orjson.dumps({"name": f"Accounts {number}", "kind": "company", "column_configs": [column]})


@frozen
class Create:
    """A kind of call."""

    path: str
    token: str
    body: Body

    def wire(self, number: int) -> bytes:
        """The nth call as it is sent."""
        body = self.body(number)
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


CREATES = {
    "ZangTable": Create("/projects/acme/table", "pat_emulator", zangtable_body),
    "Extruct": Create("/v1/tables", "extruct-emulator", extruct_body),
}


# The client


class Lane(asyncio.Protocol):
    """Sends one call after another on one connection, as long as there are any."""

    def __init__(self, calls: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self.calls = calls
        self.done = done
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first call."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits must not wait for ever."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed"))

    def send(self) -> None:
        """Send the next call; close after the last."""
        call = next(self.calls, None)
        if call is not None:
            self.transport.write(call)
        elif not self.done.done():
            self.done.set_result(None)
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Send the next call when the whole answer is there."""
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and length and len(body) >= int(length[1]):
            assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), self.received
            self.received = b""
            self.send()


async def block(port: int, calls: list[bytes]) -> None:
    """Make the calls, some at a time."""
    loop, left = asyncio.get_running_loop(), iter(calls)
    ends = [loop.create_future() for _ in range(LANES)]
    for end in ends:
        await loop.create_connection(lambda end=end: Lane(left, end), "127.0.0.1", port)  # type: ignore[misc] # bound now
    await asyncio.gather(*ends)


# The servers


async def serve(kind: str) -> None:
    """Say the port, and answer until the end of the process."""
    if kind == "emulator":
        async with Emulator() as emulator:
            print(emulator.url.rpartition(":")[2], flush=True)
            await asyncio.Event().wait()
    reply = await answer()

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=201, body=reply, content_type="application/json")

    app = web.Application()
    app.router.add_post("/projects/{project}/table", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def answer() -> bytes:
    """What the bare handler answers: as many bytes as ZangTable does."""
    import aiohttp

    create = CREATES["ZangTable"]
    headers = {"Authorization": f"Bearer {create.token}"}
    async with (
        Emulator() as emulator,
        aiohttp.ClientSession(emulator.url, headers=headers) as session,
        session.post(create.path, data=create.body(0)) as response,
    ):
        return await response.read()


@frozen
class Server:
    """A server in a process of its own."""

    port: int
    pid: int

    def cpu(self) -> float:
        """CPU seconds that it has used."""
        # How Linux numbers the CPU clock of another process.
        return time.clock_gettime((~self.pid << 3) | 2)

    def reset(self) -> None:
        """Delete the tables of an emulator."""
        url = f"http://127.0.0.1:{self.port}/_emulator/reset"
        with urlopen(Request(url, b"{}", {"Content-Type": "application/json"})):
            pass


@contextmanager
def started(kind: str) -> Iterator[Server]:
    """Such a server, until the end of the block."""
    command = [sys.executable, __file__, "--serve", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()), process.pid)
        finally:
            process.kill()


# Measuring


def measure(server: Server, create: Create) -> tuple[float, float]:
    """CPU seconds of the server, and seconds, for one call."""
    calls = [create.wire(number) for number in range(CALLS)]
    cpu, start = server.cpu(), time.perf_counter()
    asyncio.run(block(server.port, calls))
    return (server.cpu() - cpu) / CALLS, (time.perf_counter() - start) / CALLS


def compare(name: str, emulator: Server, bare: Server) -> None:
    """Print a line for one kind of create."""
    create, rounds = CREATES[name], []
    for number in range(ROUNDS + 1):
        emulator.reset()
        ours = measure(emulator, create)
        theirs = measure(bare, CREATES["ZangTable"])
        # The first round warms up.
        rounds += [(ours, theirs)] if number else []
    cpu, seconds = (statistics.median(ours[each] for ours, _ in rounds) for each in (0, 1))
    by_cpu, by_time = (
        statistics.median(theirs[each] / ours[each] for ours, theirs in rounds) for each in (0, 1)
    )
    bare_cpu = statistics.median(theirs[0] for _, theirs in rounds)
    print(
        f"{name:12}{1 / seconds:>10,.0f} creates/s{cpu * 1e6:>10,.0f} us CPU, bare {bare_cpu * 1e6:,.0f}"
        f"   ratio to bare: {by_time:.2f} by time, {by_cpu:.2f} by CPU"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
        return

    print(f"creates in memory, {LANES} in flight; medians of {ROUNDS} interleaved rounds of {CALLS:,} calls")
    with started("emulator") as emulator, started("bare") as bare:
        for name in CREATES:
            compare(name, emulator, bare)


if __name__ == "__main__":
    main()
