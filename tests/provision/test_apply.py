"""Runs: what they make, what they leave alone, what they report, and how they end."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest
from attrs import evolve

from aiotables.core.clock import Clock, SystemClock
from aiotables.core.errors import (
    AuthenticationFailed,
    Conflict,
    DecodeError,
    OutcomeUnknown,
    ReplyNotUnderstood,
    RequestError,
)
from aiotables.core.pacing import Pacer
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, NotThere, Sent, SettlePolicy, Unclear, Verdict
from aiotables.extruct import Extruct
from aiotables.extruct._generated.models import TableCreate as ExtructTableCreate
from aiotables.provision.apply import Apply, Confirm
from aiotables.provision.course import NO_RULES, Rules, Tolerance
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.events import (
    Event,
    Progress,
    Refreshed,
    RowsFailed,
    RunEnded,
    RunStarted,
    Settling,
    TableDone,
    WaveDone,
    to_json,
)
from aiotables.provision.expand import expand
from aiotables.provision.journal import Intent, Journal, JournalError, Outcome, StepState
from aiotables.provision.problems import ManifestError, Problem
from aiotables.provision.steps import CREATE, Action, Service, Step, TablePlan, made
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import ColumnCreate, TableCreate


if TYPE_CHECKING:
    from tests.conftest import Lab

CONTACTS = """
- target: crm
  name: contacts
  columns: [{name: email}, {name: age, type: INTEGER}]
  indexes: [{columns: [email]}, {columns: [age]}]
"""
ACCOUNTS = """
- target: research
  key: accounts
  name: Accounts
  columns:
    - {kind: input, name: Company, key: input}
    - kind: agent
      name: Profile
      key: profile
      value: {agent_type: llm, prompt: Describe it., output_format: text}
  rows: {from: companies.csv}
  run: true
"""
BOTH = CONTACTS + ACCOUNTS


def many(count: int) -> str:
    """Some tables."""
    return "".join(f"- {{target: crm, name: t{number:03}}}\n" for number in range(count))


def companies(count: int) -> str:
    """A CSV file of some companies."""
    return "input\n" + "".join(f"{number:03}.example\n" for number in range(count))


Meanwhile = Callable[[str], Awaitable[None]]


async def nothing(_: str) -> None:
    """Happens meanwhile."""


class Watched:
    """
    A journal that tells what it writes, and whose disk can be full.

    Args:
        journal: Where it writes.
        full: The number of the fact, counted from 0, from which on nothing is written.
        late: Whether that fact is written all the same: the process ends between the writing and what follows.
        meanwhile: What happens once a fact is written; it is told which.
        waited: How long ago intents are written to have been, as if their calls had waited for their turn since.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        full: float = float("inf"),
        late: bool = False,
        meanwhile: Meanwhile = nothing,
        waited: float = 0.0,
    ) -> None:
        self._journal = journal
        self._full = full
        self._late = late
        self._meanwhile = meanwhile
        self._waited = waited
        self.written: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the journal has
        return getattr(self._journal, name)

    async def intent(self, intent: Intent) -> None:
        """Write an intent."""
        sent = intent.detail["sent"]
        times = {name: sent[name] - self._waited for name in ("first_sent_at", "last_sent_at")}
        intent = evolve(intent, detail={**intent.detail, "sent": {**sent, **times}})
        await self._write(f"intent {intent.key} {intent.step}", self._journal.intent(intent))

    async def outcome(self, outcome: Outcome) -> None:
        """Write an outcome."""
        await self._write(f"{outcome.outcome} {outcome.key} {outcome.step}", self._journal.outcome(outcome))

    async def end_run(self, run_id: str, ending: str) -> None:
        """Write the end."""
        await self._write(f"end {ending}", self._journal.end_run(run_id, ending))

    async def _write(self, what: str, write: Coroutine[None, None, None]) -> None:
        number = len(self.written)
        self.written.append(what)
        if number < self._full or (self._late and number == self._full):
            await write
        else:
            write.close()
        if number >= self._full:
            message = "was not written: the disk is full"
            raise JournalError(message, where="lab")
        await self._meanwhile(what)


class Watching:
    """Wraps journals, and remembers what the last one wrote."""

    def __init__(self, **how: Any) -> None:  # noqa: ANN401 -- of `Watched`
        self._how = how
        self._watched: list[Watched] = []

    def __call__(self, journal: Journal) -> Journal:
        """Wrap a journal."""
        self._watched.append(Watched(journal, **self._how))
        return cast("Journal", self._watched[-1])

    @property
    def written(self) -> list[str]:
        """What the last journal was asked to write."""
        return self._watched[-1].written


async def test_fresh_and_again(lab: "Lab") -> None:
    """A first run makes everything; a second makes nothing, and reads what is there in a few requests."""
    lab.write("companies.csv", companies(60))

    first = await lab.apply(BOTH + many(50))
    made = lab.made()
    second = await lab.apply(BOTH + many(50))

    assert {"created": 52, "adopted": 0, "unchanged": 0, "failed": 0, "unknown": 0} == first.ended.counts
    assert {"created": 0, "adopted": 0, "unchanged": 52, "failed": 0, "unknown": 0} == second.ended.counts
    assert made == lab.made()
    assert 51 == len(made["tables"])
    assert ["idx_contacts_age", "idx_contacts_email"] == made["indexes"]
    assert [f'Accounts {{"input":"{n:03}.example"}}' for n in range(60)] == made["rows"]
    assert ["Accounts"] == made["runs"]
    assert 3 == first.tables["contacts"].steps
    assert 4 == first.tables["accounts"].steps
    assert 0 == second.tables["accounts"].steps
    assert second.ended.requests == lab.requests.total
    # The token, two pages of the catalogue, one of the listing.
    assert second.ended.requests <= 4


async def test_events_in_order(lab: "Lab") -> None:
    """A run tells that it began, what it read, how each table ended, and that it is over."""
    report = await lab.apply(many(2))

    assert ["RunStarted", "Refreshed", "Refreshed", "TableDone", "TableDone", "RunEnded"] == [
        type(event).__name__ for event in report.events
    ]
    assert RunStarted(run_id=report.ended.run_id, tables=2, targets={"crm": 2}) == report.events[0]
    assert [Refreshed(target="crm"), Refreshed(target="research")] == report.events[1:3]
    assert "lab.yaml:7" == report.tables["t000"].origin
    assert report.ended.seconds >= 0
    assert [type(event) for event in report.events] == [
        NAMED[orjson.loads(orjson.dumps(to_json(event)))["event"]] for event in report.events
    ]


