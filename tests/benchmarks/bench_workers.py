"""
What many workers reach, and what very many tables cost them.

- The share of a token's rate that three workers reach. The emulator refuses more than RATE calls in a second, by windows
  that begin with their first call.
- Time, CPU time and memory of sharing very many tables.
- How fast the first tables of that run are made, without a rate, beside those of a run that has no more than these; and the
  memory of the workers meanwhile.

PostgreSQL, the emulator, the workers and this script share the machine: where others use it, too, look at the CPU time.

Run it with `make bench`; `python tests/benchmarks/bench_workers.py --full` takes 1,000,000 tables, and some ten minutes.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from attrs import define, field, frozen

from aiotables.emulator import Emulator
from tests.postgres import postgres


RATE = 200
WORKERS = 3
AIM = 0.97
MOST_REFUSED = 0.005
MOST_MEMORY = 150
"""MiB of a worker."""

MOST_SECONDS = 60
"""For sharing a million tables."""

TOKEN = "pat_emulator"
COMMAND = (sys.executable, "-m", "aiotables")

MANIFEST = """
manifest: bench
targets:
  crm: {{service: zangtable, project: acme{rate}}}
tables:
  - {{target: crm, for_each: teams.csv, name: "${{team}}_notes", columns: [{{name: text}}]}}
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="1,000,000 tables to share, 20,000 of them to make"
    )
    parser.add_argument("--tables", type=int, default=100_000, help="tables to share (default 100,000)")
    parser.add_argument("--creates", type=int, default=4_000, help="of them, those to make (default 4,000)")
    parser.add_argument("--seconds", type=int, default=20, help="how long the rate is held (default 20)")
    options = parser.parse_args()
    if options.full:
        options.tables, options.creates = 1_000_000, 20_000
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), server.get_uri())
        asyncio.run(bench.rate(options.seconds))
        alone = asyncio.run(bench.creates(options.creates, of=options.creates))
        first = asyncio.run(bench.creates(options.creates, of=options.tables))
    print(first.text)
    print(
        f"first {options.creates:,} creates of {options.tables:,}, beside those of a run of no more: "
        f"{first.rate:,.0f} and {alone.rate:,.0f} a second, ratio {first.rate / alone.rate:.2f} (aim 1); "
        f"{first.cpu:.2f} and {alone.cpu:.2f} ms of CPU each in workers"
    )


@frozen
class Made:
    """How tables were made."""

    rate: float
    """Tables a second."""

    cpu: float
    """Milliseconds of CPU time of the workers for each."""

    text: str
    """What sharing took, and the workers, in words."""


@define
class Used:
    """What a process took."""

    seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    """MiB, at its peak."""

    output: bytes = b""


