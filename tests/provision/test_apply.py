"""Runs: what they make, what they leave alone, what they report, and how they end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

from aiotables.core.clock import SystemClock
from aiotables.core.settle import SettlePolicy
from aiotables.extruct import Extruct
from aiotables.extruct._generated.models import TableCreate as ExtructTableCreate
from aiotables.provision.apply import Apply, RequestCount
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.events import Event, Refreshed, RunStarted, TableDone
from aiotables.provision.expand import expand
from aiotables.provision.journal import Intent, Journal, JournalError, Outcome, StepState
from aiotables.provision.steps import Action, Service, TablePlan
from aiotables.zangtable import ZangTable
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
    """

    def __init__(
        self,
        journal: Journal,
        *,
        full: float = float("inf"),
        late: bool = False,
        meanwhile: Meanwhile = nothing,
    ) -> None:
        self._journal = journal
        self._full = full
        self._late = late
        self._meanwhile = meanwhile
        self.written: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the journal has
        return getattr(self._journal, name)

    async def intent(self, intent: Intent) -> None:
        """Write an intent."""
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
    assert RunStarted(run_id=report.ended.run_id, tables=2, targets=("crm", "research")) == report.events[0]
    assert [Refreshed(target="crm"), Refreshed(target="research")] == report.events[1:3]
    assert "lab.yaml:7" == report.tables["t000"].origin
    assert report.ended.seconds >= 0


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


async def killed_after(lab: "Lab", tables: str, fact: str) -> None:
    """Leave a run in the middle of what follows a fact."""
    written = asyncio.Event()

    async def meanwhile(what: str) -> None:
        if what == fact:
            written.set()

    manifest = lab.manifest(tables)
    async with lab.journal() as journal, lab.run(Watching(meanwhile=meanwhile)(journal)) as run:
        events = run.run(expand(manifest), manifest="lab.yaml", digest="0", total=2)
        reading = asyncio.ensure_future(anext_of_all(events))
        await written.wait()
        await asyncio.sleep(0.1)  # the call goes out meanwhile
        reading.cancel()
        await asyncio.wait([reading])


async def anext_of_all(events: AsyncIterator[Event]) -> None:
    """Read events until there is none."""
    async for _ in events:
        pass


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
        run = Apply(services, journal, clock=SystemClock(), requests=RequestCount(), width=2)
        events = run.run(plain(2000), manifest="lab.yaml", digest="0", total=2000)
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