NAMED = {
    "run_started": RunStarted,
    "refreshed": Refreshed,
    "settling": Settling,
    "table_done": TableDone,
    "run_ended": RunEnded,
}


async def test_journal_of_a_run(lab: "Lab") -> None:
    """Each step has an intent before it and an outcome after it, and the ending is written last."""
    watching = Watching()

    await lab.apply(CONTACTS, around=watching)

    assert [
        "intent contacts create",
        "created contacts create",
        "intent contacts index:idx_contacts_email",
        "created contacts index:idx_contacts_email",
        "intent contacts index:idx_contacts_age",
        "created contacts index:idx_contacts_age",
        "end done",
    ] == watching.written


async def test_calls_are_grouped(lab: "Lab") -> None:
    """All calls of a run to ZangTable are one operation run, the same that the journal knows."""
    report = await lab.apply(CONTACTS)

    calls = [
        call for call in lab.emulator.calls if call.operation and call.operation.startswith("zangtable.")
    ]
    assert len(calls) >= 5
    assert {("aiotables-apply", report.ended.run_id)} == {
        (call.operation_key, call.operation_run_id) for call in calls
    }


async def test_completes_what_is_there(lab: "Lab") -> None:
    """Missing columns, indexes and rows of tables that are there are added, and nothing else is made."""
    lab.write("companies.csv", companies(2))
    await lab.apply(
        "- {target: crm, name: contacts, columns: [{name: email}], indexes: [{columns: [email]}]}\n"
        "- {target: research, key: accounts, name: Accounts, columns: [{kind: input, name: Company, key: input}]}\n"
    )

    report = await lab.apply(BOTH)

    assert {"contacts": "created", "accounts": "created"} == report.outcomes
    assert "missing: column:age, index:idx_contacts_age" == report.tables["contacts"].reason
    assert "missing: columns, 2 rows, run" == report.tables["accounts"].reason
    assert ["contacts.age", "contacts.email", "contacts.id"] == lab.made()["columns"]
    assert ["idx_contacts_age", "idx_contacts_email"] == lab.made()["indexes"]
    assert ["Accounts.profile"] == lab.made()["keys"]
    assert 2 == len(lab.made()["rows"])
    assert {"contacts": "unchanged", "accounts": "unchanged"} == (await lab.apply(BOTH)).outcomes


async def test_conflict(lab: "Lab") -> None:
    """A table that is there and cannot be completed fails with the reason, and nothing is sent for it."""
    await lab.apply("- {target: crm, name: contacts, columns: [{name: age, type: TEXT}]}\n")

    report = await lab.apply(CONTACTS)

    assert {"contacts": "failed"} == report.outcomes
    assert "column age is there as TEXT; INTEGER is desired" == report.tables["contacts"].reason
    assert "failed" == report.ended.ending
    assert 0 == report.tables["contacts"].steps


async def test_table_of_somebody_else(lab: "Lab") -> None:
    """A table that somebody else made is left as it is when it is as desired, and completed when it is not."""
    async with ZangTable(token="pat_emulator", project="acme", base_url=lab.emulator.url) as zang:
        await zang.tables.create(
            TableCreate(table_name="Contacts", columns=[ColumnCreate(column_name="EMAIL")])
        )

    report = await lab.apply("- {target: crm, name: contacts, columns: [{name: email}]}\n")

    assert {"contacts": "unchanged"} == report.outcomes
    assert {"contacts": "created"} == (await lab.apply(CONTACTS)).outcomes
    assert ["Contacts"] == lab.made()["tables"]


async def test_made_meanwhile(lab: "Lab") -> None:
    """A table that somebody makes between the reading and the sending fails as refused; the next run takes it as it is."""

    async def somebody(written: str) -> None:
        if written == "intent contacts create":
            async with ZangTable(token="pat_emulator", project="acme", base_url=lab.emulator.url) as zang:
                await zang.tables.create(TableCreate(table_name="contacts"))

    report = await lab.apply("- {target: crm, name: contacts}\n", around=Watching(meanwhile=somebody))

    assert {"contacts": "failed"} == report.outcomes
    assert "table_exists" in report.tables["contacts"].reason
    assert {"contacts": "unchanged"} == (await lab.apply("- {target: crm, name: contacts}\n")).outcomes


async def test_two_tables_with_one_mark(lab: "Lab") -> None:
    """Two Extruct tables that carry the mark of one are a conflict; no third is made."""
    lab.write("companies.csv", companies(1))
    await lab.apply(ACCOUNTS)
    ((first, _, tags),) = lab.emulator.extruct_tables()
    async with lab.services() as services:
        extruct = cast("Extruct", services["research"].client)
        await extruct.tables.create(ExtructTableCreate(name="A copy", tags=[*tags]))

    report = await lab.apply(ACCOUNTS)

    assert {"accounts": "failed"} == report.outcomes
    assert f"2 tables carry the tag {tags[0]}: {first}" in report.tables["accounts"].reason
    assert 2 == len(lab.emulator.extruct_tables())


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_catalogue_that_may_not_be_read(lab: "Lab", status: int) -> None:
    """Where SQL may not read the catalogue, tables are read by name, and known indexes are not asked for again."""
    lab.emulator.fault("zangtable.query_records", when="before", what="status", status=status)

    first = await lab.apply(CONTACTS)
    made = lab.made()
    sent = lab.calls("zangtable.create_index")
    second = await lab.apply(CONTACTS)

    assert {"contacts": "created"} == first.outcomes
    assert {"contacts": "unchanged"} == second.outcomes
    assert made == lab.made()
    assert sent == lab.calls("zangtable.create_index")


