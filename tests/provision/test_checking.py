"""What is there, compared with what should be."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, cast

import pytest

from aiotables.core.errors import CallError
from aiotables.extruct.models import TableCreate
from aiotables.provision import checking
from aiotables.provision.checking import Checked, CheckEnded, CheckEvent, NotSeen
from aiotables.provision.job import Job
from aiotables.provision.journal import SqliteJournal
from aiotables.zangtable.models import TableCreate as ZangTableCreate


if TYPE_CHECKING:
    from tests.conftest import Lab

CONTACTS = (
    "- {target: crm, name: Contacts, columns: [{name: email}, {name: age}], indexes: [{columns: [age]}]}\n"
)
DEALS = "- {target: crm, name: deals}\n"
LABELS = "- {target: research, key: labels, name: Labels, rows: [{input: a.example}, {input: b.example}]}\n"
SHOPS = "- {target: research, key: shops, name: Shops}\n"
ALL = CONTACTS + DEALS + LABELS + SHOPS

Check = Callable[["Lab", str], AsyncIterator[CheckEvent]]


async def verify(lab: "Lab", tables: str) -> AsyncIterator[CheckEvent]:
    """Verify such a manifest."""
    async with lab.services() as services:
        clients = {name: service.client for name, service in services.items()}
        with Job(lab.manifest(tables), clients, state=lab.state) as job:
            async for event in checking.verify(job):
                yield event


async def drift(lab: "Lab", tables: str) -> AsyncIterator[CheckEvent]:
    """Look for drift from such a manifest."""
    async with lab.services() as services, SqliteJournal.read(lab.state) as journal:
        clients = {name: service.client for name, service in services.items()}
        with Job(lab.manifest(tables), clients, state=lab.state) as job:
            async for event in checking.drift(job, journal):
                yield event


async def told(lab: "Lab", check: Check, tables: str) -> tuple[dict[str, str], bool]:
    """The condition of each table, by its key, and whether all was good."""
    events = [event async for event in check(lab, tables)]
    last = events[-1]
    assert isinstance(last, CheckEnded)
    checked = [event for event in events if isinstance(event, Checked)]
    assert len(checked) == sum(last.counts.values())
    return {event.key: event.condition.value for event in checked}, last.good


async def reasons(lab: "Lab", check: Check, tables: str) -> dict[str, str]:
    """Why a table is not as it should be, by its key."""
    return {event.key: event.reason async for event in check(lab, tables) if isinstance(event, Checked)}


async def client(lab: "Lab", target: str, do: Callable[[Any], Any]) -> None:
    """Do something that nobody knows of."""
    async with lab.services() as services:
        await do(cast("Any", services[target].client))


async def delete(lab: "Lab", name: str) -> None:
    """Somebody deletes an Extruct table."""

    async def do(extruct: Any) -> None:  # noqa: ANN401 -- a client
        async for table in extruct.tables.list():
            if table.name == name:
                await extruct.tables.delete(table.id)

    await client(lab, "research", do)


@pytest.mark.parametrize("check", [verify, drift])
async def test_all_is_as_desired(lab: "Lab", check: Check) -> None:
    """After apply every table is as desired; nothing is changed by looking."""
    await lab.apply(ALL)
    before = lab.made()

    conditions, good = await told(lab, check, ALL)

    assert {"as_desired"} == set(conditions.values())
    assert {"Contacts", "deals", "labels", "shops"} == set(conditions)
    assert good
    assert before == lab.made()


async def test_verify_without_a_journal(lab: "Lab") -> None:
    """To verify no journal is needed; before the first run everything is missing."""
    conditions, good = await told(lab, verify, ALL)

    assert {"missing"} == set(conditions.values())
    assert not good
    assert not lab.state.exists()


@pytest.mark.parametrize("check", [verify, drift])
async def test_deleted_by_somebody(lab: "Lab", check: Check) -> None:
    """A table that is gone is missing."""
    await lab.apply(ALL)
    await delete(lab, "Shops")

    conditions, good = await told(lab, check, ALL)

    assert ("missing", "as_desired") == (conditions["shops"], conditions["labels"])
    assert not good


@pytest.mark.parametrize("check", [verify, drift])
async def test_changed_by_somebody(lab: "Lab", check: Check) -> None:
    """A table that lacks a column or a row is changed, with what it lacks."""
    await lab.apply(ALL)

    async def drop_rows(extruct: Any) -> None:  # noqa: ANN401 -- a client
        async for table in extruct.tables.list():
            data = await extruct.tables.data(table.id)
            if data.rows:
                await extruct.rows.delete(table.id, [data.rows[0].id])

    await client(lab, "research", drop_rows)
    await client(lab, "crm", lambda zang: zang.columns.delete("Contacts", "email"))

    conditions, good = await told(lab, check, ALL)
    why = await reasons(lab, check, ALL)

    assert {
        "Contacts": "changed",
        "deals": "as_desired",
        "labels": "changed",
        "shops": "as_desired",
    } == conditions
    assert "missing: column:email" == why["Contacts"]
    assert "missing: 1 row" in why["labels"]
    assert not good


async def test_there_twice(lab: "Lab") -> None:
    """Two tables with one mark are one too many."""
    await lab.apply(SHOPS)
    mark = lab.desired(SHOPS).marker
    await client(lab, "research", lambda c: c.tables.create(TableCreate(name="Shops", tags=[mark])))

    conditions, good = await told(lab, verify, SHOPS)

    assert {"shops": "changed"} == conditions
    assert not good
    assert "2 tables carry the tag" in (await reasons(lab, verify, SHOPS))["shops"]


async def test_manifest_is_ahead(lab: "Lab") -> None:
    """What the manifest asks for and no run has made yet is pending, and no drift."""
    await lab.apply(CONTACTS + LABELS)

    conditions, good = await told(lab, drift, ALL.replace("{name: age}]", "{name: age}, {name: city}]"))

    assert {
        "Contacts": "pending",
        "deals": "pending",
        "labels": "as_desired",
        "shops": "pending",
    } == conditions
    assert good


async def test_left_the_manifest(lab: "Lab") -> None:
    """Tables that a run made and the manifest asks for no more are orphans, with their run; told once."""
    report = await lab.apply(ALL)

    conditions, good = await told(lab, drift, CONTACTS + LABELS)

    assert {
        "Contacts": "as_desired",
        "labels": "as_desired",
        "deals": "orphan",
        "shops": "orphan",
    } == conditions
    assert good
    assert f"made by {report.ended.run_id}, and" in (await reasons(lab, drift, CONTACTS + LABELS))["shops"]


async def test_unmanaged(lab: "Lab") -> None:
    """Tables of others are named, and that another manifest marked one."""
    await lab.apply(ALL)
    await client(lab, "crm", lambda zang: zang.tables.create(ZangTableCreate(table_name="Theirs")))
    await client(lab, "research", lambda c: c.tables.create(TableCreate(name="Own")))
    await client(
        lab,
        "research",
        lambda c: c.tables.create(TableCreate(name="Marked", tags=["aiotables:0123456789abcdef"])),
    )

    conditions, good = await told(lab, drift, ALL)

    assert {"Theirs", "Own", "Marked"} == {key for key, each in conditions.items() if each == "unmanaged"}
    assert good
    assert (
        "marked aiotables:0123456789abcdef, by another manifest" == (await reasons(lab, drift, ALL))["Marked"]
    )


async def test_catalogue_that_may_not_be_read(lab: "Lab") -> None:
    """Where tables cannot be listed, that is said; the tables of the manifest are looked at one by one."""
    await lab.apply(DEALS)
    lab.emulator.fault("zangtable.query_records", when="before", what="status", status=403)

    events = [event async for event in drift(lab, DEALS)]

    assert [Checked, NotSeen, CheckEnded] == [type(event) for event in events]
    assert "403" in cast("NotSeen", events[1]).reason


async def test_service_that_fails(lab: "Lab") -> None:
    """A service that cannot be read is an error, and not a finding."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.list_tables", when="before", what="status", status=403)

    with pytest.raises(CallError):
        await told(lab, verify, SHOPS)
