"""
`aiotables apply` is killed at random moments, and started again until it ends by itself: all is there once.

`make chaos` kills it more often.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, field

from aiotables.emulator import Emulator
from aiotables.emulator.faults import Fault
from aiotables.provision.journal import INTENT, OutcomeKind, SqliteJournal


# The first of each is the name of its column.
SLUGS = ["slug", *(f"t{number}" for number in range(30))]
SEGMENTS = ["segment", *(f"s{number}" for number in range(3))]
SITES = ["site", *(f"c{number}.example" for number in range(60))]

AT_ONCE = 3
"""Scenarios at a time."""

MOST = 5
"""Kills of one scenario at the most; then it is left to end."""

MANIFEST = """
manifest: chaos
targets:
  # The rates make a run last more than a second, so that a kill hits it in the middle of something.
  crm: {service: zangtable, project: acme, timeout: 1, grace: 1, rate: 160}
  research: {service: extruct, timeout: 1, grace: 1, rate: 20}
tables:
  - target: crm
    for_each: tenants.csv
    name: "${slug}_contacts"
    columns: [{name: email}, {name: age, type: INTEGER}]
    indexes: [{columns: [email]}]
  - target: crm
    for_each: tenants.csv
    name: "${slug}_deals"
    columns: [{name: title}]
    indexes: [{columns: [title], unique: true}]
  - target: research
    for_each: segments.csv
    key: "${segment}"
    name: "Accounts ${segment}"
    columns:
      - {kind: input, name: Company, key: input}
      - kind: agent
        name: Profile
        key: profile
        value: {agent_type: llm, prompt: Describe it., output_format: text}
    rows: {from: companies.csv, data: {input: "${site}"}}
    run: true
"""

ACCOUNTS = [f"Accounts {segment}" for segment in SEGMENTS[1:]]
WANTED = {
    "tables": sorted(f"{slug}_{table}" for slug in SLUGS[1:] for table in ("contacts", "deals")),
    "indexes": sorted(
        f"idx_{slug}_{index}" for slug in SLUGS[1:] for index in ("contacts_email", "deals_title")
    ),
    "extruct": ACCOUNTS,
    "rows": sorted(f'{name} {{"input":"{site}"}}' for name in ACCOUNTS for site in SITES[1:]),
    "runs": ACCOUNTS,
}
ROWS = "SELECT t.name || ' ' || r.data FROM extruct_row r JOIN extruct_table t ON t.pk = r.table_pk"
RUNS = "SELECT t.name FROM extruct_run r JOIN extruct_table t ON t.pk = r.table_pk"

# Of the replies to calls that make something, 5 % are lost after the effect, and a few before it.
FAULTS = [
    "*.create_*:after:drop:p=0.05",
    "*.create_*:before:drop:p=0.01",
    "zangtable.create_table:before:stall:stall=0.2:p=0.02",
    "extruct.run_table:after:drop:p=0.3",
]

TOKENS = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}


@define
class Scenario:
    """A manifest, an emulator of its own, and a process that is killed."""

    folder: Path
    url: str
    random: random.Random
    kills: int = 0
    moments: list[float] = field(factory=list)

    async def apply(self, *, killed_after: float | None = None) -> int:
        """Run `aiotables apply`, and return its exit code; it is -9 when it was killed."""
        # What is killed could not report its coverage, and must not leave half a report either.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        addresses = {"ZANGTABLE_BASE_URL": self.url, "EXTRUCT_BASE_URL": self.url}
        with (self.folder / "out.jsonl").open("wb") as out, (self.folder / "err.txt").open("wb") as err:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "aiotables", "apply", "m.yaml", "--state", "state", "--json"),
                env={**environ, **TOKENS, **addresses},
                cwd=self.folder,
                stdout=out,
                stderr=err,
            )
            try:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), killed_after)
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        return await process.wait()

    async def kill_again_and_again(self, duration: float) -> None:
        """Kill it at random moments of its whole duration, a few times or until it has ended, and then let it end."""
        for _ in range(MOST):
            moment = self.random.uniform(0, duration)
            self.moments.append(round(moment, 3))
            if await self.apply(killed_after=moment) != -signal.SIGKILL:
                break
            self.kills += 1
        assert 0 == await self.apply(), self.told

    async def check_again(self) -> None:
        """A further run does nothing."""
        before = self.there()
        assert 0 == await self.apply(), self.told
        lines = (self.folder / "out.jsonl").read_text().splitlines()
        ended = json.loads(lines[-1])
        assert len(WANTED["tables"]) + len(ACCOUNTS) == ended["counts"]["unchanged"], self.told
        assert ended["requests"] <= 4, self.told
        assert before == self.there(), self.told

    async def check(self) -> None:
        """Each table, index, row and run is there once, and the journal agrees."""
        assert WANTED == self.there(), self.told
        async with SqliteJournal.read(self.folder / "state") as journal:
            run, counts = await journal.last_run(), await journal.counts()
        assert run is not None
        assert "done" == run.ending, self.told
        assert 0 == counts[INTENT] + counts[OutcomeKind.UNKNOWN] + counts[OutcomeKind.FAILED], self.told

    def there(self) -> dict[str, list[str]]:
        """What is in the emulator's databases, sorted."""
        project, catalogue = self.folder / "data/zangtable/acme.sqlite", self.folder / "data/emulator.sqlite"
        names = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type = "
        return {
            "tables": sorted(texts(project, names + "'table'")),
            "indexes": sorted(texts(project, names + "'index'")),
            "extruct": sorted(texts(catalogue, "SELECT name FROM extruct_table")),
            "rows": sorted(texts(catalogue, ROWS)),
            "runs": sorted(texts(catalogue, RUNS)),
        }

    @property
    def told(self) -> str:
        """What the last run told, for a failure."""
        files = [self.folder / "err.txt", self.folder / "out.jsonl"]
        return f"killed after {self.moments} s\n" + "\n".join(file.read_text()[-3000:] for file in files)


