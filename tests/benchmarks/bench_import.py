"""
What importing costs: CPU time of fresh interpreters, beside one that does the same by aiohttp alone.

Each figure is the least and the median of several processes, taken in turn. All of them find the bytecode of what they
import, as they do where a package was installed. The first call makes a table, with a body and a reply that are models.

Run it with `make bench`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import orjson
from attrs import define, field


ROUNDS: Final = 15
WHEN: Final = "2026-06-02T01:23:45Z"
REPLIES: Final = {
    "/v1/tables": {
        "id": "0b6f4f0e-1f55-4a62-9a52-5e2d3b1c7a19",
        "created_at": WHEN,
        "name": "Accounts",
        "kind": "generic",
        "columns": [],
        "owner": {"id": "0b6f4f0e-1f55-4a62-9a52-5e2d3b1c7a10", "email": "ada@example.com"},
    },
    "/projects/p/table": {
        "ok": True,
        "request_id": "1",
        "error": None,
        "data": {
            "table": {"id": 1, "table_name": "contacts", "created_at": WHEN, "updated_at": WHEN},
            "columns": [],
        },
    },
}

BARE = """
import asyncio, aiohttp, orjson
async def call():
    async with aiohttp.ClientSession() as session:
        async with session.post({url!r} + "/v1/tables", data=orjson.dumps({{"name": "Accounts"}})) as reply:
            orjson.loads(await reply.read())
asyncio.run(call())
"""
OURS = """
import asyncio, aiohttp
from aiotables import {client}
from aiotables.{package}.models import TableCreate
async def call():
    async with {client}({settings}, base_url={url!r}, environ={{}}) as client:
        await client.tables.create(TableCreate({name}))
asyncio.run(call())
"""
CLIENTS: Final = (
    ("Extruct", "token='t'", "name='Accounts'"),
    ("ZangTable", "token='t', project='p'", "table_name='contacts'"),
)


@define
class Case:
    """What is run, what it is measured against, and the seconds of CPU that it took."""

    name: str
    code: str
    over: str
    spent: list[float] = field(factory=list)


def main() -> None:
    """Measure and print."""
    with server() as url, tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        cases = list(all_cases(url))
        for case in cases:
            cpu(case.code, environ)
        for _ in range(ROUNDS):
            for case in cases:
                case.spent.append(cpu(case.code, environ))

    spent = {case.name: case.spent for case in cases}
    print(f"CPU of fresh processes, least and median of {ROUNDS}")
    for case in cases:
        base = spent.get(case.over, [0.0])
        least, median = (of(case.spent) - of(base) for of in (min, statistics.median))
        over = f"  over {case.over}" if case.over else ""
        print(f"  {case.name:26}{least * 1000:7.1f} ms{median * 1000:7.1f} ms{over}")


def all_cases(url: str) -> Iterator[Case]:
    """What is measured, what it is measured against coming first."""
    yield Case("an empty program", "pass", "")
    yield Case("aiohttp", "import aiohttp", "an empty program")
    yield Case("aiohttp, one call", BARE.format(url=url), "an empty program")
    yield Case("aiotables", "import aiotables", "an empty program")
    for client, settings, name in CLIENTS:
        imports = f"import aiohttp\nfrom aiotables import {client}\n"
        call = OURS.format(client=client, package=client.lower(), settings=settings, url=url, name=name)
        yield Case(f"{client}, imported", imports, "aiohttp")
        yield Case(f"{client}, client made", f"{imports}{client}({settings})", "aiohttp")
        yield Case(f"{client}, one call", call, "aiohttp, one call")


def cpu(code: str, environ: dict[str, str]) -> float:
    """Seconds of CPU that a fresh interpreter takes to run some code."""
    process = subprocess.Popen([sys.executable, "-c", code], env=environ)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{code!r} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


class Answering(BaseHTTPRequestHandler):
    """Makes tables."""

    def do_POST(self) -> None:
        """Answer as the service does whose path it is."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = orjson.dumps(REPLIES[self.path])
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's form
        """Say nothing."""


@contextmanager
def server() -> Iterator[str]:
    """A server of both services on this machine."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


if __name__ == "__main__":
    main()
