"""
Whatever goes wrong with a call that makes something, it is done once at the most, and the caller is told the truth.

Every such operation that the emulator has is tried with every fault, and the emulator's own databases are what counts.
`python tests/test_outcomes.py` writes the page `docs/outcomes.md` from the results.
"""

import asyncio
import contextlib
import itertools
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from attrs import define, evolve, field, frozen

from aiotables.core import errors
from aiotables.core.client import ApiClient
from aiotables.core.operations import Operation
from aiotables.core.options import Options
from aiotables.core.pacing import Pacer
from aiotables.core.transport import Timeouts
from aiotables.emulator import Call, Emulator, Fault, ManualClock
from aiotables.extruct import Extruct
from aiotables.extruct import models as extruct
from aiotables.extruct._generated import operations as extruct_operations
from aiotables.zangtable import ZangTable
from aiotables.zangtable import models as zangtable
from aiotables.zangtable._generated import operations as zangtable_operations


PAGE = Path(__file__).parents[1] / "docs" / "outcomes.md"

ANSWER = 1.0
"""Seconds that a reply may take where it never comes."""

AT_ONCE = 12
"""Trials at a time: more would make some wait longer than that."""


class JumpingClock(ManualClock):
    """A clock that the client and the emulator share, and on which nobody waits for the client."""

    async def sleep(self, seconds: float) -> None:
        """Move on by *seconds*, and let others run."""
        self.advance(max(seconds, 0.0))
        await asyncio.sleep(0)


# What is called, and how


@frozen(kw_only=True)
class Ask:
    """The arguments of a call."""

    path: Mapping[str, str] = field(factory=dict)
    body: Any = None


Prepare: TypeAlias = Callable[[Any], Awaitable[Ask]]
"""Makes what has to be there for a call, and says how to call."""

CONTACTS = zangtable.TableCreate(table_name="contacts", columns=[zangtable.ColumnCreate(column_name="email")])
AGENT = extruct.AgentColumnConfig(
    name="Profile",
    key="profile",
    value=extruct.AgentColumnValue(
        agent_type=extruct.AgentType.LLM, prompt="Describe it.", output_format=extruct.OutputFormat.TEXT
    ),
)


def zang_table(body: object, **path: str) -> Prepare:
    """A call in a project that has the table `contacts`."""

    async def prepare(client: ZangTable) -> Ask:
        await client.tables.create(CONTACTS)
        return Ask(path=path, body=body)

    return prepare


def extruct_table(body: Callable[[str], object] = lambda _row: None) -> Prepare:
    """A call for a table that has an agent column and a row; the body is made of the row's id."""

    async def prepare(client: Extruct) -> Ask:
        kind = extruct.TableKind.GENERIC
        site = extruct.InputColumnConfig(name="Site", key="site")
        wanted = extruct.TableCreate(name="Accounts", kind=kind, column_configs=[site, AGENT])
        table = await client.tables.create(wanted)
        (row,) = await client.rows.create(
            table.id, extruct.RowsCreate(rows=[extruct.RowCreate(data={"site": "a.example"})])
        )
        return Ask(path={"table_id": table.id}, body=body(row.id))

    return prepare


def alone(body: object) -> Prepare:
    """A call that needs nothing to be there."""

    async def prepare(_: ApiClient) -> Ask:
        return Ask(body=body)

    return prepare


async def resumable(client: Extruct) -> Ask:
    """A call for a task that is there."""
    task = await client.send(extruct_operations.CREATE_DISCOVERY_TASK, body=SEARCH)
    return Ask(path={"task_id": task.value.id}, body=extruct.DiscoveryTaskResume(desired_new_results=5))


SEARCH = extruct.DiscoveryTaskCreate(query="vertical SaaS for freight forwarding", desired_num_results=20)
BOOTSTRAP = zangtable.Bootstrap(
    project_slug="support",
    project_name="Support",
    initial_project_user=zangtable.BootstrapUser(username="server", password="never-shown"),
    tables=[zangtable.BootstrapTable(table_name="tickets")],
)


