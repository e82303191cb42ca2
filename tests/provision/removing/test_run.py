"""Runs that delete: on an emulator, with lost replies, and stopped at every write."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest
from attrs import frozen

from aiotables.core.clock import SystemClock
from aiotables.extruct.models import TableCreate, TableUpdate
from aiotables.provision.journal import JournalError, OutcomeKind, Record, SqliteJournal
from aiotables.provision.removing.events import RemovalEnded, RemovalEvent, RemovalStarted, Removed
from aiotables.provision.removing.run import Removal, RunNotFound


if TYPE_CHECKING:
    from tests.conftest import Lab

LABELS = "- {target: research, key: labels, name: Labels, rows: [{input: a.example}, {input: b.example}], run: true}\n"
SHOPS = "- {target: research, key: shops, name: Shops}\n"
CONTACTS = "- {target: crm, name: contacts, columns: [{name: email}]}\n"
CITY = "columns: [{kind: input, name: City, key: city}]"

Begin = Callable[[Removal], AsyncGenerator[RemovalEvent, None]]


@frozen
class Told:
    """What a run told."""

    events: list[RemovalEvent]

    @property
    def ended(self) -> RemovalEnded:
        """Its last event."""
        last = self.events[-1]
        assert isinstance(last, RemovalEnded)
        return last

    @property
    def fates(self) -> dict[str, str]:
        """What became of each thing."""
        things = [event for event in self.events if isinstance(event, Removed)]
        return {f"{event.key} {event.step}": event.fate.value for event in things}

    @property
    def reasons(self) -> list[str]:
        """Why things were not deleted."""
        return [event.reason for event in self.events if isinstance(event, Removed) and event.reason]


def destroying(run: Removal) -> AsyncGenerator[RemovalEvent, None]:
    """Destroy all."""
    return run.destroy(digest="0")


async def remove(
    lab: "Lab",
    tables: str,
    begin: Begin = destroying,
    *,
    around: Callable[[Record], Record] = lambda journal: journal,
    seen: Callable[[Removal, RemovalEvent], None] = lambda _run, _event: None,
    **options: Any,  # noqa: ANN401 -- of `Removal`
) -> Told:
    """Delete with a manifest of these tables."""
    manifest = lab.manifest(tables)
    events = []
    async with lab.journal() as journal, lab.services() as services:
        run = Removal(services, around(journal), manifest, clock=lab.clock, **options)
        async with aclosing(begin(run)) as stream:
            async for event in stream:
                seen(run, event)
                events.append(event)
    return Told(events)


async def last_run(lab: "Lab") -> str:
    """The id of the last run."""
    async with SqliteJournal.read(lab.state) as journal:
        run = await journal.last_run()
    assert run is not None
    return run.run_id


def rolling_back(run_id: str) -> Begin:
    """Roll a run back."""
    return lambda run: run.rollback(run_id, digest="0")


async def test_destroy(lab: "Lab") -> None:
    """Every table that was made is deleted, also one that left the manifest, and no other; all can be made again."""
    await lab.apply(LABELS + SHOPS)
    async with lab.services() as services:
        await cast("Any", services["research"].client).tables.create(TableCreate(name="Theirs"))

    told = await remove(lab, LABELS)

    assert {"labels create": "deleted", "shops create": "deleted"} == told.fates
    assert ["Theirs"] == lab.made()["extruct"]
    assert "done" == told.ended.ending
    assert {"deleted": 2, "gone": 0, "left": 0, "failed": 0, "unknown": 0} == told.ended.counts
    assert isinstance(told.events[0], RemovalStarted)
    assert told.events[0].run_id == told.ended.run_id == await last_run(lab)
    assert {} == (await remove(lab, LABELS)).fates
    again = await lab.apply(LABELS + SHOPS)
    assert 2 == again.ended.counts["created"]
    assert ["Labels", "Shops", "Theirs"] == lab.made()["extruct"]
    assert 2 == len(lab.made()["rows"])


async def test_protected(lab: "Lab") -> None:
    """What the manifest protects stays, and is told of."""
    await lab.apply(LABELS + SHOPS)

    told = await remove(lab, LABELS + SHOPS.replace("}", ", protect: true}"))

    assert {"labels create": "deleted", "shops create": "left"} == told.fates
    assert ["the manifest protects it"] == told.reasons
    assert "failed" == told.ended.ending
    assert ["Shops"] == lab.made()["extruct"]


async def test_table_without_its_mark(lab: "Lab") -> None:
    """A table whose mark somebody took away is not surely ours: it stays."""
    await lab.apply(SHOPS)
    async with lab.services() as services:
        client = cast("Any", services["research"].client)
        async for table in client.tables.list():
            await client.tables.update(table.id, TableUpdate(tags=[]))

    told = await remove(lab, SHOPS)

    assert {"shops create": "left"} == told.fates
    assert "does not carry the mark aiotables:" in told.reasons[0]
    assert ["Shops"] == lab.made()["extruct"]


async def test_table_that_was_there(lab: "Lab") -> None:
    """A table that apply found, and did not make, is not deleted."""
    await lab.apply(SHOPS)
    (lab.state / "journal.sqlite").unlink()
    await lab.apply(SHOPS)

    assert {} == (await remove(lab, SHOPS)).fates
    assert ["Shops"] == lab.made()["extruct"]


async def test_gone_already(lab: "Lab") -> None:
    """A table that somebody deleted before is told as gone, and the journal no longer counts it as made."""
    await lab.apply(SHOPS)
    async with lab.services() as services:
        client = cast("Any", services["research"].client)
        async for table in client.tables.list():
            await client.tables.delete(table.id)

    told = await remove(lab, SHOPS)

    assert {"shops create": "gone"} == told.fates
    assert "done" == told.ended.ending
    assert {} == (await remove(lab, SHOPS)).fates


async def test_lost_replies(lab: "Lab") -> None:
    """A deletion whose reply is lost is sent again; that the table is gone then means that it is done."""
    await lab.apply(LABELS + SHOPS)
    lab.emulator.fault("extruct.delete_table", when="after", what="drop", times=2)

    assert {"labels create": "deleted", "shops create": "deleted"} == (await remove(lab, LABELS)).fates


async def test_all_replies_lost(lab: "Lab") -> None:
    """When each repetition is lost too, what was done is unknown; the next run finishes it."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.delete_table", when="before", what="drop")

    first = await remove(lab, SHOPS)
    lab.emulator.clear_faults()
    second = await remove(lab, SHOPS)

    assert {"shops create": "unknown"} == first.fates
    assert "unknown" == first.ended.ending
    assert {"shops create": "deleted"} == second.fates
    assert [] == lab.made()["extruct"]