async def test_indexes_that_nobody_can_see(lab: "Lab") -> None:
    """Without a catalogue and without a journal, an index that is refused because it exists counts as there."""
    await lab.apply(CONTACTS)
    lab.emulator.fault("zangtable.query_records", when="before", what="status", status=403)
    lab.forget()

    report = await lab.apply(CONTACTS)

    assert {"contacts": "created"} == report.outcomes
    assert ["idx_contacts_age", "idx_contacts_email"] == lab.made()["indexes"]
    assert {"contacts": "unchanged"} == (await lab.apply(CONTACTS)).outcomes


async def test_lost_journal(lab: "Lab") -> None:
    """Without its journal a run finds everything by looking: tables, columns, indexes, rows. A run is not started anew."""
    lab.write("companies.csv", companies(60))
    await lab.apply(BOTH)
    made = lab.made()
    lab.forget()

    report = await lab.apply(BOTH)

    assert {"contacts": "unchanged", "accounts": "unchanged"} == report.outcomes
    assert made == lab.made()
    assert 0 == report.tables["accounts"].steps


async def test_gone_from_the_services(lab: "Lab") -> None:
    """What the journal has as made and is gone is made again, once the service says by its id or name that it is."""
    lab.write("companies.csv", companies(60))
    await lab.apply(BOTH)
    made = lab.made()
    lab.emulator.reset()

    report = await lab.apply(BOTH)

    assert {"contacts": "created", "accounts": "created"} == report.outcomes
    assert made == lab.made()
    assert 1 == lab.calls("extruct.get_table")
    assert 1 == lab.calls("zangtable.get_table")
    assert {"contacts": "unchanged", "accounts": "unchanged"} == (await lab.apply(BOTH)).outcomes


async def test_rows_of_a_table_that_was_made_anew(lab: "Lab") -> None:
    """The journal's batches of a table that is gone do not count for the one made in its place, however that run ended."""
    lab.write("companies.csv", companies(120))
    await lab.apply(ACCOUNTS)
    lab.emulator.reset()
    async with lab.services() as services:
        # The emulator begins with the same ids again, and no service does.
        client = cast("Extruct", services["research"].client)
        await client.tables.create(ExtructTableCreate(name="Other"))
    with pytest.raises(JournalError):
        # Table and first batch are made anew, and then the disk is full.
        await lab.apply(ACCOUNTS, around=Watching(full=4))

    await lab.apply(ACCOUNTS)

    assert [f'Accounts {{"input":"{n:03}.example"}}' for n in range(120)] == lab.made()["rows"]


async def test_rows_that_a_file_gains(lab: "Lab") -> None:
    """Rows that are added to a file later, at its end or amid it, are added to the table, and no other."""
    lab.write("companies.csv", companies(60))
    await lab.apply(ACCOUNTS)
    lab.write("companies.csv", "input\nfirst.example\n" + companies(75).removeprefix("input\n"))

    report = await lab.apply(ACCOUNTS)

    assert "missing: 16 rows, run" == report.tables["accounts"].reason
    assert 2 == report.tables["accounts"].steps
    assert sorted(
        ['Accounts {"input":"first.example"}', *(f'Accounts {{"input":"{n:03}.example"}}' for n in range(75))]
    ) == sorted(lab.made()["rows"])
    assert ["Accounts", "Accounts"] == lab.made()["runs"]
    assert {"accounts": "unchanged"} == (await lab.apply(ACCOUNTS)).outcomes


async def test_rows_that_a_file_gains_while_the_journal_is_lost(lab: "Lab") -> None:
    """Without the journal, rows are known by what they carry; new ones go in a batch with a number that is free."""
    lab.write("companies.csv", companies(60))
    await lab.apply(ACCOUNTS)
    lab.write("companies.csv", companies(61))
    lab.forget()

    report = await lab.apply(ACCOUNTS)

    assert "missing: 1 row, run" == report.tables["accounts"].reason
    assert 61 == len(lab.made()["rows"])
    assert ["rows:2", "run", "create"] == [*await lab.steps("research", "accounts")]


async def test_manifest_that_shrinks(lab: "Lab") -> None:
    """What a manifest no longer asks for is left alone, and not counted."""
    lab.write("companies.csv", companies(3))
    await lab.apply(BOTH)
    made = lab.made()
    lab.write("companies.csv", companies(2))

    report = await lab.apply(ACCOUNTS)

    assert {"accounts": "unchanged"} == report.outcomes
    assert made == lab.made()


async def test_another_prompt(lab: "Lab") -> None:
    """A column that is there with another config is a conflict, since it would not become as desired."""
    lab.write("companies.csv", companies(1))
    await lab.apply(ACCOUNTS)

    report = await lab.apply(ACCOUNTS.replace("Describe it.", "Praise it."))

    assert {"accounts": "failed"} == report.outcomes
    assert "column profile is there with another value" == report.tables["accounts"].reason


async def test_unknown_is_settled_by_the_next_run(lab: "Lab") -> None:
    """What looking could not settle is unknown, is sent by no later run, and is settled as soon as looking works."""
    lab.emulator.fault("zangtable.create_table", when="after", what="drop", times=1)
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=503)

    first = await lab.apply("- {target: crm, name: contacts}\n")
    second = await lab.apply("- {target: crm, name: contacts}\n")
    sent = lab.calls("zangtable.create_table")
    left = await lab.still_open()
    lab.emulator.clear_faults()
    third = await lab.apply("- {target: crm, name: contacts}\n")

    assert ["unknown", "unknown", "done"] == [run.ended.ending for run in (first, second, third)]
    assert {"contacts": "unknown"} == first.outcomes == second.outcomes
    assert "create: the look failed" in first.tables["contacts"].reason
    assert 1 == sent == lab.calls("zangtable.create_table")
    assert ["contacts create"] == left
    assert {"contacts": "adopted"} == third.outcomes
    assert "reply lost; found: table 'contacts', read by its name" == third.tables["contacts"].reason
    assert [] == await lab.still_open()


