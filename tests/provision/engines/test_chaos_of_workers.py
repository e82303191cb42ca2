"""
Workers are killed and frozen, their database crashes, replies are lost: each table is there once, and the run ends.

`make chaos` does it with more tables and more kills.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from aiotables import Extruct, ZangTable
from aiotables.emulator import Emulator
from aiotables.zangtable.models import SqlQuery
from tests.postgres import postgres


MANIFEST = """
manifest: chaos
targets:
  crm: {service: zangtable, project: acme, timeout: 2, grace: 3, rate: 300}
  research: {service: extruct, timeout: 2, grace: 3, rate: 300}
tables:
  - target: crm
    for_each: teams.csv
    name: "${team}_notes"
    columns: [{name: text}]
  - target: research
    for_each: teams.csv
    name: "${team}"
    columns: [{kind: input, name: Company, key: input}]
    rows: [{input: acme.example}]
"""

LOST = [
    f"{operation}:after:drop:p=0.01"
    for operation in (
        "zangtable.create_table",
        "extruct.create_table",
        "extruct.create_rows",
    )
]
WORKERS = 3
LEASE = "4"
TABLES = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name LIKE '%\\_notes' ESCAPE '\\'"


@define
class Fleet:
    """Worker processes, and the commands beside them."""

    environ: dict[str, str]
    log: Path
    workers: list[subprocess.Popen[bytes]] = field(factory=list[subprocess.Popen[bytes]])

    def command(self, *words: str) -> list[str]:
        """A command line of ours."""
        return [sys.executable, "-m", "aiotables", *words]

    def hire(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command("worker", "--json", "--lease", LEASE, "--shards", "2"),
                env=self.environ,
                stdout=log,
                stderr=log,
            )

    def kill(self, number: int) -> None:
        """Kill a worker, and start another one in its place."""
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self.hire()

    async def run(self, *words: str) -> str:
        """What a command prints."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*words), env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        told, complaints = await process.communicate()
        assert not process.returncode, complaints.decode()
        return told.decode()

    async def ended(self) -> str:
        """Wait until the run has ended, and say how."""
        while True:
            status = json.loads(await self.run("status", "--json"))
            if status["ending"] is not None:
                return str(status["ending"])
            await asyncio.sleep(1.0)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Three workers, until the end of the block; then each has to end well."""
        self.workers = [self.hire() for _ in range(WORKERS)]
        with ExitStack() as stack:
            for worker in range(WORKERS):
                stack.callback(self._dismiss, worker)
            yield

    def _dismiss(self, number: int) -> None:
        self.workers[number].send_signal(signal.SIGCONT)
        self.workers[number].terminate()
        assert not self.workers[number].wait(60)


@pytest.mark.slow
async def test_workers_that_die(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Whatever dies, the run ends as done, with no table twice, none missing and none unknown."""
    teams = int(pytestconfig.getoption("--teams") or 0)
    kills = 6 if teams > 1000 else 2
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "teams.csv").write_text("team\n" + "".join(f"t{n}\n" for n in range(teams)), encoding="utf-8")
    draw = random.Random(teams)  # noqa: S311 -- for a test that repeats
    with postgres() as server:
        async with Emulator(faults=LOST, seed=teams) as emulator:
            fleet = Fleet(_environ(server.get_uri(), emulator.url), tmp_path / "workers.log")
            await fleet.run("apply", str(manifest))
            with fleet.at_work():
                for number in range(kills):
                    await asyncio.sleep(draw.uniform(1.0, 2.0))
                    fleet.kill(number % WORKERS)
                    if number == kills // 2:
                        await _crash(server)
                        await _freeze(fleet.workers[WORKERS - 1])
                ending = await fleet.ended()
            await _there_once(emulator.url, teams)

    assert "done" == ending


def _environ(database: str, url: str) -> dict[str, str]:
    return {
        **os.environ,
        "AIOTABLES_JOURNAL": database,
        "ZANGTABLE_API_TOKEN": "pat_emulator",
        "ZANGTABLE_BASE_URL": url,
        "EXTRUCT_API_TOKEN": "extruct-emulator",
        "EXTRUCT_BASE_URL": url,
    }


async def _crash(server: Any) -> None:  # noqa: ANN401 -- it has no types
    """Kill the database with all of its connections, and start it again after two seconds."""
    os.kill(server.get_pid(), signal.SIGQUIT)
    await asyncio.sleep(2.0)
    await asyncio.to_thread(server.ensure_postgres_running)


async def _freeze(worker: "subprocess.Popen[bytes]") -> None:
    """Stop a worker for longer than its lease, and let it go on."""
    worker.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2 * float(LEASE))
    worker.send_signal(signal.SIGCONT)


async def _there_once(url: str, teams: int) -> None:
    async with (
        Extruct(token="extruct-emulator", base_url=url) as extruct,
        ZangTable(token="pat_emulator", project="acme", base_url=url) as zang,
    ):
        tables = Counter([(table.name, table.num_rows) async for table in extruct.tables.list()])
        rows = (await zang.query(SqlQuery(sql=TABLES))).rows

    assert {(f"t{number}", 1): 1 for number in range(teams)} == tables
    assert [{"n": teams}] == rows
