"""
Plan and apply are stopped at a point, and started again: all is there once, and what was told is true.

The points are all awaits after which a task goes on, and all statements that change the journal, from the beginning of the
plan to the end of the run. `make chaos` takes every one; the tests take some.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, frozen

from aiotables.provision.journal import SqliteJournal


if TYPE_CHECKING:
    from tests.conftest import Lab

BEFORE = """
- {target: crm, name: contacts, columns: [{name: email}]}
- target: research
  key: old
  name: Old
  columns: [{kind: input, name: Company, key: input}]
"""

AFTER = """
- target: crm
  name: contacts
  columns: [{name: email}, {name: age, type: INTEGER}]
  indexes: [{columns: [email]}]
- target: crm
  name: deals
  columns: [{name: title}]
  indexes: [{columns: [title], unique: true}]
  depends_on: [contacts]
- target: research
  key: old
  name: Old
  columns: &columns
    - {kind: input, name: Company, key: input}
    - kind: agent
      name: Profile
      key: profile
      value: {agent_type: llm, prompt: Describe it., output_format: text}
  rows: {from: companies.csv, data: {input: "${site}"}}
  run: true
- target: research
  key: new
  name: New
  columns: *columns
  rows: [{input: a.example}, {input: b.example}]
  run: true
"""

KEYS = {"contacts", "deals", "old", "new"}
GOOD = {"created", "adopted", "unchanged"}

# Of each service one reply is lost, so that settling has its points, too.
FAULTS = ["zangtable.create_table:after:drop:nth=1", "extruct.create_rows:after:drop:nth=1"]


@frozen
class Ending:
    """How a process ended, and what it had told."""

    code: int
    events: list[dict[str, Any]]
    points: int
    error: str

    @property
    def tables(self) -> dict[str, str]:
        """The outcome of each table of which it told, by key."""
        return {event["key"]: event["outcome"] for event in self.events if event["event"] == "table_done"}


@define
class Stage:
    """A lab with something in it, and processes that are stopped."""

    lab: "Lab"
    process: asyncio.subprocess.Process
    wanted: dict[str, list[str]]
    runs: int = 0

    async def start(self, kind: str, at: int, *, runs: int = 1) -> Ending:
        """Run plan and apply until a point, or to the end."""
        report = self.lab.folder / "report.jsonl"
        for file in self.lab.folder.glob("report.jsonl*"):
            file.unlink()
        order = {
            "manifest": str(self.lab.folder / "lab.yaml"),
            "state": str(self.lab.folder / "child"),
            "url": self.lab.emulator.url,
            "report": str(report),
            "kind": kind,
            "at": at,
            "runs": runs,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        code = int(await self.process.stdout.readline())
        # What had been sent is taken in now: whatever the process left is ready to be read in this very loop.
        for _ in range(50):
            await asyncio.sleep(0)
        return Ending(code, events(report), int(text(report, ".points") or 0), text(report, ".error"))

    async def prepare(self) -> None:
        """Go back to what is there before the run."""
        self.lab.emulator.reset()
        self.lab.forget()
        shutil.rmtree(self.lab.folder / "child", ignore_errors=True)
        await self.lab.apply(BEFORE)
        for fault in FAULTS:
            self.lab.emulator.add_fault(fault)
        self.lab.manifest(AFTER)

    async def crash(self, kind: str, at: int) -> bool:
        """Stop at a point, start again, and look; whether the point was reached."""
        await self.prepare()
        stopped = await self.start(kind, at)
        where = f"{kind} at {at}: {stopped.error}"
        assert stopped.code != -signal.SIGALRM, f"{where} it hung"
        told = stopped.tables
        assert self.there() >= {key for key, outcome in told.items() if outcome in GOOD}, where
        if kind != "raise":
            assert GOOD >= set(told.values()), where
            assert stopped.code in {0, -signal.SIGKILL}, where

        again = await self.start("none", 0, runs=2)

        assert (0, "") == (again.code, again.error), where
        self.check(again, where)
        await self.check_journal(where)
        return stopped.code != 0 or (kind == "raise" and stopped.points >= at)

    def made(self) -> dict[str, list[str]]:
        """All that is there. The order is not part of it: tables are made side by side."""
        return {kind: sorted(things) for kind, things in self.lab.made().items()}

    def there(self) -> set[str]:
        """The keys of the tables that are there."""
        made = self.lab.made()
        return {*made["tables"], *(name.lower() for name in made["extruct"])}

    def check(self, ending: Ending, where: str) -> None:
        """All is there once, it was told so, and the last run did nothing."""
        assert self.wanted == self.made(), where
        ends = [index for index, event in enumerate(ending.events) if event["event"] == "run_ended"]
        assert 2 == len(ends), where
        first, second = ending.events[: ends[0] + 1], ending.events[ends[0] + 1 :]
        for part in (first, second):
            outcomes = {event["key"]: event["outcome"] for event in part if event["event"] == "table_done"}
            assert KEYS == outcomes.keys(), where
            assert GOOD >= set(outcomes.values()), f"{where}: {part}"
            assert "done" == part[-1]["ending"], where
        assert 4 == second[-1]["counts"]["unchanged"], f"{where}: {second}"

    async def check_journal(self, where: str) -> None:
        """Nothing is open."""
        async with SqliteJournal.read(self.lab.folder / "child") as journal:
            counts = await journal.counts()
        bad = {kind: counts[kind] for kind in ("intent", "unknown", "failed") if counts[kind]}
        assert {} == bad, where


def events(report: Path) -> list[dict[str, Any]]:
    """What a process told; the last line may be cut."""
    lines = report.read_bytes().split(b"\n")[:-1] if report.exists() else []
    return [json.loads(line) for line in lines]


def text(report: Path, suffix: str) -> str:
    """A file beside a report, if it is there."""
    file = report.with_name(report.name + suffix)
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture
async def stage(lab: "Lab") -> AsyncIterator[Stage]:
    """A stage, and what is there at the end of a run that nobody stopped."""
    lab.write("companies.csv", "site\n" + "".join(f"c{number}.example\n" for number in range(60)))
    # What is killed could not report its coverage, and must not leave half a report either.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.provision.crashing",
        cwd=Path(__file__).parents[2],
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    found = Stage(lab, process, {})
    try:
        await found.prepare()
        whole = await found.start("none", 0)
        assert (0, "") == (whole.code, whole.error)
        found.wanted = found.made()
        yield found
    finally:
        process.kill()
        await process.wait()


def chosen(count: int, wanted: int) -> Iterator[int]:
    """Points spread evenly over all; without a number every one, until the process ends by itself."""
    return iter(range(1, 100_000)) if not wanted else iter(range(1, count + 1, max(1, count // wanted)))


def test_what_is_made(stage: Stage) -> None:
    """The run that is stopped has every kind of step."""
    assert ["contacts", "deals"] == stage.wanted["tables"]
    assert ["idx_contacts_email", "idx_deals_title"] == stage.wanted["indexes"]
    assert "contacts.age" in stage.wanted["columns"]
    assert ["New", "Old"] == stage.wanted["extruct"]
    assert ["New.profile", "Old.profile"] == stage.wanted["keys"]
    assert 62 == len(stage.wanted["rows"])
    assert ["New", "Old"] == stage.wanted["runs"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "raise", "write"])
async def test_stopped_at(stage: Stage, kind: str, pytestconfig: pytest.Config) -> None:
    """Wherever it is stopped, the next run ends it: nothing is there twice or missing, and nothing false was told."""
    await stage.prepare()
    count = (await stage.start(kind, 0)).points
    tried = 0
    for at in chosen(count, int(pytestconfig.getoption("--points") or 0)):
        if not await stage.crash(kind, at):
            break
        tried += 1

    print(f"{kind}: stopped at {tried} of about {count} points")  # noqa: T201 -- `make chaos` shows it
    assert tried