@pytest.mark.parametrize("late", [False, True], ids=["before-the-fact", "after-the-fact"])
@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
async def test_ended_at_each_fact(lab: "Lab", *, late: bool, lost: bool) -> None:
    """Wherever a run ends, before or after any fact was written, the next one makes everything there once."""
    tables = CONTACTS + ACCOUNTS
    lab.write("companies.csv", companies(60))
    wanted, number = None, 0
    while wanted is None:
        lab.emulator.reset()
        lab.forget()
        if lost:
            lab.emulator.fault("*.create_*", when="after", what="drop", nth=number // 2 + 1)
        try:
            await lab.apply(tables, around=Watching(full=number, late=late))
        except JournalError:
            assert "done" == (await lab.apply(tables)).ended.ending, number
            assert SMALL == lab.made(), number
            assert [] == await lab.still_open()
            number += 1
        else:
            wanted = lab.made()

    # Three steps of one table and four of the other, each with two facts, and the end.
    assert number >= 15


SMALL = {
    "tables": ["contacts"],
    "indexes": ["idx_contacts_age", "idx_contacts_email"],
    "columns": ["contacts.age", "contacts.email", "contacts.id"],
    "extruct": ["Accounts"],
    "keys": ["Accounts.profile"],
    "rows": [f'Accounts {{"input":"{n:03}.example"}}' for n in range(60)],
    "runs": ["Accounts"],
}


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("zangtable.create_table", "contacts create"),
        ("zangtable.create_index", "contacts index:idx_contacts_email"),
        ("extruct.create_table", "accounts create"),
        ("extruct.create_rows", "accounts rows:0"),
    ],
)
async def test_service_that_is_still_at_work(lab: "Lab", operation: str, step: str) -> None:
    """A call of a run that was killed, which takes effect while the next run is going on, is waited for and found."""
    lab.write("companies.csv", companies(60))
    lab.clock, lab.timeout, lab.policy = SystemClock(), 0.6, SettlePolicy(grace=0.9)
    lab.emulator.fault(operation, when="before", what="stall", stall_seconds=0.5, times=1)
    await killed_after(lab, BOTH, f"intent {step}")
    assert step in await lab.still_open()

    report = await lab.apply(BOTH)

    assert "done" == report.ended.ending
    assert SMALL == lab.made()
    assert [] == await lab.still_open()


async def test_intent_older_than_its_call(lab: "Lab") -> None:
    """A call may go out long after its intent was written; the grace counts from when the run that sent it was over."""
    tables = "- {target: research, key: accounts, name: Accounts}\n"
    lab.clock, lab.timeout, lab.policy = SystemClock(), 0.6, SettlePolicy(grace=0.9)
    lab.emulator.fault("extruct.create_table", when="before", what="stall", stall_seconds=0.5, times=1)
    await killed_after(lab, tables, "intent accounts create", waited=3600.0)

    report = await lab.apply(tables)

    assert {"accounts": "adopted"} == report.outcomes
    assert ["Accounts"] == lab.made()["extruct"]


async def killed_after(lab: "Lab", tables: str, fact: str, *, waited: float = 0.0) -> None:
    """Leave a run in the middle of what follows a fact, which is written as if it had come some seconds before."""
    written = asyncio.Event()

    async def meanwhile(what: str) -> None:
        if what == fact:
            written.set()

    manifest = lab.manifest(tables)
    async with (
        lab.journal() as journal,
        lab.run(Watching(meanwhile=meanwhile, waited=waited)(journal)) as run,
    ):
        events = run.run(expand(manifest), manifest="lab.yaml", digest="0", totals={"crm": 1, "research": 1})
        reading = asyncio.ensure_future(read(events))
        await written.wait()
        await asyncio.sleep(0.1)  # the call goes out meanwhile
        reading.cancel()
        await asyncio.wait([reading])


async def test_stop(lab: "Lab") -> None:
    """Stopped, a run begins no table; those under way are finished, and the next run goes on from there."""

    def seen(run: Apply, event: Event) -> None:
        if isinstance(event, TableDone):
            run.stop()

    first = await lab.apply(many(50), seen=seen)
    second = await lab.apply(many(50))

    assert "interrupted" == first.ended.ending
    assert lab.width <= len(first.tables) <= 2 * lab.width
    assert {"created"} == {*first.outcomes.values()}
    assert "done" == second.ended.ending
    assert len(first.tables) == second.ended.counts["unchanged"]
    assert 50 == len(lab.made()["tables"])


async def test_stop_at_the_end(lab: "Lab") -> None:
    """Stopped when nothing is left to begin, a run is done."""

    def seen(run: Apply, event: Event) -> None:
        if isinstance(event, TableDone):
            run.stop()

    assert "done" == (await lab.apply(many(3), seen=seen)).ended.ending


@pytest.mark.parametrize(("delay", "planned"), [(3600.0, 2), (0.0, 1001)], ids=["at-work", "full-queue"])
async def test_left(lab: "Lab", delay: float, planned: int) -> None:
    """A reader of the events that leaves, however far behind it is, ends the run; what was under way stays open."""
    service = Quick(delay, planned)
    services = {"crm": cast("Service", service)}
    async with lab.journal() as journal:
        run = Apply(services, journal, clock=SystemClock(), width=2)
        events = run.run(plain(2000), manifest="lab.yaml", digest="0", totals={"crm": 2000})
        assert isinstance(await anext(events), RunStarted)
        await service.planned.wait()

        await asyncio.wait_for(events.aclose(), 10)

        last = await journal.last_run()
    assert last is not None
    assert last.ending is None


class Quick:
    """A service that answers after *delay* seconds, and tells when it was asked for *enough* plans."""

    def __init__(self, delay: float, enough: int) -> None:
        self.planned = asyncio.Event()
        self._delay = delay
        self._left = enough

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
        """No groups."""
        return nullcontext()

    async def refresh(self) -> None:
        """Nothing to read."""

    async def plan(self, desired: Desired, _: Mapping[str, StepState]) -> TablePlan:
        """Nothing can be done."""
        self._left -= 1
        if self._left == 0:
            self.planned.set()
        await asyncio.sleep(self._delay)
        return TablePlan(desired=desired, action=Action.CONFLICT, reason="made up")


def plain(count: int) -> Iterator[Desired]:
    """Tables of no manifest."""
    for number in range(count):
        name = f"t{number}"
        yield Desired(
            target="crm",
            key=name,
            name=name,
            spec=ZangTableSpec(name=name),
            identity=name,
            digest="0",
            origin="lab:1",
        )


