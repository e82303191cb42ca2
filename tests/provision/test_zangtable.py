"""ZangTable: what a project holds is read once, and each table is planned from that."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import pytest
from attrs import evolve

from aiotables.core.errors import AuthenticationFailed, ServerError
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Unclear
from aiotables.provision.desired import Desired, ZangTableColumn, ZangTableIndex, ZangTableSpec
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.snapshot import Entry
from aiotables.provision.steps import CREATE, Action, TablePlan
from aiotables.provision.zangtable import ZangTableService, conflict, other_definition
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Column,
    ColumnType,
    IndexCreate,
    QueryResult,
    SqlQuery,
    TableCreate,
    TableUpdate,
)


if TYPE_CHECKING:
    from tests.conftest import Lab

NOTHING: Mapping[str, StepState] = {}
CONTACTS = """
- target: crm
  name: Contacts
  display_name: All contacts
  columns:
    - {name: code, primary: true, nullable: false}
    - {name: email, unique: true, default: x@example.com}
  indexes: [{columns: [email, code], unique: true}]
"""


class Stingy(ZangTable):
    """A client of a service that never gives more than two rows."""

    async def query(self, query: SqlQuery) -> QueryResult:
        """See `ZangTable.query`."""
        return await super().query(evolve(query, limit=2))


def column(
    name: str, kind: str = "TEXT", *, null: bool = True, key: bool = False, unique: bool = False
) -> Column:
    """A column that is there."""
    return Column(
        id=1,
        table_name="t",
        column_name=name,
        column_type=ColumnType(kind),
        is_nullable=null,
        is_primary=key,
        is_unique=unique,
    )


def names(plan: TablePlan) -> list[str]:
    """The steps of a plan."""
    return [step.name for step in plan.steps]


async def planned(lab: "Lab", desired: Desired, known: Mapping[str, StepState] = NOTHING) -> TablePlan:
    """What a table needs, as seen by a service that has just read what there is."""
    async with lab.services() as services:
        await services["crm"].refresh()
        return await services["crm"].plan(desired, known)


async def test_new_table(lab: "Lab") -> None:
    """A table that is not there is made whole, with each field of the manifest, and then its indexes."""
    plan = await planned(lab, lab.desired(CONTACTS))

    assert Action.CREATE is plan.action
    create, index = plan.steps
    assert operations.CREATE_TABLE is create.operation
    key, email = create.body.columns
    assert ("Contacts", "All contacts") == (create.body.table_name, create.body.display_name)
    assert ("code", True, False) == (key.column_name, key.is_primary, key.is_nullable)
    assert ("email", True, "x@example.com") == (email.column_name, email.is_unique, email.default_value)
    assert UNSET is key.default_value
    assert "index:idx_Contacts_email_code" == index.name
    assert {"table": "Contacts"} == index.path
    assert (
        IndexCreate(columns=["email", "code"], index_name="idx_Contacts_email_code", unique=True)
        == index.body
    )


async def test_plain_table(lab: "Lab") -> None:
    """What a manifest leaves out is left out."""
    plan = await planned(lab, lab.desired("- {target: crm, name: contacts}\n"))

    (create,) = plan.steps
    assert TableCreate(table_name="contacts") == create.body


async def test_case_does_not_count(lab: "Lab") -> None:
    """SQLite takes names that differ in case alone as one, and so does planning."""
    await lab.apply(CONTACTS)

    plan = await planned(lab, lab.desired(CONTACTS.replace("Contacts", "CONTACTS").replace("email", "EMAIL")))

    assert (Action.UNCHANGED, []) == (plan.action, names(plan))


async def test_known_table_costs_nothing(lab: "Lab") -> None:
    """A table that is in the catalogue, and in the journal as it is desired, is not read again."""
    await lab.apply(CONTACTS)
    desired = lab.desired(CONTACTS)
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=500)

    plan = await planned(lab, desired, await lab.steps("crm", "Contacts"))

    assert Action.UNCHANGED is plan.action
    assert "1" == plan.table_id


async def test_index_that_is_gone(lab: "Lab") -> None:
    """An index that the journal knows is asked for when the catalogue had it not, and made anew when it is gone."""
    await lab.apply(CONTACTS.replace("  indexes", "#"))
    known = dict(await lab.steps("crm", "Contacts"))
    desired = lab.desired(CONTACTS)
    done = StepState(run_id="r", at=1.0, outcome=OutcomeKind.CREATED, detail={"table": "1"})

    plan = await planned(lab, desired, {**known, "index:idx_Contacts_email_code": done})

    assert ["index:idx_Contacts_email_code"] == names(plan)


async def test_index_made_since_the_catalogue_was_read(lab: "Lab") -> None:
    """An index that the journal knows, and that was made after the catalogue was read, is not made again."""
    await lab.apply(CONTACTS.replace("  indexes", "#"))
    done = StepState(run_id="r", at=1.0, outcome=OutcomeKind.ADOPTED, detail={"table": "1"})
    known = {**await lab.steps("crm", "Contacts"), "index:idx_Contacts_email_code": done}
    desired = lab.desired(CONTACTS)

    async with lab.services() as services:
        await services["crm"].refresh()
        async with lab.services() as others:
            zang = cast("ZangTable", others["crm"].client)
            body = IndexCreate(columns=["email", "code"], index_name="idx_contacts_EMAIL_code", unique=True)
            await zang.indexes.create("Contacts", body)
        plan = await services["crm"].plan(desired, known)

    assert (Action.UNCHANGED, []) == (plan.action, names(plan))


async def test_large_catalogue(lab: "Lab") -> None:
    """However much there is, all is read; a short page does not count as the last."""
    await lab.apply(
        "".join(f"- {{target: crm, name: t{number}, indexes: [{{columns: [id]}}]}}\n" for number in range(5))
    )
    sent = lab.calls("zangtable.query_records")

    async with Stingy(token="pat_emulator", project="acme", base_url=lab.emulator.url) as client:
        service = ZangTableService(client)
        await service.refresh()
        plans = [
            await service.plan(
                lab.desired(f"- {{target: crm, name: t{number}, indexes: [{{columns: [id]}}]}}\n"), NOTHING
            )
            for number in range(6)
        ]
        service.close()

    assert [Action.UNCHANGED] * 5 + [Action.CREATE] == [plan.action for plan in plans]
    # Ten names, two at a time, and a page with nothing on it.
    assert 6 == lab.calls("zangtable.query_records") - sent


async def test_reading_that_fails(lab: "Lab") -> None:
    """A token that is not valid, or a service that is down, ends the reading, and leaves nothing half read."""
    desired = lab.desired(CONTACTS)
    lab.emulator.fault("zangtable.query_records", when="before", what="status", status=500)
    with pytest.raises(ServerError):
        await planned(lab, desired)

    lab.tokens["ZANGTABLE_API_TOKEN"] = "wrong"
    with pytest.raises(AuthenticationFailed):
        await planned(lab, desired)


async def test_settles(lab: "Lab") -> None:
    """What became of a step is looked for as the client does it."""
    await lab.apply(CONTACTS)
    async with lab.services() as services:
        service = services["crm"]
        body = TableCreate(table_name="Contacts")
        sent = service.client.describe(operations.CREATE_TABLE, body=body, at=lab.clock.now() - 1)

        verdict = await service.settle(CREATE, sent)

    assert isinstance(verdict, Unclear)
    assert "a table 'Contacts' was made since the call, but with other columns" == verdict.reason


def test_table_id() -> None:
    """Only the creation of a table tells its number."""
    service = ZangTableService(cast("ZangTable", None))

    assert service.table_id("index:a", object()) is None
    service.close()


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ([column("id", key=True), column("A"), column("more")], None),
        ([column("other")], None),
        ([column("a", "REAL")], "column a is there as REAL; TEXT is desired"),
        ([column("a", key=True)], "column a is there as the primary key"),
        ([column("a", null=False)], "column a is there not nullable, unlike desired"),
        ([column("a", unique=True)], "column a is there unique, unlike desired"),
    ],
)
def test_conflict(there: list[Column], reason: str | None) -> None:
    """A column that is there in another way cannot be made right by adding; more columns do no harm."""
    assert reason == conflict(ZangTableSpec(name="t", columns=(ZangTableColumn(name="a"),)), there)


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ([column("k", key=True, unique=True, null=False)], None),
        ([column("k", null=False)], "column k is there but not as the primary key"),
        ([column("id", key=True)], "the table is there without its primary key k"),
    ],
)
def test_conflict_of_keys(there: list[Column], reason: str | None) -> None:
    """A primary key can neither be added nor taken away; that it is unique and not null is its nature."""
    assert reason == conflict(
        ZangTableSpec(name="t", columns=(ZangTableColumn(name="k", primary=True),)), there
    )


def test_conflict_of_looser_columns() -> None:
    """A column that is there looser than desired is a conflict, too."""
    spec = ZangTableSpec(name="t", columns=(ZangTableColumn(name="a", nullable=False),))
    assert "column a is there nullable, unlike desired" == conflict(spec, [column("a")])

    spec = ZangTableSpec(name="t", columns=(ZangTableColumn(name="a", unique=True),))
    assert "column a is there not unique, unlike desired" == conflict(spec, [column("a")])


async def test_title(lab: "Lab") -> None:
    """Another title is changed by one call; one that people changed stays until the manifest asks for another."""
    await lab.apply(CONTACTS)
    async with lab.services() as services:
        client = cast("ZangTable", services["crm"].client)
        await client.tables.update("Contacts", TableUpdate(display_name="By a person"))

    same = await lab.apply(CONTACTS.replace("unique: true, default", "unique: true, nullable: true, default"))
    added = await lab.apply(CONTACTS.replace("  indexes", "    - {name: age}\n  indexes"))
    retitled = await lab.apply(CONTACTS.replace("All contacts", "Everybody"))

    assert ["unchanged", "created", "created"] == [r.outcomes["Contacts"] for r in (same, added, retitled)]
    assert [0, 1, 1] == [r.tables["Contacts"].steps for r in (same, added, retitled)]
    async with lab.services() as services:
        found = await cast("ZangTable", services["crm"].client).tables.get("Contacts")
    assert "Everybody" == found.table.display_name


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ("- {target: crm, name: idx}\n", "index idx is there as a table"),
        (
            "- {target: crm, name: other, indexes: [{columns: [id], name: IDX}]}\n",
            "index idx is there on the table other",
        ),
        (
            "- {target: crm, name: t, columns: [{name: a}, {name: b}], indexes: [{columns: [b], name: idx}]}\n",
            "index idx is there on b; a is desired",
        ),
        (
            "- {target: crm, name: t, columns: [{name: a}], indexes: [{columns: [a], name: idx, unique: true}]}\n",
            "index idx is there unique, unlike desired",
        ),
    ],
    ids=["table", "elsewhere", "columns", "unique"],
)
async def test_index_of_another_definition(lab: "Lab", there: str, reason: str) -> None:
    """An index whose name something else has is a conflict, told before anything is made."""
    await lab.apply(there)
    wanted = "- {target: crm, name: t, columns: [{name: a}], indexes: [{columns: [a], name: idx}]}\n"

    ((plan, steps),) = await lab.plan(wanted)

    assert (Action.CONFLICT, reason, []) == (plan.action, reason, steps)
    assert reason == plan.reason


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (Entry(name="i", remote_id="", parent="t", definition="CREATE INDEX i ON t (a)"), None),
        (Entry(name="i", remote_id="", parent="t", definition="CREATE INDEX i ON t (lower(a))"), None),
        (
            Entry(name="i", remote_id="", parent="t", definition="CREATE UNIQUE INDEX i ON t (A)"),
            "unique, unlike desired",
        ),
    ],
)
def test_definitions(entry: Entry, told: str | None) -> None:
    """An index in a form of SQL that is not known here is taken for the one that is desired."""
    spec = ZangTableSpec(name="T", columns=(ZangTableColumn(name="a"),))

    assert told == other_definition(spec, ZangTableIndex(name="i", columns=("a",)), entry)


def test_definition_that_should_be_unique() -> None:
    """An index that is not unique and should be is told of."""
    entry = Entry(name="i", remote_id="", parent="t", definition="CREATE INDEX i ON t (a)")
    index = ZangTableIndex(name="i", columns=("a",), unique=True)

    assert "not unique, unlike desired" == other_definition(ZangTableSpec(name="t"), index, entry)


async def test_what_is_not_in_the_manifest(lab: "Lab") -> None:
    """Tables that nobody noted are told of, by the case of their names; without a catalogue nobody can tell."""
    await lab.apply(CONTACTS + "- {target: crm, name: Old, indexes: [{columns: [id]}]}\n")
    async with lab.services() as services:
        service = services["crm"]
        service.want(lab.desired(CONTACTS))
        assert service.unwanted() is None
        await service.refresh()
        service.want(lab.desired(CONTACTS))

        entries = service.unwanted()

        assert entries is not None
        assert ["Old"] == [entry.title for entry in entries]