def rows_of(row_id: str) -> extruct.RowsUpdate:
    """A row to change, and one to make."""
    changed = extruct.RowUpdate(id=row_id, data={"site": "b.example"})
    return extruct.RowsUpdate(rows=[changed, extruct.RowUpdate(data={"site": "c.example"})])


def row_of(_: str) -> extruct.RowsCreate:
    """A row to make."""
    return extruct.RowsCreate(rows=[extruct.RowCreate(data={"site": "b.example"})])


def column_of(_: str) -> extruct.ColumnsCreate:
    """A column to make."""
    return extruct.ColumnsCreate(column_configs=[extruct.InputColumnConfig(name="Note", key="note")])


CALLS: Mapping[str, Prepare] = {
    "extruct.clone_table": extruct_table(),
    "extruct.create_columns": extruct_table(column_of),
    "extruct.create_deep_research_task": alone(
        extruct.DeepResearchTaskCreate(brief="Who sells what to whom?")
    ),
    "extruct.create_discovery_task": alone(SEARCH),
    "extruct.create_rows": extruct_table(row_of),
    "extruct.create_table": alone(extruct.TableCreate(name="Accounts")),
    "extruct.resume_discovery_task": resumable,
    "extruct.run_table": extruct_table(lambda _row: extruct.TableRunCreate()),
    "extruct.update_rows": extruct_table(rows_of),
    "zangtable.bootstrap_project": alone(BOOTSTRAP),
    "zangtable.create_column": zang_table(zangtable.ColumnCreate(column_name="phone"), table="contacts"),
    "zangtable.create_database_export": zang_table(zangtable.DatabaseExportCreate(file_name="backup")),
    "zangtable.create_index": zang_table(
        zangtable.IndexCreate(columns=["email"], index_name="idx_email"), table="contacts"
    ),
    "zangtable.create_schema_export": zang_table(zangtable.SchemaExportCreate()),
    "zangtable.create_table": alone(CONTACTS),
    "zangtable.create_token": alone(zangtable.TokenCreate(token_name="ci")),
    "zangtable.test_token": zang_table(zangtable.TokenTest(table_name="contacts")),
}

OPERATIONS: Mapping[str, Operation[Any, Any]] = {
    operation.name: operation
    for operation in (*extruct_operations.OPERATIONS, *zangtable_operations.OPERATIONS)
    if operation.effect.must_be_settled
}


def emulated() -> list[str]:
    """Those that the emulator has."""
    fault = Fault(operation="*", when="before", what="drop")

    async def ask() -> list[str]:
        known: list[str] = []
        async with Emulator() as emulator:
            for name in OPERATIONS:
                with contextlib.suppress(ValueError):
                    emulator.add_fault(evolve(fault, operation=name))
                    known.append(name)
        return sorted(known)

    return asyncio.run(ask())


EMULATED = emulated()


# What goes wrong

Wrong: TypeAlias = Mapping[str, Any]
FAULTS: Mapping[str, Wrong] = {
    "connection dropped": {"what": "drop"},
    "reply never comes": {"what": "stall"},
    "500": {"what": "status", "status": 500},
    "503": {"what": "status", "status": 503},
    "409": {"what": "status", "status": 409},
    "cut reply": {"what": "cut"},
    "garbled reply": {"what": "garble"},
}
THROTTLES: Mapping[str, Wrong] = {
    "429": {"what": "throttle"},
    "429, Retry-After": {"what": "throttle", "retry_after": 2.0},
}


@frozen
class Trial:
    """A fault, and which sendings of the call it hits."""

    name: str
    fault: Wrong
    when: str
    times: int | None

    def of(self, operation: str) -> Fault:
        """The fault for an operation."""
        facts: dict[str, Any] = {"when": self.when, "times": self.times, **self.fault}
        return Fault(operation=operation, **facts)

    def contradicts(self, operation: Operation[Any, Any]) -> bool:
        """Whether the docs rule it out: that the service does it, and says with its status that it did nothing."""
        return self.when == "after" and self.fault.get("status") in operation.nothing_done