async def test_full_disk(lab: "Lab") -> None:
    """Once the journal cannot be written the run ends with that error, and nothing is sent whose intent is not in it."""
    watching = Watching(full=30)

    with pytest.raises(JournalError, match="the disk is full"):
        await lab.apply(many(100), around=watching)

    intents = sum(1 for what in watching.written[:30] if what.startswith("intent"))
    assert lab.calls("zangtable.create_table") <= intents
    assert len(lab.made()["tables"]) <= intents
    assert "done" == (await lab.apply(many(100))).ended.ending


async def test_token_that_is_not_valid(lab: "Lab") -> None:
    """With a token that is not valid nothing is made anywhere, and the run has failed."""
    lab.tokens["EXTRUCT_API_TOKEN"] = "wrong"
    lab.write("companies.csv", companies(1))

    with pytest.raises(AuthenticationFailed):
        await lab.apply(BOTH)

    assert 0 == sum(len(there) for there in lab.made().values())
    async with lab.journal() as journal:
        run = await journal.last_run()
    assert run is not None
    assert "failed" == run.ending


async def test_counts_add_up(lab: "Lab") -> None:
    """Each table is counted once, in the outcome that it is reported with."""
    await lab.apply("- {target: crm, name: t000}\n- {target: crm, name: odd, columns: [{name: a}]}\n")
    lab.emulator.fault("zangtable.create_table", when="after", what="drop", nth=5)
    lab.emulator.fault("zangtable.create_table", when="before", what="status", status=422, nth=7)

    report = await lab.apply(many(10) + "- {target: crm, name: odd, columns: [{name: a, type: REAL}]}\n")

    assert {"created": 7, "adopted": 1, "unchanged": 1, "failed": 2, "unknown": 0} == report.ended.counts
    assert Counter(report.outcomes.values()) == +Counter(report.ended.counts)
    assert 11 == len(report.tables) == sum(1 for event in report.events if isinstance(event, TableDone))


async def test_plan_that_fails(lab: "Lab") -> None:
    """A table that cannot be read fails alone, with the reason and the request id."""
    await lab.apply("- {target: crm, name: contacts}\n")
    lab.forget()
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=403)

    report = await lab.apply("- {target: crm, name: contacts}\n- {target: crm, name: others}\n")

    assert {"contacts": "failed", "others": "created"} == report.outcomes
    assert "zangtable.get_table" in report.tables["contacts"].reason
    assert "request id" in report.tables["contacts"].reason


async def test_rows_that_are_gone(lab: "Lab") -> None:
    """A table whose file of rows is gone by the time that it is read fails alone."""
    file = lab.write("companies.csv", companies(1))

    def seen(_: Apply, event: Event) -> None:
        if isinstance(event, RunStarted):
            file.write_text("input\n\x00broken", encoding="utf-16")

    report = await lab.apply(BOTH, seen=seen)

    assert {"contacts": "created", "accounts": "failed"} == report.outcomes
    assert "companies.csv" in report.tables["accounts"].reason
    assert [] == lab.made()["extruct"]


async def test_manifest_that_breaks_meanwhile(lab: "Lab") -> None:
    """When the tables cannot be read to their end the run has failed, and what was under way is settled by the next."""
    broken = ManifestError([Problem("lab.yaml", 1, 1, "", "gone")])

    def tables() -> Iterator[Desired]:
        yield from expand(lab.manifest(many(5)))
        raise broken

    async with lab.journal() as journal, lab.run(journal) as run:
        with pytest.raises(ManifestError, match="gone"):
            await read(run.run(tables(), manifest="lab.yaml", digest="0", totals={"crm": 6}))
        last = await journal.last_run()

    assert last is not None
    assert "failed" == last.ending
    assert "done" == (await lab.apply(many(5))).ended.ending
    assert 5 == len(lab.made()["tables"])


async def test_width_bounds_what_is_under_way(lab: "Lab") -> None:
    """No more tables are read ahead than are worked on at once: neither tasks nor tables pile up."""
    lab.width = 4
    under_way: list[int] = []

    def tables() -> Iterator[Desired]:
        for desired in plain(200):
            under_way.append(sum(1 for task in asyncio.all_tasks() if _works_on_a_table(task)))
            yield desired

    async with lab.journal() as journal, lab.run(journal) as run:
        await read(run.run(tables(), manifest="lab.yaml", digest="0", totals={"crm": 200}))

    assert 200 == len(under_way)
    assert max(under_way) <= 4
    assert 200 == len(lab.made()["tables"])


async def test_settling_takes_no_place(lab: "Lab") -> None:
    """Tables that wait to be settled hold up no other: more of them can wait than places are there."""
    lab.width = 2
    looking: set[str] = set()
    all_at_once = asyncio.Event()

    async def answer(sent: Sent) -> Verdict:
        looking.add(sent.body)
        if len(looking) == 20:
            all_at_once.set()
        await asyncio.wait_for(all_at_once.wait(), 10)
        return Found(None, "made up")

    report = await with_fake(lab, 20, Fake(send=lost, settle=answer))

    assert 20 == sum(1 for event in report if isinstance(event, TableDone) and event.outcome == "adopted")


async def test_settling_is_bounded(lab: "Lab") -> None:
    """When too many wait to be settled the others keep their places until one is done, and none waits for ever."""
    lab.width, lab.settling = 4, 3
    looking = 0
    most = 0

    async def answer(_: Sent) -> Verdict:
        nonlocal looking, most
        looking += 1
        most = max(most, looking)
        await asyncio.sleep(0.001)
        looking -= 1
        return NotThere() if most < 3 else Found(None, "made up")

    report = await asyncio.wait_for(with_fake(lab, 40, Fake(send=lost, settle=answer)), 20)

    assert 3 == most
    assert 40 == sum(1 for event in report if isinstance(event, TableDone))


async def test_success_that_is_not_understood(lab: "Lab") -> None:
    """A step that the service says is done is looked for, and sent by no run again when it is not found."""
    fake = Fake(send=misunderstood, settle=not_there)

    first = await with_fake(lab, 1, fake)
    second = await with_fake(lab, 1, fake)
    third = await with_fake(lab, 1, Fake(send=misunderstood, settle=found))

    assert 1 == fake.sent
    assert ["unknown", "unknown", "adopted"] == [done(report).outcome for report in (first, second, third)]
    assert "create: answered with success, and not there" in done(first).reason
    assert "answered 200, but not in the documented shape" in done(first).reason


