"""
What many workers reach: the share of a token's rate with three of them, and how long very many tables take to be shared.

The emulator refuses more than RATE calls in a second, by windows that begin with their first call. PostgreSQL, the
emulator, three workers and this script share the machine.

Run it with `make bench`; `python tests/benchmarks/bench_workers.py --tables 1000000` shares more.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from aiotables.emulator import Emulator
from tests.postgres import postgres


RATE = 200
WORKERS = 3
AIM = 0.97
MOST_REFUSED = 0.005
TOKEN = "pat_emulator"
COMMAND = (sys.executable, "-m", "aiotables")

MANIFEST = """
manifest: bench
targets:
  crm: {{service: zangtable, project: acme, rate: {rate}}}
tables:
  - {{target: crm, for_each: teams.csv, name: "${{team}}_notes", columns: [{{name: text}}]}}
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=100_000, help="tables to share (default 100,000)")
    parser.add_argument("--seconds", type=int, default=20, help="how long workers work (default 20)")
    options = parser.parse_args()
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(rate(Path(folder), server.get_uri(), options.seconds))
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("DROP SCHEMA aiotables CASCADE")
            connection.execute("DROP SCHEMA aiotables_queue CASCADE")
        share(Path(folder), server.get_uri(), options.tables)


async def rate(folder: Path, database: str, seconds: int) -> None:
    """Let workers make tables, and look at the log of calls."""
    manifest = write(folder, seconds * RATE)
    quota = f"zangtable.create_table:before:quota:calls={RATE}:window=1"
    async with Emulator(faults=[quota]) as emulator:
        environ = surroundings(database, emulator.url)
        await asyncio.to_thread(run, environ, "apply", str(manifest))
        workers = [
            await asyncio.create_subprocess_exec(
                *COMMAND, "worker", "--until-done", env=environ, stderr=subprocess.DEVNULL
            )
            for _ in range(WORKERS)
        ]
        for worker in workers:
            await worker.wait()
        creates = [call for call in emulator.calls if call.operation == "zangtable.create_table"]
    refused = sum(call.status == 429 for call in creates)
    moments = sorted(call.at for call in creates)
    # Without the first and the last tenth, when not all workers are there.
    middle = moments[len(moments) // 10 : -len(moments) // 10]
    reached = (len(middle) - 1) / (middle[-1] - middle[0]) / RATE
    share_refused = refused / len(creates)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    with psycopg.connect(database) as connection:
        size = connection.execute(
            "SELECT pg_total_relation_size('aiotables.facts') + pg_total_relation_size('aiotables.steps')"
        ).fetchone()
    journal = size[0] / len(creates) if size else 0
    print(f"{WORKERS} workers, R = {RATE}: {reached:.3f} of R (aim {AIM})")
    print(f"  {share_refused:.2%} 429s (aim {MOST_REFUSED:.1%})")
    print(f"  largest process {peak:.0f} MiB, journal {journal:.0f} bytes a table")


def share(folder: Path, database: str, tables: int) -> None:
    """Give very many tables to workers."""
    manifest = write(folder, tables)
    began = time.monotonic()
    told = run(surroundings(database, "http://127.0.0.1:9"), "apply", str(manifest), "--json")
    seconds = time.monotonic() - began
    with psycopg.connect(database) as connection:
        size = connection.execute("SELECT pg_total_relation_size('aiotables.shards')").fetchone()
    print(
        f"{told['tables']:,} tables shared in {seconds:.1f} s, {tables / seconds:,.0f} a second, "
        f"{told['shards']:,} shards, {size[0] / tables if size else 0:.0f} bytes a table"
    )


def write(folder: Path, tables: int) -> Path:
    """A manifest with so many tables."""
    (folder / "teams.csv").write_text("team\n" + "".join(f"t{n}\n" for n in range(tables)), encoding="utf-8")
    manifest = folder / "bench.yaml"
    manifest.write_text(MANIFEST.format(rate=RATE), encoding="utf-8")
    return manifest


def surroundings(database: str, url: str) -> dict[str, str]:
    """What commands need in the environment."""
    return {
        **os.environ,
        "AIOTABLES_JOURNAL": database,
        "ZANGTABLE_API_TOKEN": TOKEN,
        "ZANGTABLE_BASE_URL": url,
    }


def run(environ: Mapping[str, str], *words: str) -> dict[str, Any]:
    """What a command tells last."""
    done = subprocess.run([*COMMAND, *words], env=environ, check=True, capture_output=True)
    last = done.stdout.splitlines()[-1]
    return json.loads(last) if last.startswith(b"{") else {}


if __name__ == "__main__":
    main()