async def test_deleted_meanwhile(lab: "Lab") -> None:
    """What somebody else deletes between the look and the deletion is gone, as it should be."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.delete_table", when="after", what="status", status=404, times=1)

    assert {"shops create": "deleted"} == (await remove(lab, SHOPS)).fates


async def test_table_that_is_open(lab: "Lab") -> None:
    """A table of which nobody knows whether it was made is not deleted, and stays open."""
    lab.emulator.fault("zangtable.create_table", when="after", what="drop", times=1)
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=403)
    await lab.apply(CONTACTS)

    assert {} == (await remove(lab, CONTACTS)).fates
    assert ["contacts create"] == await lab.still_open()


async def test_refused(lab: "Lab") -> None:
    """What the service refuses is told with its reason, and stays made."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.delete_table", when="before", what="status", status=403, times=1)

    told = await remove(lab, SHOPS)

    assert {"shops create": "failed"} == told.fates
    assert "extruct.delete_table" in told.reasons[0]
    assert {"shops create": "deleted"} == (await remove(lab, SHOPS)).fates


async def test_unreadable(lab: "Lab") -> None:
    """A table that cannot be looked at is not deleted."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.get_table", when="before", what="status", status=403)

    assert {"shops create": "failed"} == (await remove(lab, SHOPS)).fates


async def test_target_that_left(lab: "Lab") -> None:
    """Tables of a target that the manifest has no more are left: nobody knows where they are."""
    await lab.apply(SHOPS)

    async with lab.journal() as journal, lab.services() as services:
        only = {"crm": services["crm"]}
        run = Removal(only, journal, lab.manifest(CONTACTS), clock=SystemClock())
        events = [event async for event in run.destroy(digest="0")]

    assert ["the manifest has no target research any more"] == Told(events).reasons


async def test_unreadable_target_of_an_open_deletion(lab: "Lab") -> None:
    """A deletion that an earlier run left open at such a target stays unknown."""
    await lab.apply(SHOPS)
    with pytest.raises(JournalError):
        await remove(lab, SHOPS, around=lambda journal: cast("Record", Full(journal, after=1)))

    async with lab.journal() as journal, lab.services() as services:
        run = Removal({"crm": services["crm"]}, journal, lab.manifest(CONTACTS), clock=SystemClock())
        events = [event async for event in run.destroy(digest="0")]

    assert {"shops create": "left"} == Told(events).fates
    assert "unknown" in {event.fate.value for event in events if isinstance(event, Removed)}


async def test_stopped(lab: "Lab") -> None:
    """Told to stop, it finishes what is under way, and the next one does the rest."""
    await lab.apply("".join(f"- {{target: research, key: k{n}, name: N}}\n" for n in range(20)))

    def stop(run: Removal, event: RemovalEvent) -> None:
        if isinstance(event, Removed):
            run.stop()

    first = await remove(lab, SHOPS, seen=stop, width=2)
    second = await remove(lab, SHOPS)

    assert "interrupted" == first.ended.ending
    assert 0 < first.ended.counts["deleted"] < 20
    assert 20 == first.ended.counts["deleted"] + second.ended.counts["deleted"]


class Full:
    """A journal whose disk is full after so many facts."""

    def __init__(self, journal: Record, *, after: int, late: bool = False) -> None:
        self._journal = journal
        self._left = after
        self._late = late

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the journal has
        return getattr(self._journal, name)

    async def intent(self, fact: Any) -> None:  # noqa: ANN401 -- an intent
        """Write an intent, or not."""
        await self._write(self._journal.intent, fact)

    async def outcome(self, fact: Any) -> None:  # noqa: ANN401 -- an outcome
        """Write an outcome, or not."""
        await self._write(self._journal.outcome, fact)

    async def _write(self, write: Any, fact: Any) -> None:  # noqa: ANN401 -- either
        self._left -= 1
        if self._left >= 0 or (self._late and self._left == -1):
            await write(fact)
        if self._left < 0:
            message = "was not written: the disk is full"
            raise JournalError(message, where="lab")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("after", range(5))
async def test_stopped_at_each_write(lab: "Lab", after: int, *, late: bool) -> None:
    """Wherever the journal ends, the next run deletes the rest, and apply makes all anew, once."""
    await lab.apply(LABELS)
    with pytest.raises(JournalError, match="disk is full"):
        await remove(
            lab, LABELS, around=lambda journal: cast("Record", Full(journal, after=after, late=late))
        )

    told = await remove(lab, LABELS)

    assert [] == lab.made()["extruct"]
    assert "done" == told.ended.ending
    assert {} == (await remove(lab, LABELS)).fates
    assert 1 == (await lab.apply(LABELS)).ended.counts["created"]
    assert ["Labels"] == lab.made()["extruct"]
    assert 2 == len(lab.made()["rows"])


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("after", range(5))
async def test_apply_after_a_deletion_that_was_cut(lab: "Lab", after: int, *, late: bool) -> None:
    """Apply finishes what a deletion left open before it looks at what is there; in the end the table is there once."""
    await lab.apply(LABELS)
    lab.emulator.fault("extruct.delete_table", when="after", what="drop", times=1)
    with pytest.raises(JournalError, match="disk is full"):
        await remove(
            lab, LABELS, around=lambda journal: cast("Record", Full(journal, after=after, late=late))
        )

    report = await lab.apply(LABELS)

    assert "done" == report.ended.ending
    assert ["Labels"] == lab.made()["extruct"]
    assert 2 == len(lab.made()["rows"])
    assert [] == await lab.still_open()


async def test_rollback(lab: "Lab") -> None:
    """Only what that run made is deleted: its table, and what it added to the table of an earlier run."""
    await lab.apply(LABELS)
    first = await last_run(lab)
    more = LABELS.replace("b.example}]", "b.example}, {input: c.example}], " + CITY)
    assert "created" == (await lab.apply(more + SHOPS)).outcomes["labels"]
    second = await last_run(lab)

    told = await remove(lab, more, rolling_back(second))

    assert {
        "shops create": "deleted",
        "labels columns": "deleted",
        "labels rows:1": "deleted",
        "labels run": "left",
    } == told.fates
    assert ["the work of a run cannot be undone"] == told.reasons
    assert ["Labels"] == lab.made()["extruct"]
    assert ['Labels {"input":"a.example"}', 'Labels {"input":"b.example"}'] == lab.made()["rows"]
    assert [] == lab.made()["keys"]

    again = await lab.apply(more + SHOPS)
    assert {"labels": "created", "shops": "created"} == again.outcomes
    assert 3 == len(lab.made()["rows"])

    told = await remove(lab, more, rolling_back(first))
    assert {"labels create": "deleted"} == {
        name: fate for name, fate in told.fates.items() if "create" in name
    }
    assert ["Shops"] == lab.made()["extruct"]


async def test_additions_that_are_gone(lab: "Lab") -> None:
    """Columns and rows that somebody deleted are told as gone."""
    await lab.apply(LABELS)
    more = LABELS.replace("b.example}]", "b.example}, {input: c.example}], " + CITY)
    await lab.apply(more)
    async with lab.services() as services:
        client = cast("Any", services["research"].client)
        async for table in client.tables.list():
            data = await client.tables.data(table.id)
            await client.rows.delete(table.id, [row.id for row in data.rows])
            columns = (await client.tables.get(table.id)).columns
            await client.columns.delete(table.id, columns[-1].id)

    told = await remove(lab, more, rolling_back(await last_run(lab)))

    assert {"labels columns": "gone", "labels rows:1": "gone", "labels run": "left"} == told.fates


async def test_rollback_twice(lab: "Lab") -> None:
    """A run that was rolled back has nothing left to roll back."""
    await lab.apply(LABELS)
    run_id = await last_run(lab)

    await remove(lab, LABELS, rolling_back(run_id))

    assert {} == (await remove(lab, LABELS, rolling_back(run_id))).fates


async def test_rollback_of_a_run_whose_table_was_made_anew(lab: "Lab") -> None:
    """The table that a later run made in the place of a deleted one is not touched."""
    await lab.apply(SHOPS)
    first = await last_run(lab)
    async with lab.services() as services:
        client = cast("Any", services["research"].client)
        async for table in client.tables.list():
            await client.tables.delete(table.id)
    await lab.apply(SHOPS)

    told = await remove(lab, SHOPS, rolling_back(first))

    assert {"shops create": "gone"} == told.fates
    assert ["Shops"] == lab.made()["extruct"]
    async with SqliteJournal.read(lab.state) as journal:
        assert OutcomeKind.CREATED is (await journal.steps("research", "shops"))["create"].outcome


async def test_rollback_of_no_run(lab: "Lab") -> None:
    """A run that the journal does not know is refused, with where to find those it knows."""
    await lab.apply(SHOPS)

    with pytest.raises(RunNotFound, match="knows no run run_x; `aiotables state runs` lists them"):
        await remove(lab, SHOPS, rolling_back("run_x"))


async def test_zangtable_tables(lab: "Lab") -> None:
    """No docs page names a call that deletes a ZangTable table: they are left, unless the likely call may be tried."""
    await lab.apply(CONTACTS)

    left = await remove(lab, CONTACTS)
    tried = await remove(lab, CONTACTS, undocumented=True)

    assert {"contacts create": "left"} == left.fates
    assert "--undocumented tries the likely one" in left.reasons[0]
    assert {"contacts create": "failed"} == tried.fates
    assert "405" in tried.reasons[0]
    assert ["contacts"] == lab.made()["tables"]


async def test_zangtable_additions(lab: "Lab") -> None:
    """A column that a run added to a table is dropped again; an index cannot be."""
    await lab.apply(CONTACTS)
    more = CONTACTS.replace("email}]", "email}, {name: age}], indexes: [{columns: [age]}]")
    await lab.apply(more)

    told = await remove(lab, more, rolling_back(await last_run(lab)))

    assert {"contacts column:age": "deleted", "contacts index:idx_contacts_age": "left"} == told.fates