async def test_call_that_cannot_be_made(lab: "Lab") -> None:
    """A step that cannot be put into a request fails alone: nothing was sent."""
    report = await with_fake(lab, 1, Fake(send=impossible, settle=found))

    assert "failed" == done(report).outcome
    assert "the path parameter table is ''" in done(report).reason


async def test_left_open_and_refused(lab: "Lab") -> None:
    """A step left open that proves to have been refused does not end its table: what is missing is planned anew."""
    sent = {"operation": "fake", "body": "t0", "first_sent_at": 1.0, "last_sent_at": 1.0}
    async with lab.journal() as journal:
        run = await journal.begin_run("lab.yaml", "0")
        intent = Intent(run_id=run.run_id, target="crm", key="t0", step=CREATE, at=1.0, detail={"sent": sent})
        await journal.intent(intent)

    report = await with_fake(lab, 1, Fake(send=answered, settle=existed))

    assert "created" == done(report).outcome


async def test_lost_and_refused(lab: "Lab") -> None:
    """A lost reply that proves to have been a refusal fails, with what was found instead."""
    report = await with_fake(lab, 1, Fake(send=lost, settle=existed))

    assert "failed" == done(report).outcome
    assert "create: the reply was lost, and somebody had made it before" == done(report).reason


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (Found(None, "by its name"), "adopted"),
        (Unclear("two are there"), "unknown"),
        (Existed("it is older"), "failed"),
        (NotThere(), "failed"),
    ],
)
async def test_lost_and_there_when_sent_again(lab: "Lab", second: Verdict, outcome: str) -> None:
    """What is in the way of the second sending may be what the first one made too late: it is looked for again."""
    replies: list[Callable[[str], object]] = [lost, refused]
    verdicts: list[Verdict] = [NotThere(), second]
    looked: list[Sent] = []

    def send(name: str) -> object:
        reply = replies.pop(0)
        return reply(name)

    async def settle(sent: Sent) -> Verdict:
        looked.append(sent)
        return verdicts.pop(0)

    report = await with_fake(lab, 1, Fake(send=send, settle=settle))

    assert outcome == done(report).outcome
    assert [1.0, 1.0] == [sent.first_sent_at for sent in looked]


async def test_refused_at_once(lab: "Lab") -> None:
    """A conflict with something that no sending of ours can have made is not looked into."""
    report = await with_fake(lab, 1, Fake(send=refused, settle=existed))

    assert "failed" == done(report).outcome
    assert "fake: it is there already" == done(report).reason


def done(events: list[Event]) -> TableDone:
    """How the only table ended."""
    (only,) = [event for event in events if isinstance(event, TableDone)]
    return only


async def with_fake(lab: "Lab", count: int, fake: "Fake") -> list[Event]:
    """Apply some tables to a service that is made up."""
    async with lab.journal() as journal:
        run = Apply(
            {"crm": cast("Service", fake)},
            journal,
            clock=SystemClock(),
            width=lab.width,
            settling=lab.settling,
        )
        return await read(run.run(plain(count), manifest="lab.yaml", digest="0", totals={"crm": count}))