SECTIONS: Mapping[str, list[Trial]] = {
    "The service did it, and no reply arrives whole": [
        Trial(name, fault, "after", None) for name, fault in FAULTS.items()
    ],
    "The service did nothing, however often it is sent": [
        Trial(name, fault, "before", None) for name, fault in {**FAULTS, **THROTTLES}.items()
    ],
    "The service did nothing at first": [
        Trial(name, fault, "before", 1) for name, fault in {**FAULTS, **THROTTLES}.items()
    ],
}


# What came of it


@frozen
class Result:
    """What a call made, by the emulator's own databases, and what the caller was told."""

    made: int
    told: str

    def __str__(self) -> str:
        return f"{self.made}, {self.told}"

    @property
    def is_true(self) -> bool:
        """Whether the caller was told what was made."""
        if self.told == errors.OutcomeUnknown.__name__:
            return self.made in {0, 1}
        # Passed on as the service said it: it is there already, and no reply before that one was lost.
        return self.made in {"returned": {1}, errors.Conflict.__name__: {0, 1}}.get(self.told, {0})


@define
class Lab:
    """An emulator whose databases are looked into, and clients on the same clock."""

    emulator: Emulator
    folder: Path
    clock: JumpingClock
    answer: float

    @asynccontextmanager
    async def client(self, operation: str) -> AsyncIterator[ApiClient]:
        """A client of the operation's service."""
        options = Options(
            base_url=self.emulator.url,
            clock=self.clock,
            timeouts=Timeouts(answer=self.answer),
            # Not the one that all clients of a token share: these are on clocks of their own.
            pacer=Pacer(clock=self.clock),
            environ={},
        )
        client: ApiClient = (
            ZangTable(token="pat_emulator", project="acme", **options)
            if operation.startswith("zangtable.")
            else Extruct(token="extruct-emulator", **options)
        )
        async with client:
            yield client

    def there(self) -> Counter[str]:
        """How many rows each table of each database has."""
        return Counter(
            dict(itertools.chain.from_iterable(map(counts, sorted(self.folder.rglob("*.sqlite")))))
        )


def counts(file: Path) -> Iterator[tuple[str, int]]:
    """How many rows each table of a database has."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in [*names, ("sqlite_master",)]:
            (count,) = database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()  # noqa: S608 - names of its own
            yield f"{file.name} {name}", count


@asynccontextmanager
async def opened(folder: Path, *, answer: float = 30.0) -> AsyncIterator[Lab]:
    """A lab with an emulator of its own."""
    clock = JumpingClock()
    async with Emulator(data=folder, clock=clock) as emulator:
        yield Lab(emulator, folder, clock, answer)


async def attempt(operation: str, folder: Path, trial: Trial | None) -> tuple[str, Counter[str], int]:
    """What the caller of one call is told, what the databases gained, and how often the service did it."""
    stalls = trial is not None and trial.fault["what"] == "stall"
    async with opened(folder, answer=ANSWER if stalls else 30.0) as lab, lab.client(operation) as client:
        ask = await CALLS[operation](client)
        # What was made for the call is then not as new as what the call makes.
        lab.clock.advance(3600)
        if trial is not None:
            lab.emulator.add_fault(trial.of(operation))
        before, calls = lab.there(), len(lab.emulator.calls)
        body = {} if ask.body is None else {"body": ask.body}
        try:
            await client.send(OPERATIONS[operation], path=ask.path, **body)
        except errors.CallError as error:
            told = type(error).__name__
        else:
            told = "returned"
        gained = lab.there()
        gained.subtract(before)
    # A reply that never comes is on record once the emulator is closed.
    own = [call for call in lab.emulator.calls[calls:] if call.operation == operation]
    done = sum(map(was_done, own))
    return told, Counter({name: count for name, count in gained.items() if count}), done


def was_done(call: Call) -> bool:
    """Whether the service did it: what a fault hits after the effect was done, whatever the reply says."""
    if call.fault is not None:
        return ":after:" in call.fault
    return call.status is not None and call.status < HTTPStatus.MULTIPLE_CHOICES


async def try_all(operation: str) -> dict[str, list[Result | None]]:
    """What comes of a call with each fault, by section."""
    places = asyncio.Semaphore(AT_ONCE)
    with tempfile.TemporaryDirectory() as scratch:
        numbers = itertools.count()

        async def place(trial: Trial | None) -> tuple[str, Counter[str], int]:
            async with places:
                return await attempt(operation, Path(scratch) / f"{next(numbers)}", trial)

        told, once, done = await place(None)
        assert ("returned", 1) == (told, done)

        async def result(trial: Trial) -> Result | None:
            if trial.contradicts(OPERATIONS[operation]):
                return None
            told, gained, done = await place(trial)
            # The records of calls and the databases must agree on how often it was done.
            expected = Counter({name: count * done for name, count in once.items() if done})
            assert expected == gained, f"{operation}, {trial}: {told}, done {done} times"
            return Result(done, told)

        trials = list(itertools.chain.from_iterable(SECTIONS.values()))
        results = iter(await asyncio.gather(*map(result, trials)))
        return {section: [next(results) for _ in trials] for section, trials in SECTIONS.items()}


# The page

HEAD = """\
# What becomes of a call when something goes wrong

