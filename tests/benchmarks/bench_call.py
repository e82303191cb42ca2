"""
CPU time of one call, create a table, as a ratio to a bare aiohttp session with orjson and dicts.

The server, another process, answers each request with the same bytes. Each client takes turns with the bare session, block
by block; each ratio is the median over the rounds of the ratio to the bare session in the same round. Where valgrind is
installed, it counts the user-space instructions of a call besides, which hardly differ from run to run; `--instructions`
does nothing else.

An httpx client with pydantic models, and what openapi-python-client generates, stand beside, where they are installed: by
`make bench`, the generator in a place of its own, as it wants other versions than we do.
"""

import argparse
import asyncio
import functools
import gc
import importlib
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from aiotables import Pacer, ZangTable
from aiotables.emulator import Emulator
from aiotables.zangtable import operations
from aiotables.zangtable.models import ColumnCreate, ColumnType, TableCreate


ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "openapi"
GENERATOR = ROOT / ".venv-generator" / "bin" / "openapi-python-client"
ROUNDS = 15
LANES = (1, 10, 100, 1000)
TOKEN = "pat_emulator"
NAMES = ("email", "full_name", "company", "score")
PATH = "/projects/acme/table"

Call = Callable[[], Awaitable[object]]
"""Makes one call, and gives what came of it."""


def table() -> TableCreate:
    """What is sent, made anew for each call."""
    columns = [
        ColumnCreate(column_name=name, column_type=ColumnType.TEXT, is_nullable=True, is_unique=False)
        for name in NAMES
    ]
    return TableCreate(table_name="contacts", display_name="Contacts", columns=columns)


def table_dict() -> dict[str, Any]:
    """The same as a dict."""
    columns = [
        {"column_name": name, "column_type": "TEXT", "is_nullable": True, "is_unique": False}
        for name in NAMES
    ]
    return {"table_name": "contacts", "display_name": "Contacts", "columns": columns}


# Clients


@asynccontextmanager
async def bare(url: str, lanes: int) -> AsyncIterator[Call]:
    """What one writes by hand, with nothing but dicts."""
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(base_url=url, headers=headers, connector=connector) as session:

        async def call() -> object:
            async with session.post(PATH, data=orjson.dumps(table_dict())) as response:
                response.raise_for_status()
                return orjson.loads(await response.read())["data"]["table"]["table_name"]

        yield call


@asynccontextmanager
async def ours(url: str, lanes: int) -> AsyncIterator[Call]:
    """Models, retries, records, pacing, and settling ready."""
    async with ZangTable(token=TOKEN, project="acme", base_url=url, pacer=Pacer(in_flight=lanes)) as zang:

        async def call() -> object:
            return (await zang.tables.create(table())).table.table_name

        yield call


@asynccontextmanager
async def by_httpx(url: str, lanes: int) -> AsyncIterator[Call]:
    """Httpx with pydantic models by hand."""
    import pydantic

    httpx = importlib.import_module("httpx")

    class Column(pydantic.BaseModel):
        column_name: str
        column_type: str
        is_nullable: bool
        is_unique: bool

    class Table(pydantic.BaseModel):
        table_name: str
        display_name: str
        columns: list[Column]

    class Made(pydantic.BaseModel):
        model_config = {"extra": "allow"}
        table_name: str

    class Data(pydantic.BaseModel):
        table: Made

    class Envelope(pydantic.BaseModel):
        ok: bool
        request_id: str
        data: Data

    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, trust_env=False) as client:

        async def call() -> object:
            columns = [
                Column(column_name=name, column_type="TEXT", is_nullable=True, is_unique=False)
                for name in NAMES
            ]
            body = Table(table_name="contacts", display_name="Contacts", columns=columns)
            response = await client.post(PATH, content=body.model_dump_json())
            response.raise_for_status()
            return Envelope.model_validate_json(response.content).data.table.table_name

        yield call


@asynccontextmanager
async def generated(url: str, lanes: int) -> AsyncIterator[Call]:
    """What openapi-python-client makes of the same fragments."""
    package = generated_package()
    module = importlib.import_module(f"{package}.api.tables.create_table")
    models = importlib.import_module(f"{package}.models")
    client = importlib.import_module(f"{package}.client").AuthenticatedClient(base_url=url, token=TOKEN)

    async def call() -> object:
        body = models.TableCreate.from_dict(table_dict())
        return (await module.asyncio(project="acme", client=client, body=body)).data.table.table_name

    async with client:
        yield call