class Fake:
    """
    A service, and its client, whose tables are one step each.

    Args:
        send: What becomes of a step; it is given the table's name.
        settle: What looking shows.
    """

    def __init__(self, *, send: Callable[[str], Any], settle: Callable[[Sent], Awaitable[Verdict]]) -> None:
        self.sent = 0
        self.client = self
        self.pacer = Pacer()
        self._send = send
        self._settle = settle

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
        """No groups."""
        return nullcontext()

    async def refresh(self) -> None:
        """Nothing to read."""

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Whatever the journal has not is missing."""
        if made(known, CREATE):
            return TablePlan(desired=desired, action=Action.UNCHANGED)
        step = Step(name=CREATE, operation=operations.CREATE_TABLE, body=desired.name)
        return TablePlan(desired=desired, action=Action.CREATE, steps=[step])

    def describe(self, *_: object, body: str, at: float, **__: object) -> Sent:
        """What settling needs."""
        return Sent(operation="fake", body=body, first_sent_at=at, last_sent_at=at)

    async def send(self, *_: object, body: str, **__: object) -> object:
        """Do as told."""
        self.sent += 1
        return self._send(body)

    async def settle(self, _: str, sent: Sent) -> Verdict:
        """Look as told."""
        return await self._settle(sent)

    def table_id(self, *_: object) -> None:
        """There are no ids."""


def answered(_: str) -> object:
    """A reply."""
    return SimpleNamespace(value=None)


def lost(name: str) -> object:
    """No reply."""
    sent = Sent(operation="fake", body=name, first_sent_at=1.0, last_sent_at=1.0)
    message = "no answer"
    raise OutcomeUnknown(message, record=CallRecord(operation="fake"), reason="made up", sent=sent)


def refused(_: str) -> object:
    """A conflict."""
    message = "it is there already"
    raise Conflict(message, record=CallRecord(operation="fake"), status=409)


def misunderstood(_: str) -> object:
    """A reply in another shape."""
    cause = DecodeError("made up", problems=["$.table: missing"])
    message = "answered 200, but not in the documented shape: $.table: missing"
    raise ReplyNotUnderstood(message, record=CallRecord(operation="fake"), cause=cause, raw=b"{}")


def impossible(_: str) -> object:
    """Nothing that could be sent."""
    message = "the path parameter table is ''; it must name something"
    raise RequestError(message)


async def found(_: Sent) -> Verdict:
    """It is there."""
    return Found(None, "made up")


async def not_there(_: Sent) -> Verdict:
    """It is not there."""
    return NotThere()


async def existed(_: Sent) -> Verdict:
    """Another one is there."""
    return Existed("somebody had made it before")


async def read(events: AsyncIterator[Event]) -> list[Event]:
    """All events."""
    return [event async for event in events]


def _works_on_a_table(task: "asyncio.Task[Any]") -> bool:
    return getattr(task.get_coro(), "__qualname__", "") == "Apply._table"


# Dependencies


ORDERED = """
- {target: research, name: Labels, depends_on: [{target: crm, key: albums}]}
- {target: crm, name: albums, depends_on: [artists]}
- {target: crm, name: artists}
- {target: crm, name: apart}
"""


async def test_dependencies_come_first(lab: "Lab") -> None:
    """A table is begun when what it depends on has ended, though its reply was lost and had to be looked for."""
    lab.emulator.fault("zangtable.create_table", when="after", what="drop", nth=1)

    report = await lab.apply(ORDERED)

    created = [call.operation for call in lab.emulator.calls if "create_table" in str(call.operation)]
    assert ["zangtable.create_table"] * 3 + ["extruct.create_table"] == created
    assert ["artists", "albums", "Labels"] == [key for key in report.tables if key != "apart"]
    assert "done" == report.ended.ending


async def test_nothing_is_made_on_top_of_a_failure(lab: "Lab") -> None:
    """What depends on a table that failed is reported as failed and not made, and so on; the next run makes it all."""
    lab.emulator.fault("zangtable.create_table", when="before", what="status", status=400, nth=1)

    report = await lab.apply(ORDERED)

    assert {
        "artists": "failed",
        "albums": "failed",
        "Labels": "failed",
        "apart": "created",
    } == report.outcomes
    assert "depends on crm/artists, which is not as desired" == report.tables["albums"].reason
    assert "depends on crm/albums, which is not as desired" == report.tables["Labels"].reason
    assert ["apart"] == lab.made()["tables"]

    again = await lab.apply(ORDERED)

    assert {"artists", "albums", "Labels", "apart"} == again.outcomes.keys()
    assert "done" == again.ended.ending


async def test_what_is_there_does_not_need_its_dependencies(lab: "Lab") -> None:
    """A table that is as desired is reported so, even when what it depends on has failed since."""
    await lab.apply("- {target: crm, name: albums}\n")
    lab.emulator.fault("zangtable.create_table", when="before", what="status", status=400, nth=1)

    report = await lab.apply(
        "- {target: crm, name: artists}\n- {target: crm, name: albums, depends_on: [artists]}\n"
    )

    assert {"artists": "failed", "albums": "unchanged"} == report.outcomes


# Rules: waves, the canary, failures, limits; rows that are refused


async def with_rules(
    lab: "Lab", tables: str, rules: Rules, *, confirm: Confirm | None = None, folder: bool = False
) -> list[Event]:
    """What such a run tells."""
    manifest = lab.manifest(tables)
    totals = Counter(desired.target for desired in expand(manifest))
    async with lab.journal() as journal, lab.services() as services:
        run = Apply(
            services,
            journal,
            clock=lab.clock,
            rules=rules,
            confirm=confirm,
            failed_rows=lab.folder / "failed" if folder else None,
        )
        return await read(run.run(expand(manifest), manifest="lab.yaml", digest="0", totals=totals))


def waves(events: list[Event]) -> list[WaveDone]:
    """The waves of a run."""
    return [event for event in events if isinstance(event, WaveDone)]


def end(events: list[Event]) -> tuple[str, str, int]:
    """How a run ended, why it began no more, and how many tables it finished."""
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last.ending, last.reason, sum(last.counts.values())


async def test_waves(lab: "Lab") -> None:
    """No table of a wave is begun before all of the one before are done; those that need nothing do not count."""
    await lab.apply(many(3))

    events = await with_rules(lab, many(10), Rules(wave=3))

    assert [(1, 3), (2, 3), (3, 1)] == [(wave.wave, wave.tables) for wave in waves(events)]
    first = events.index(waves(events)[0])
    done = [event for event in events[:first] if isinstance(event, TableDone)]
    assert 3 == len([event for event in done if event.outcome == "created"])
    assert ("done", "", 10) == end(events)


@pytest.mark.parametrize(
    ("rules", "finished", "reason"),
    [
        (Rules(max_failures=Tolerance(0), wave=1), 1, "1 table of wave 1 failed, and 0 may"),
        (Rules(max_failures=Tolerance(share=0.5), wave=2), 2, "2 tables of wave 1 failed, and 1 may"),
        (Rules(canary=1, max_failures=Tolerance(9)), 1, "1 table of the canary failed, and 0 may"),
    ],
)
async def test_too_many_failures(lab: "Lab", rules: Rules, finished: int, reason: str) -> None:
    """When more tables fail than may, no table is begun any more; the others are made by the next run."""
    lab.emulator.fault("zangtable.create_table", when="before", what="status", status=422)

    events = await with_rules(lab, many(20), rules)
    lab.emulator.clear_faults()

    assert ("failed", reason, finished) == end(events)
    assert [] == lab.made()["tables"]
    assert "done" == (await lab.apply(many(20))).ended.ending


@pytest.mark.parametrize("answer", [True, False, None], ids=["yes", "no", "nobody"])
async def test_canary(lab: "Lab", answer: bool | None) -> None:  # noqa: FBT001 -- a parameter of the test
    """After the canary somebody is asked; without a yes the run stops there, and the next one goes on."""
    asked: list[WaveDone] = []

    async def confirm(wave: WaveDone) -> bool:
        asked.append(wave)
        assert ["t000", "t001"] == lab.made()["tables"]
        return bool(answer)

    events = await with_rules(lab, many(9), Rules(canary=2), confirm=None if answer is None else confirm)

    canary = WaveDone(wave=1, canary=True, tables=2, failed=0)
    assert [canary] == waves(events)
    assert ([] if answer is None else [canary]) == asked
    assert (("done", "", 9) if answer else ("stopped", "the canary is done: 2 tables", 2)) == end(events)


async def test_stopped_while_somebody_is_asked(lab: "Lab") -> None:
    """Whoever stops the run while the question is open need not answer it."""
    asked = asyncio.Event()

    async def confirm(_: WaveDone) -> bool:
        asked.set()
        await asyncio.sleep(3600)
        return True

    manifest = lab.manifest(many(5))
    async with lab.journal() as journal, lab.services() as services:
        run = Apply(services, journal, clock=lab.clock, rules=Rules(canary=1), confirm=confirm)
        events = run.run(expand(manifest), manifest="lab.yaml", digest="0", totals={"crm": 5})
        reading = asyncio.ensure_future(read(events))
        await asked.wait()
        run.stop()

        assert ("interrupted", 1) == end(await reading)[::2]


async def test_limit_of_requests(lab: "Lab") -> None:
    """At the limit no table is begun any more, what is under way is finished, and the next run goes on."""
    events = await with_rules(lab, many(200), Rules(max_requests=20))

    ending, reason, finished = end(events)
    assert "stopped" == ending
    assert reason.endswith("requests were sent; 20 are allowed")
    assert 0 < finished < 200
    assert "done" == (await lab.apply(many(200))).ended.ending


async def test_limit_of_time(lab: "Lab") -> None:
    """The same of time."""
    ending, reason, finished = end(await with_rules(lab, many(3), Rules(max_seconds=0.0)))

    assert ("stopped", 0) == (ending, finished)
    assert reason.endswith(" s are over; 0 s are allowed")


class Slow:
    """A clock by which each look at it takes a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looks = 0

    def now(self) -> float:
        """Unix time in seconds."""
        return self._clock.now()

    def monotonic(self) -> float:
        """A second later than the last time."""
        self._looks += 1
        return self._clock.monotonic() + self._looks

    async def sleep(self, seconds: float) -> None:
        """Sleep as the clock does."""
        await self._clock.sleep(seconds)


