"""
Workers on two hosts, the database on one of them, and a link between them that is cut and mended.

While it is cut, both still reach the services: the workers that are cut off could do harm. `make chaos` cuts it for half a
minute. Where there can be no network namespaces, the tests are skipped and say why.
"""

import asyncio
import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from tests.hosts import Host, Hosts, two_hosts, why_not


WHY_NOT = why_not()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))]

HEAD = """
manifest: hosts
targets:
{targets}
tables:
{tables}
"""
CRM = "crm{n}: {{service: zangtable, project: acme, base_url: {url}, {common}}}"
RESEARCH = "research{n}: {{service: extruct, base_url: {url}, {common}}}"
COMMON = "allow_http: true, timeout: 2, grace: 3, rate: 40"
NOTES = '{{target: crm{n}, for_each: teams.csv, name: "${{team}}_notes{n}", columns: [{{name: text}}]}}'
TEAM = """{{target: research{n}, for_each: teams.csv, name: "${{team}}_{n}",
    columns: [{{kind: input, name: Company, key: input}}], rows: [{{input: acme.example}}]}}"""
SHARDS = 4
"""Targets of each service, with one shard each, so that there are enough for all workers."""

TEAMS_PER_SECOND = 40 / (2 * SHARDS)
"""For a team each target of the second service needs two requests."""

LOST = ("zangtable.create_table:after:drop:p=0.01", "extruct.create_table:after:drop:p=0.01")

LOOK = """
import asyncio, json, sys
from collections import Counter
from aiotables import Extruct, ZangTable
from aiotables.zangtable.models import SqlQuery

TABLES = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name LIKE '%_notes%'"

async def main(url):
    async with (
        Extruct(token="extruct-emulator", base_url=url, allow_http=True) as extruct,
        ZangTable(token="pat_emulator", project="acme", base_url=url, allow_http=True) as zang,
    ):
        names = Counter([(table.name, table.num_rows) async for table in extruct.tables.list()])
        (row,) = (await zang.query(SqlQuery(sql=TABLES))).rows
    print(json.dumps([row["n"], [[*table, count] for table, count in names.items()]]))

asyncio.run(main(sys.argv[1]))
"""

HOLD = """
import asyncio, sys
from aiotables.provision.postgres import Session

async def hold(connection):
    await connection.execute("SELECT * FROM things FOR UPDATE")
    print("held", flush=True)
    await asyncio.Event().wait()

async def main(url):
    async with Session(url) as session:
        await session.execute("CREATE TABLE things AS SELECT 1 AS id")
        await session.run(hold)

asyncio.run(main(sys.argv[1]))
"""
TAKE = """
import asyncio, sys
from aiotables.provision.postgres import Session

async def main(url):
    async with Session(f"{url}&options=-c%20lock_timeout%3D120s") as session:
        print(await session.fetch("SELECT * FROM things FOR UPDATE"))

asyncio.run(main(sys.argv[1]))
"""


@define
class Side:
    """The workers of one host."""

    workers: "dict[Path, subprocess.Popen[bytes]]"
    """By their logs."""

    def told(self, event: str) -> list[dict[str, Any]]:
        """What they said of one kind."""
        # The last line may be half written.
        lines = [line for line in self.text.splitlines(keepends=True) if line.endswith("}\n")]
        return [found for found in map(json.loads, lines) if found["event"] == event]

    @property
    def text(self) -> str:
        """All that they said."""
        return "".join(log.read_text(encoding="utf-8") for log in self.workers)

    @property
    def made(self) -> int:
        """Tables that they finished."""
        return len(self.told("table_done"))

    async def reaches(self, ready: Callable[["Side"], bool]) -> None:
        """Wait until something holds; its workers have to live meanwhile."""
        while not ready(self):
            assert {None} == {worker.poll() for worker in self.workers.values()}, self.text
            await asyncio.sleep(0.2)

    def leave(self) -> None:
        """End its workers, which has to go well."""
        for worker in self.workers.values():
            worker.terminate()
        assert {0} == {worker.wait(60) for worker in self.workers.values()}, self.text


@define
class Tally:
    """What the two sides finished, part by part."""

    here: Side
    there: Side
    began: float = field(factory=time.monotonic)
    parts: list[str] = field(factory=list)
    seen: tuple[int, int] = (0, 0)

    def __attrs_post_init__(self) -> None:
        self.note("before")

    def note(self, part: str) -> None:
        """A part is over."""
        now = (self.here.made, self.there.made)
        took = time.monotonic() - self.began
        self.parts.append(f"{part} {now[0] - self.seen[0]} and {now[1] - self.seen[1]} ({took:.0f} s)")
        self.seen = now

    def __str__(self) -> str:
        lost = [
            sum(left["ending"] == "lost" for left in side.told("shard_left"))
            for side in (self.here, self.there)
        ]
        return f"finished here and there {', '.join(self.parts)}; shards lost {lost[0]} and {lost[1]}"


