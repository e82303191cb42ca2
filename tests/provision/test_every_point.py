"""
Plan and apply are stopped at a point, and started again: all is there once, and what was told is true.

The points are all awaits after which a task goes on, and all statements that change the journal, from the beginning of the
plan to the end of the run. `make chaos` takes every one; the tests take some.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, frozen

from aiotables.core.clock import SYSTEM_CLOCK
from aiotables.emulator.choices import CREATED
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.ledger import forget


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

FOUNDING = """
manifest: lab
targets:
  crm:
    service: zangtable
    project: acme-crm
    create_project:
      name: Acme CRM
      username: server
      password_env: ACME_PASSWORD
      account_user_id: 7
      token_file: crm.token
  research: {service: extruct}
tables:
- {target: crm, name: shops, columns: [{name: title}], indexes: [{columns: [title]}]}
- {target: crm, name: orders, columns: [{name: number, type: INTEGER}], depends_on: [shops]}
- {target: research, key: new, name: New}
- {target: crm, name: later, indexes: [{columns: [id]}], depends_on: [{target: research, key: new}]}
"""

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
    project: str = "acme"
    keys: frozenset[str] = frozenset({"contacts", "deals", "old", "new"})

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
            "project": self.project,
            "environ": {"ACME_PASSWORD": "s3cret-long"},
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
            assert self.keys == outcomes.keys(), where
            assert GOOD >= set(outcomes.values()), f"{where}: {part}"
            assert "done" == part[-1]["ending"], where
        assert len(self.keys) == second[-1]["counts"]["unchanged"], f"{where}: {second}"

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


@define
class NewProject(Stage):
    """A stage whose project is to be made, with somebody who helps when a token is lost."""

    keys: frozenset[str] = frozenset({"shops", "orders", "later", "new"})
    lost: bool = False
    """Whether the reply to its making was lost before, and its token found: all is to be settled."""

    @property
    def token_file(self) -> Path:
        """Where the project's token is kept."""
        return self.lab.folder / "crm.token"

    async def prepare(self) -> None:
        """Go back to what is there before the run."""
        self.lab.emulator.reset()
        shutil.rmtree(self.lab.folder / "child", ignore_errors=True)
        self.token_file.unlink(missing_ok=True)
        self.lab.write("lab.yaml", FOUNDING)
        self.lab.emulator.add_fault("zangtable.create_table:after:drop:nth=1")
        if self.lost:
            self.lab.emulator.add_fault("zangtable.bootstrap_project:after:drop:nth=1")
            assert "unknown" == (await self.start("none", 0)).tables["shops"]
            await self.help()

    async def help(self) -> None:
        """Do as an unknown outcome says: look for the project, and make a token of it, or have it forgotten."""
        if self.project in self.lab.emulator.projects:
            self.lab.emulator.add_project(self.project, "pat_by_hand")
            self.token_file.write_text("pat_by_hand", encoding="ascii")
            return
        async with SqliteJournal.open(self.lab.folder / "child") as journal:
            await forget(journal, [("crm", "")], manifest="m", clock=SYSTEM_CLOCK)

    async def crash(self, kind: str, at: int) -> bool:
        """Stop at a point, start again, help where it asks for it, and look; whether the point was reached."""
        await self.prepare()
        stopped = await self.start(kind, at)
        where = f"{kind} at {at}: {stopped.error}"
        assert stopped.code != -signal.SIGALRM, f"{where} it hung"
        told = stopped.tables
        assert self.there() >= {key for key, outcome in told.items() if outcome in GOOD}, where

        again = await self.start("none", 0)
        if {"unknown"} & {*again.tables.values()}:
            assert not self.token_file.exists(), where
            await self.help()
        again = await self.start("none", 0, runs=2)

        assert (0, "") == (again.code, again.error), where
        self.check(again, where)
        await self.check_journal(where)
        made = [call for call in self.lab.emulator.calls if call.operation == "zangtable.bootstrap_project"]
        assert 1 == sum(call.status == CREATED or call.status is None for call in made), where
        return stopped.code != 0 or (kind == "raise" and stopped.points >= at)

    def made(self) -> dict[str, list[str]]:
        """All that is there."""
        file = self.lab.folder / "emulator" / "zangtable" / f"{self.project}.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            found = [*database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")]
        things = {kind: sorted(name for each, name in found if each == kind) for kind in ("table", "index")}
        return {**things, "extruct": self.lab.made()["extruct"], "projects": self.lab.emulator.projects}

    def there(self) -> set[str]:
        """The keys of the tables that are there."""
        tables = (
            self.lab.emulator.table_names(self.project) if self.project in self.lab.emulator.projects else []
        )
        return {*tables, *(name.lower() for name in self.lab.made()["extruct"])}


@asynccontextmanager
async def staged(stage: Callable[..., Stage], lab: "Lab", **options: Any) -> AsyncIterator[Stage]:  # noqa: ANN401 -- of a stage
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
    found = stage(lab, process, {}, **options)
    try:
        await found.prepare()
        whole = await found.start("none", 0)
        assert (0, "") == (whole.code, whole.error)
        found.wanted = found.made()
        yield found
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
async def stage(lab: "Lab") -> AsyncIterator[Stage]:
    """What is stopped."""
    async with staged(Stage, lab) as found:
        yield found


@pytest.fixture(params=[False, True], ids=["made", "settled"])
async def new_project(lab: "Lab", request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A project that is stopped while it is made, or while it is settled."""
    async with staged(NewProject, lab, project="acme-crm", lost=request.param) as found:
        yield found


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


def test_what_a_new_project_is_made_with(new_project: Stage) -> None:
    """The run that is stopped makes a project with two tables, and a third one later."""
    assert ["acme", "acme-crm"] == new_project.wanted["projects"]
    assert ["later", "orders", "shops"] == new_project.wanted["table"]
    assert ["idx_later_id", "idx_shops_title"] == new_project.wanted["index"]


async def stopped_at(stage: Stage, kind: str, wanted: int) -> None:
    """Stop it at so many points of a kind, or at every one."""
    await stage.prepare()
    count = (await stage.start(kind, 0)).points
    tried = 0
    for at in chosen(count, wanted):
        if not await stage.crash(kind, at):
            break
        tried += 1

    print(f"{kind}: stopped at {tried} of about {count} points")  # noqa: T201 -- `make chaos` shows it
    assert tried


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "raise", "write"])
async def test_stopped_at(stage: Stage, kind: str, pytestconfig: pytest.Config) -> None:
    """Wherever it is stopped, the next run ends it: nothing is there twice or missing, and nothing false was told."""
    await stopped_at(stage, kind, int(pytestconfig.getoption("--points") or 0))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "raise", "write"])
async def test_new_project_stopped_at(new_project: Stage, kind: str, pytestconfig: pytest.Config) -> None:
    """A project, too, is there once, or told as unknown; then somebody finds its token, and the next run ends it."""
    await stopped_at(new_project, kind, int(pytestconfig.getoption("--points") or 0))