def texts(file: Path, query: str) -> Iterator[str]:
    """The first column of what a query finds."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        yield from (text for (text,) in database.execute(query).fetchall())


def prepared(folder: Path) -> Path:
    """A folder with the manifest and its files."""
    folder.mkdir()
    (folder / "m.yaml").write_text(MANIFEST)
    files = {"tenants.csv": SLUGS, "segments.csv": SEGMENTS, "companies.csv": SITES}
    for name, (column, *rows) in files.items():
        (folder / name).write_text("\n".join([column, *rows]))
    return folder


async def unkilled(folder: Path) -> float:
    """How long a run takes that is not killed, in seconds."""
    async with Emulator(data=folder / "data") as emulator:
        scenario = Scenario(folder, emulator.url, random.Random(0))  # noqa: S311 -- repeatable, not secret
        began = time.monotonic()
        assert 0 == await scenario.apply(), scenario.told
        duration = time.monotonic() - began
        await scenario.check()
        return duration


async def killed(folder: Path, seed: int, duration: float) -> int:
    """How often a run was killed that in the end made everything once."""
    faults = [Fault.parse(text) for text in FAULTS]
    async with Emulator(data=folder / "data", faults=faults, seed=seed) as emulator:
        scenario = Scenario(folder, emulator.url, random.Random(seed))  # noqa: S311 -- repeatable, not secret
        await scenario.kill_again_and_again(duration)
        await scenario.check()
        emulator.clear_faults()
        await scenario.check_again()
        return scenario.kills


@pytest.mark.slow
async def test_killed_at_any_moment(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Killed at a random moment and started again, as often as asked for, apply ends in the same state."""
    wanted = int(pytestconfig.getoption("--kills") or 0)
    duration = await unkilled(prepared(tmp_path / "unkilled"))
    seeds = itertools.count(1)
    kills = 0

    async def again_and_again() -> None:
        nonlocal kills
        while kills < wanted:
            seed = next(seeds)
            kills += await killed(prepared(tmp_path / f"seed-{seed}"), seed, duration)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(again_and_again())

    assert kills >= wanted