@functools.cache
def generated_package() -> str:
    """Generate the package, and make it importable."""
    from codegen.bundle import published
    from codegen.spec import load

    folder = Path(tempfile.mkdtemp())
    (folder / "openapi.json").write_bytes(orjson.dumps(published(load(OPENAPI / "zangtable"))))
    # It formats what it made with the ruff that stands beside it.
    environ = {**os.environ, "PATH": f"{GENERATOR.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(GENERATOR), "generate", "--path", "openapi.json"]
    command += ["--meta", "none", "--output-path", "generated_client"]
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    sys.path.insert(0, str(folder))
    return "generated_client"


CLIENTS = {
    "bare aiohttp + orjson": bare,
    "aiotables": ours,
    "httpx + pydantic": by_httpx,
    "openapi-python-client": generated,
}


# With as many in flight, httpx looks through its connections for minutes.
MOST_LANES = {"httpx + pydantic": 100, "openapi-python-client": 100}


def is_there(name: str) -> bool:
    """Whether what a client needs is installed."""
    if name == "openapi-python-client" and not GENERATOR.exists():
        return False
    return name not in MOST_LANES or all(map(importlib.util.find_spec, ("httpx", "pydantic")))


# Measuring


def time_calls(url: str, names: list[str]) -> None:
    """Print a line for each client, for each number of calls in flight."""
    print(f"one call, as a ratio to bare aiohttp + orjson; medians of {ROUNDS} interleaved rounds")
    print(f"{'in flight':>9}  {'':24}{'CPU a call':>15}{'calls/s':>12}{'ratio':>10}")
    for lanes in LANES:
        for name in names[1:]:
            # Two at a time: what a third leaves in memory and caches is a cost to who comes after it.
            asyncio.run(measure(url, [names[0], name], lanes))


async def measure(url: str, names: list[str], lanes: int) -> None:
    """Print a line for each client, at so many calls in flight; nothing where one of them cannot have so many."""
    if any(lanes > MOST_LANES.get(name, lanes) for name in names):
        return
    spent: dict[str, list[float]] = {name: [] for name in names}
    wall: dict[str, list[float]] = {name: [] for name in names}
    async with AsyncExitStack() as stack:
        calls = {name: await stack.enter_async_context(CLIENTS[name](url, lanes)) for name in names}
        for call in calls.values():
            assert await call() == "contacts"
            await block(call, max(100, 2 * lanes), lanes)
        # The collector goes through what a call leaves, and not each time through all that was imported.
        gc.collect()
        gc.freeze()
        for number in range(ROUNDS):
            for name in names if number % 2 else reversed(names):
                gc.collect()  # what the one before has left is none of this one's cost
                cpu, seconds = await block(calls[name], max(300, 2 * lanes), lanes)
                spent[name].append(cpu)
                wall[name].append(seconds)
    for name in names:
        ratio = statistics.median(b / a for a, b in zip(spent[names[0]], spent[name], strict=True))
        micros, rate = statistics.median(spent[name]) * 1e6, 1 / statistics.median(wall[name])
        print(f"{lanes:>9,}  {name:24}{micros:>12.0f} us{rate:>12,.0f}{ratio:>10.2f}")


async def block(call: Call, count: int, lanes: int) -> tuple[float, float]:
    """CPU seconds, and seconds, of one call."""
    left = iter(range(count))

    async def lane() -> None:
        for _ in left:
            await call()

    cpu, start = time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(lanes)))
    return (time.process_time() - cpu) / count, (time.perf_counter() - start) / count


def count_instructions(url: str, names: list[str]) -> None:
    """Print the instructions of each client's call: those of a long run, less those of a short one."""
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return
    bare_count = 0.0
    for name in names:
        short, long = instructions(url, name, 100), instructions(url, name, 400)
        count = (long - short) / 300
        bare_count = bare_count or count
        print(f"{name:24}{count:>12,.0f} instructions per call{count / bare_count:>10.3f}", flush=True)


def instructions(url: str, name: str, count: int) -> int:
    """User-space instructions of a process that makes so many calls, 10 in flight."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, __file__]
    command += ["--only", name, "--url", url, "--calls", str(count)]
    environ = {**os.environ, "PYTHONHASHSEED": "0"}
    run = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    assert found is not None
    return int(found[1])


async def only(url: str, name: str, count: int) -> None:
    """Make so many calls with one client, 10 in flight."""
    async with CLIENTS[name](url, 10) as call:
        await block(call, count, 10)


# The server


class Answering(asyncio.Protocol):
    """Answers whatever comes with the same bytes."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.missing = 0
        self.head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when head and body are there: nobody sends the next request before."""
        if not self.missing:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            length = re.search(rb"content-length: (\d+)", head.lower())
            self.missing = int(length[1]) if length else 0
            self.head, data = b"", body
        self.missing -= len(data)
        if not self.missing:
            self.transport.write(self.reply)


async def serve(body: bytes) -> None:
    """Say the port, and answer until the end of the process."""
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(reply + body), "127.0.0.1", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def answer() -> bytes:
    """What the service answers to the create."""
    async with (
        Emulator() as emulator,
        ZangTable(token=TOKEN, project="acme", base_url=emulator.url) as zang,
    ):
        return (await zang.send(operations.CREATE_TABLE, body=table())).raw


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instructions", action="store_true", help="only count instructions, under valgrind")
    for name in ("--only", "--url", "--serve"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve.encode()))
    elif given.only:
        asyncio.run(only(given.url, given.only, given.calls))
    else:
        compare(timed=not given.instructions)


def compare(*, timed: bool) -> None:
    """Print lines for each client."""
    there = [name for name in CLIENTS if is_there(name)]
    body = asyncio.run(answer())
    command = [sys.executable, __file__, "--serve", body.decode()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            if timed:
                time_calls(url, there)
            count_instructions(url, there)
        finally:
            server.kill()
    for name in CLIENTS:
        if name not in there:
            print(f"{name}: not installed")


if __name__ == "__main__":
    main()
