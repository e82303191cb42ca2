"""
What reading a long table costs in memory: `rows.list` of 10,000 and of 1,000,000 rows, each in a process of its own.

The rows come from a server in another process that makes its pages up.

Run it with `make bench`.
"""

import asyncio
import json
import os
import subprocess
import sys

import orjson
from aiohttp import web


FEW, MANY = 10_000, 1_000_000
MOMENT = "2026-06-02T01:00:00Z"
HEADER = {
    "id": "t",
    "created_at": MOMENT,
    "name": "Long",
    "kind": "generic",
    "columns": [],
    "owner": {"id": "u", "email": "u@example.com"},
    "status": {"num_columns": 1, "run_status": "idle"},
}


def main() -> None:
    """Measure and print."""
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        few, many = (measure(url, count) for count in (FEW, MANY))
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()
    print("rows.list, peak memory of the process")
    print(f"  {FEW:9,} rows {few:6.1f} MiB")
    print(f"  {MANY:9,} rows {many:6.1f} MiB, ratio {many / few:.2f}")


def measure(url: str, count: int) -> float:
    """Peak memory, in MiB, of a process that reads so many rows."""
    process = subprocess.Popen([sys.executable, __file__, "read", url, str(count)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the reader exited with {process.returncode}")
    return usage.ru_maxrss / 1024


async def read(url: str, count: int) -> None:
    """Read the rows and count them."""
    from aiotables import Extruct

    seen = 0
    async with Extruct(token="t", base_url=url) as extruct:
        async for _ in extruct.rows.list("t", most=count):
            seen += 1
    if seen != count:
        sys.exit(f"{seen} rows came, {count} were asked for")


async def serve() -> None:
    """Answer every page that is asked for, and print the address."""

    async def page(request: web.Request) -> web.Response:
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        rows = [
            {"id": f"row-{n}", "created_at": MOMENT, "data": {"input": {"value": n}}}
            for n in range(offset, offset + limit)
        ]
        return web.Response(body=orjson.dumps({**HEADER, "rows": rows}), content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/tables/t/data", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["read", address, rows]:
            asyncio.run(read(address, json.loads(rows)))
        case _:
            main()
