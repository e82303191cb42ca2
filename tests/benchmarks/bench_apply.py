"""
What `aiotables apply` costs: 2,000 ZangTable tables on the emulator, beside a bare aiohttp loop that posts the same bodies.

The bare loop has the same concurrency, no journal, no plan and no retries. Both run in processes of their own against
an emulator in a third, in turn, several rounds; the ratios are those of the medians.

Run it with `make bench`.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from attrs import frozen


TABLES = 2_000
WIDTH = 16
ROUNDS = 5
TOKEN = "pat_bench"
COLUMNS = ("email", "name", "company", "status", "created_at")
URL = "http://127.0.0.1"


@frozen
class Cost:
    """What one run took."""

    seconds: float
    cpu: float
    peak: float
    """MiB."""

    requests: int

    last: Mapping[str, Any]
    """What the command printed last."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as url:
        ours, bare = [], []
        for number in range(ROUNDS):
            bare.append(measure([sys.executable, __file__, "bare", url], url, {}))
            ours.append(measure(apply_command(Path(folder), number), url, environ(url)))
    seconds = median(ours, "seconds") / median(bare, "seconds")
    cpu = median(ours, "cpu") / median(bare, "cpu")
    print(
        f"apply, {TABLES:,} ZangTable tables, {WIDTH} in flight, medians of {ROUNDS} rounds beside a bare aiohttp loop"
    )
    print(
        f"  wall  {median(ours, 'seconds'):6.2f} s    bare {median(bare, 'seconds'):6.2f} s    ratio {seconds:.2f}"
    )
    run, loop = (statistics.median(cost.last["seconds"] for cost in costs) for costs in (ours, bare))
    print(
        f"  alone {run:6.2f} s    bare {loop:6.2f} s    pace {loop / run:.2f} of it, both without their start"
    )
    print(f"  CPU   {median(ours, 'cpu'):6.2f} s    bare {median(bare, 'cpu'):6.2f} s    ratio {cpu:.2f}")
    print(f"  peak  {median(ours, 'peak'):6.1f} MiB  bare {median(bare, 'peak'):6.1f} MiB")
    print(f"  requests per table {median(ours, 'requests') / TABLES:.3f}")


def median(costs: list[Cost], name: str) -> float:
    """The median of one of the costs."""
    return statistics.median(float(getattr(cost, name)) for cost in costs)


def measure(command: list[str], url: str, environment: dict[str, str]) -> Cost:
    """Run a command on an empty emulator; its last line of output is JSON and tells the requests."""
    asyncio.run(reset(url))
    return run(command, environment)


def run(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command; its last line of output is JSON and tells the requests."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**inherited(), **environment}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} exited with {process.returncode}")
    last = json.loads(output.splitlines()[-1])
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, last["requests"], last)


def inherited() -> dict[str, str]:
    """The environment without what makes Python compile at each start, or write line by line: an installed one does not."""
    slowed = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    return {name: value for name, value in os.environ.items() if name not in slowed}


async def reset(url: str) -> None:
    """Empty the emulator."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/_emulator/reset", json={}) as response,
    ):
        response.raise_for_status()


def apply_command(folder: Path, number: int) -> list[str]:
    """`aiotables apply` of a manifest written into the folder, with a state of its own."""
    (folder / "tenants.csv").write_text("\n".join(["slug", *(f"tenant{n}" for n in range(TABLES))]))
    manifest = {
        "manifest": "bench",
        "targets": {"crm": {"service": "zangtable", "project": "bench", "in_flight": WIDTH}},
        "tables": [
            {
                "target": "crm",
                "for_each": "tenants.csv",
                "name": "${slug}_contacts",
                "columns": [{"name": name, "type": "TEXT"} for name in COLUMNS],
            }
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    command = [sys.executable, "-m", "aiotables", "apply", str(folder / "manifest.json"), "--json"]
    return [*command, "--width", str(WIDTH), "--state", str(folder / f"state{number}")]


def environ(url: str) -> dict[str, str]:
    """Where the emulator is, and its token."""
    return {
        "ZANGTABLE_BASE_URL": url,
        "ZANGTABLE_API_TOKEN": TOKEN,
        "EXTRUCT_BASE_URL": url,
        "EXTRUCT_API_TOKEN": "extruct-emulator",
    }


@contextlib.contextmanager
def emulator(folder: Path, *options: str) -> Iterator[str]:
    """The address of an emulator in memory, in a process of its own."""
    address = folder / "address"
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", "aiotables", "emulator", "--port", "0", "--project", f"bench={TOKEN}"]
    process = subprocess.Popen(
        [*command, *options, "--address-file", str(address)], stdout=subprocess.DEVNULL
    )
    try:
        while not address.exists():
            if process.poll() is not None:
                sys.exit("the emulator did not start")
            time.sleep(0.02)
        yield address.read_text().strip()
    finally:
        process.terminate()
        process.wait()


async def bare(url: str) -> None:
    """Post the bodies that apply posts, with nothing around them."""
    names = iter([f"tenant{n}_contacts" for n in range(TABLES)])
    columns = [
        {
            "column_name": n,
            "column_type": "TEXT",
            "is_primary": False,
            "is_nullable": True,
            "is_unique": False,
        }
        for n in COLUMNS
    ]
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    began = time.perf_counter()
    async with aiohttp.ClientSession(headers=headers) as session:

        async def lane() -> None:
            for name in names:
                body = orjson.dumps({"table_name": name, "columns": columns})
                async with session.post(f"{url}/projects/bench/table", data=body) as response:
                    reply = orjson.loads(await response.read())
                    if not reply["ok"]:
                        raise RuntimeError(reply)

        await asyncio.gather(*(lane() for _ in range(WIDTH)))
    print(json.dumps({"requests": TABLES, "seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        asyncio.run(bare(sys.argv[2]))
    else:
        main()