@define
class Scene:
    """Two hosts with a database and an emulator, and commands there."""

    hosts: Hosts
    folder: Path
    environ: dict[str, str]
    stack: ExitStack
    url: str = ""

    @property
    def manifest(self) -> Path:
        """The manifest."""
        return self.folder / "hosts.yaml"

    def want(self, teams: int) -> None:
        """Have tables of so many teams in the manifest."""
        names = "".join(f"t{number}\n" for number in range(teams))
        (self.folder / "teams.csv").write_text(f"team\n{names}", encoding="utf-8")

    async def command(self, *words: str) -> str:
        """What a command prints on the host of the database."""
        return await self.hosts.here.python("-m", "aiotables", *words, environ=self.environ)

    def hire(self, host: Host, *, lease: float) -> Side:
        """Start two workers on a host."""
        words = ("-m", "aiotables", "worker", "--json", "--shards", "2", "--lease", f"{lease:g}")
        logs = [self.folder / f"worker-{host.number}-{number}.log" for number in range(2)]
        running = [host.running(*words, environ=self.environ, log=log) for log in logs]
        return Side(dict(zip(logs, map(self.stack.enter_context, running), strict=True)))

    async def ended(self) -> str:
        """Wait until the run has ended, and say how."""
        while True:
            ending = json.loads(await self.command("status", "--json"))["ending"]
            if ending is not None:
                return str(ending)
            await asyncio.sleep(0.5)

    async def there(self) -> tuple[int, Counter[tuple[str, int]]]:
        """How many tables the first service has, and how often each with its rows is in the second."""
        told = await self.hosts.here.python("-c", LOOK, self.url, environ=self.environ)
        tables, others = json.loads(told)
        return tables, Counter({(name, rows): count for name, rows, count in others})


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Two hosts."""
    with two_hosts() as hosts:
        yield hosts


@asynccontextmanager
async def scene_of(hosts: Hosts, folder: Path) -> AsyncIterator[Scene]:
    """A database here, and an emulator that loses replies in the world."""
    tokens = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}
    async with hosts.database() as database:
        with ExitStack() as stack:
            environ = {**os.environ, **tokens, "AIOTABLES_JOURNAL": database}
            scene = Scene(hosts, folder, environ, stack)
            address = folder / "address"
            faults = [word for fault in LOST for word in ("--fault", fault)]
            words = ("--host", hosts.services, "--exposed", "--port", "0", "--address-file", str(address))
            emulator = hosts.world.running(
                "-m", "aiotables", "emulator", *words, *faults, environ=environ, log=folder / "emulator.log"
            )
            process = stack.enter_context(emulator)
            while not address.exists():
                assert process.poll() is None, (folder / "emulator.log").read_text(encoding="utf-8")
                await asyncio.sleep(0.1)
            scene.url = address.read_text(encoding="utf-8").strip()
            scene.manifest.write_text(manifest(scene.url), encoding="utf-8")
            yield scene


def manifest(url: str) -> str:
    """The same tables of each team for all targets."""
    numbers = range(SHARDS)
    targets = [each.format(n=n, url=url, common=COMMON) for each in (CRM, RESEARCH) for n in numbers]
    tables = [each.format(n=n) for each in (NOTES, TEAM) for n in numbers]
    return HEAD.format(
        targets="\n".join(f"  {each}" for each in targets), tables="\n".join(f"  - {each}" for each in tables)
    )


def once(teams: int) -> tuple[int, Counter[tuple[str, int]]]:
    """What has to be there of so many teams: each once, with its row."""
    names = (f"t{number}_{n}" for number in range(teams) for n in range(SHARDS))
    return SHARDS * teams, Counter((name, 1) for name in names)


async def test_link_that_is_cut(hosts: Hosts, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The run ends with every table there once, and those that were cut off come back by themselves."""
    cut = float(pytestconfig.getoption("--cut") or 0)
    teams = int(TEAMS_PER_SECOND * (2 * cut + 8))
    async with scene_of(hosts, tmp_path) as scene, asyncio.timeout(120 + 10 * cut):
        scene.want(teams)
        await scene.command("apply", str(scene.manifest))
        # Shorter than the cut, so that the work of those who are cut off goes to the others.
        here, there = (scene.hire(host, lease=max(1.0, cut * 2 / 3)) for host in (hosts.here, hosts.there))
        for side in (here, there):
            await side.reaches(lambda side: side.made > 0)
        tally = Tally(here, there)
        hosts.cut()
        await asyncio.sleep(cut)
        hosts.mend()
        tally.note("while cut")
        assert "done" == await scene.ended()
        assert once(teams) == await scene.there()
        tally.note("after")

        # Only those who were cut off are left now.
        here.leave()
        scene.want(teams + 5)
        await scene.command("apply", str(scene.manifest))
        assert "done" == await scene.ended()
        assert once(teams + 5) == await scene.there()
        tally.note("there alone")
        there.leave()

    print(f"\ncut for {cut:g} s: {2 * SHARDS * teams} tables, each there once; {tally}")  # noqa: T201 -- `make chaos` shows it


async def test_locks_of_who_is_cut_off(hosts: Hosts, tmp_path: Path) -> None:
    """What a transaction had locked is free soon after its link was cut, though its client never said that it is gone."""
    environ = {**os.environ}
    log = tmp_path / "hold.log"
    async with hosts.database() as url, asyncio.timeout(300):
        with hosts.there.running("-c", HOLD, url, environ=environ, log=log) as holding:
            while "held" not in log.read_text(encoding="utf-8"):
                assert holding.poll() is None, log.read_text(encoding="utf-8")
                await asyncio.sleep(0.1)
            hosts.cut()

            assert "[(1,)]\n" == await hosts.here.python("-c", TAKE, url, environ=environ)