@define
class Bench:
    """
    Runs commands against a database of its own.

    Args:
        folder: For manifests.
        database: The URL.
    """

    folder: Path
    database: str
    environ: dict[str, str] = field(factory=dict[str, str])

    async def rate(self, seconds: int) -> None:
        """Let workers make tables at a rate, and look at the log of calls."""
        quota = f"zangtable.create_table:before:quota:calls={RATE}:window=1"
        async with self._emulator(faults=[quota]) as emulator:
            await self._share(seconds * RATE, rate=f", rate: {RATE}")
            workers = await asyncio.gather(*(self._run("worker", "--until-done") for _ in range(WORKERS)))
            creates = [call for call in emulator.calls if call.operation == "zangtable.create_table"]
            journal = self._size("facts") + self._size("steps")
        refused = sum(call.status == 429 for call in creates)
        moments = sorted(call.at for call in creates)
        # Without the first and the last tenth, when not all workers are there.
        middle = moments[len(moments) // 10 : -len(moments) // 10]
        reached = (len(middle) - 1) / (middle[-1] - middle[0]) / RATE
        print(f"{WORKERS} workers, R = {RATE}: {reached:.3f} of R (aim {AIM})")
        print(f"  {refused / len(creates):.2%} 429s (aim {MOST_REFUSED:.1%})")
        cpu = sum(worker.cpu for worker in workers) / len(creates)
        print(
            f"  {1000 * cpu:.1f} ms of CPU and {journal / len(creates):.0f} bytes of journal a table",
            flush=True,
        )

    async def creates(self, number: int, *, of: int) -> Made:
        """Share tables, and let workers make the first of them."""
        async with self._emulator() as emulator:
            shared = await self._share(of)
            told = json.loads(shared.output.splitlines()[-1])
            size = self._size("shards") / of
            workers = [asyncio.create_task(self._run("worker", "--until-done")) for _ in range(WORKERS)]
            moments: list[float] = []
            while len(moments) < number:
                await asyncio.sleep(1)
                moments = [
                    call.at
                    for call in emulator.calls
                    if call.operation == "zangtable.create_table" and call.status == 201
                ]
            # One that has no more tables than these has ended by itself.
            await self._run("cancel", codes={0, 1})
            used = await asyncio.gather(*workers)
        moments.sort()
        text = (
            f"{told['tables']:,} tables shared in {shared.seconds:.1f} s (aim {MOST_SECONDS} s a million), "
            f"{shared.cpu:.1f} s of CPU, {shared.memory:.0f} MiB; "
            f"{told['shards']:,} shards, {size:.0f} bytes a table\n"
            f"  largest worker {max(each.memory for each in used):.0f} MiB (aim {MOST_MEMORY})"
        )
        cpu = 1000 * sum(each.cpu for each in used) / len(moments)
        return Made((number - 1) / (moments[number - 1] - moments[0]), cpu, text)

    @asynccontextmanager
    async def _emulator(self, faults: list[str] | None = None) -> AsyncIterator[Emulator]:
        """An emulator without tables, and a database without runs."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS aiotables CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS aiotables_queue CASCADE")
        async with Emulator(faults=faults or []) as emulator:
            self.environ = {
                **os.environ,
                "AIOTABLES_JOURNAL": self.database,
                "ZANGTABLE_API_TOKEN": TOKEN,
                "ZANGTABLE_BASE_URL": emulator.url,
            }
            yield emulator

    async def _share(self, tables: int, rate: str = "") -> Used:
        with (self.folder / "teams.csv").open("w", encoding="utf-8") as file:
            file.write("team\n")
            file.writelines(f"t{n}\n" for n in range(tables))
        manifest = self.folder / "bench.yaml"
        manifest.write_text(MANIFEST.format(rate=rate), encoding="utf-8")
        return await self._run("apply", str(manifest), "--json")

    async def _run(self, *words: str, codes: Collection[int] = (0,)) -> Used:
        """Run a command, and see what it takes."""
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *words,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        used = Used()
        watching = asyncio.create_task(watch(process.pid, used))
        try:
            used.output, _ = await process.communicate()
        finally:
            watching.cancel()
            if process.returncode is None:
                process.kill()
        used.seconds = time.monotonic() - began
        if process.returncode not in codes:
            message = f"{' '.join(words)} ended with {process.returncode}"
            raise RuntimeError(message)
        return used

    def _size(self, table: str) -> int:
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT pg_total_relation_size(%s)", (f"aiotables.{table}",)).fetchone()
        return 0 if row is None else int(row[0])


async def watch(pid: int, used: Used) -> None:
    """
    Look at a process now and then, until it ends or this is cancelled.

    What the system says of children that have ended counts the memory of the process that started them, too.
    """
    ticks = os.sysconf("SC_CLK_TCK")
    while True:
        try:
            status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
            times = await asyncio.to_thread(Path(f"/proc/{pid}/stat").read_text)
        except (FileNotFoundError, ProcessLookupError):
            return
        facts = dict(line.split(":", 1) for line in status.splitlines())
        if "VmHWM" in facts:
            used.memory = int(facts["VmHWM"].split()[0]) / 1024
        fields = times.rpartition(")")[2].split()
        used.cpu = (int(fields[11]) + int(fields[12])) / ticks
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    main()