How often a call that makes or starts something was carried out, by the service's own databases, and what the caller was
told: its result (`returned`), or which error. Each was tried against [the emulator](emulator.md), and this page is written
from the results by `python tests/test_outcomes.py`.

Never more than once, and the truth, is what is asked for. After `OutcomeUnknown` it is either, and the error says what to
look at: [Settling](settling.md) tells why. A 409 is passed on as the service's own word: it is there already. Where a
`-` is, the service's docs say that such a reply means that nothing was done.
"""


def line(operation: str, results: list[Result | None]) -> str:
    """A line of a table of the page."""
    cells = ("-" if result is None else f"{result}" for result in results)
    return f"| `{operation}` | {' | '.join(cells)} |\n"


def tables(found: Mapping[str, Mapping[str, list[Result | None]]]) -> Iterator[str]:
    """The sections of the page."""
    for section, trials in SECTIONS.items():
        names = " | ".join(trial.name for trial in trials)
        lines = (line(operation, results[section]) for operation, results in found.items())
        yield f"## {section}\n\n| Operation | {names} |\n| --- |{' --- |' * len(trials)}\n{''.join(lines)}"


async def write_page() -> None:
    """Try everything, and write the page."""
    found = {operation: await try_all(operation) for operation in EMULATED}
    await asyncio.to_thread(PAGE.write_text, "\n".join([HEAD, *tables(found)]), encoding="utf-8")


# The tests


@pytest.mark.slow
@pytest.mark.parametrize("operation", EMULATED)
async def test_told_the_truth(operation: str) -> None:
    """Done once at the most, and told as it is, whatever goes wrong; and the page says so."""
    found = await try_all(operation)

    wrong = {
        f"{section}: {trial.name}": result
        for section, trials in SECTIONS.items()
        for trial, result in zip(trials, found[section], strict=True)
        if result is not None and (result.made > 1 or not result.is_true)
    }
    assert {} == wrong
    written = PAGE.read_text(encoding="utf-8")
    missing = [results for results in found.values() if line(operation, results) not in written]
    assert [] == missing, "the page is not up to date: run `python tests/test_outcomes.py`"


def test_page_names_what_is_tried() -> None:
    """The page has the operations that the emulator has, and no others."""
    written = PAGE.read_text(encoding="utf-8").splitlines()

    assert len(SECTIONS) * EMULATED == [row.split("`")[1] for row in written if row.startswith("| `")]


def test_everything_is_tried() -> None:
    """Each operation that makes or starts something has its call here, for when the emulator has it."""
    assert sorted(OPERATIONS) == sorted(CALLS)


if __name__ == "__main__":
    asyncio.run(write_page())