async def test_how_far_it_is(lab: "Lab") -> None:
    """About once a second each target tells how far it is, and how long the rest takes at the pace that is allowed."""
    lab.clock = Slow(lab.clock)

    events = await with_rules(lab, many(20), NO_RULES)

    told = [event for event in events if isinstance(event, Progress)]
    assert {("crm", 20)} == {(event.target, event.tables) for event in told}
    assert [*range(1, 21)] == [event.done for event in told]
    assert all(event.requests >= event.done for event in told)
    assert told[0].seconds_left is not None
    assert 0.0 == told[-1].seconds_left


REFUSED = """
- target: research
  key: accounts
  name: Accounts
  columns: [{kind: input, name: Company, key: input}]
  rows: {from: companies.csv}
  run: true
"""


@pytest.mark.parametrize("folder", [True, False], ids=["kept", "not-kept"])
async def test_refused_rows(lab: "Lab", folder: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """Rows that are refused are kept in a file, the other batches are sent, and the agents are not started."""
    lab.write("companies.csv", companies(120))
    lab.emulator.fault("extruct.create_rows", when="before", what="status", status=422, nth=2)

    events = await with_rules(lab, REFUSED, NO_RULES, folder=folder)
    lab.emulator.clear_faults()

    (failed,) = [event for event in events if isinstance(event, RowsFailed)]
    assert ("rows:1", 50) == (failed.step, failed.rows)
    (table,) = [event for event in events if isinstance(event, TableDone)]
    assert table.reason.startswith("rows were refused: extruct.create_rows: ")
    assert 70 == len(lab.made()["rows"])
    assert [] == lab.made()["runs"]
    if not folder:
        assert failed.file is None
        return

    assert failed.file is not None
    shutil.copy(failed.file, lab.folder / "again.jsonl")
    again = REFUSED.replace("companies.csv", "again.jsonl")
    assert "done" == (await lab.apply(again)).ended.ending
    assert sorted(f'Accounts {{"input":"{n:03}.example"}}' for n in range(120)) == sorted(lab.made()["rows"])
    assert ["Accounts"] == lab.made()["runs"]


async def test_many_refusals(lab: "Lab") -> None:
    """Of many refusals the first is told, and the others are counted."""
    lab.write("companies.csv", companies(120))
    lab.emulator.fault("extruct.create_rows", when="before", what="status", status=422)

    report = await lab.apply(REFUSED)

    assert report.tables["accounts"].reason.endswith(", and 2 more")


async def test_rows_that_cannot_be_sent(lab: "Lab") -> None:
    """When it is not the rows that are refused, the other batches are not sent either."""
    lab.write("companies.csv", companies(120))
    lab.emulator.fault("extruct.create_rows", when="before", what="status", status=403)

    report = await lab.apply(REFUSED)

    assert 1 == lab.calls("extruct.create_rows")
    assert "failed" == report.outcomes["accounts"]


async def test_settings_are_sent_again(lab: "Lab") -> None:
    """A change of settings that was under way when a run was killed is simply made again: nothing is looked at."""
    table = "- {target: crm, name: a, display_name: A}\n"
    await lab.apply(table)
    lab.emulator.fault("zangtable.update_table", when="before", what="stall", stall_seconds=5.0, times=1)
    await killed_after(lab, table.replace("display_name: A", "display_name: B"), "intent a settings")
    lab.emulator.clear_faults()

    report = await lab.apply(table.replace("display_name: A", "display_name: C"))

    assert "created" == report.outcomes["a"]
    async with lab.services() as services:
        found = await cast("ZangTable", services["crm"].client).tables.get("a")
    assert "C" == found.table.display_name
    assert [] == await lab.still_open()


# The end


async def test_a_run_that_is_cancelled_from_within(lab: "Lab") -> None:
    """Work that ends by a cancellation of its own, before anything was told, ends the run, too."""

    class Cancelled:
        def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
            raise asyncio.CancelledError

    async with lab.journal() as journal:
        run = Apply({"crm": cast("Service", Cancelled())}, journal, clock=lab.clock)
        events = run.run([], manifest="m.yaml", digest="0", totals={"crm": 0})

        with pytest.raises(asyncio.CancelledError):
            await anext(events)


async def test_more_events_than_anybody_waits_for(lab: "Lab") -> None:
    """All events come, also when the work has ended long before they are taken."""
    tables = "".join(f"- {{target: crm, name: t{number}}}\n" for number in range(3))
    async with lab.journal() as journal, lab.run(journal) as run:
        run._events = asyncio.Queue(maxsize=2)
        seen = []
        async for event in run.run(
            expand(lab.manifest(tables)), manifest="m.yaml", digest="0", totals={"crm": 3, "research": 0}
        ):
            seen.append(event)
            await asyncio.sleep(0.05)

    assert isinstance(seen[-1], RunEnded)
    assert 3 == sum(isinstance(event, TableDone) for event in seen)
