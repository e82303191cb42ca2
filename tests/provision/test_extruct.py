"""Extruct: our tables are known by their marks, and each is planned from what it lacks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest
from attrs import evolve

from aiotables.core.convert import Converter
from aiotables.core.errors import AuthenticationFailed
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Existed, Found, NotThere
from aiotables.extruct import Extruct
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    RowCreate,
    RowsCreate,
    RunMode,
    TableCreate,
    TableData,
    TableHeaderWithStatus,
    TableKind,
    TableUpdate,
)
from aiotables.provision.desired import ExtructSpec
from aiotables.provision.expand import expand
from aiotables.provision.extruct import ExtructService, conflict
from aiotables.provision.journal import StepState
from aiotables.provision.rows import RowReader
from aiotables.provision.steps import CREATE, RUN, SETTINGS, TABLE_ID, Action, TablePlan


if TYPE_CHECKING:
    from tests.conftest import Lab

NOTHING: Mapping[str, StepState] = {}
INPUT = {"kind": "input", "name": "Company", "key": "input"}
AGENT: dict[str, Any] = {
    "kind": "agent",
    "name": "Profile",
    "key": "profile",
    "value": {"agent_type": "llm", "prompt": "Describe it.", "output_format": "text"},
}
ACCOUNTS = """
- target: research
  key: accounts
  name: Accounts
  kind: company
  description: Whom we sell to.
  tags: [mine]
  columns:
    - {kind: input, name: Company, key: input}
    - kind: agent
      name: Profile
      key: profile
      value: {agent_type: llm, prompt: Describe it., output_format: text}
  rows: [{input: a.example}, {input: b.example}, {input: a.example}]
  run: true
"""


async def planned(
    lab: "Lab", tables: str, known: Mapping[str, StepState] = NOTHING
) -> tuple[TablePlan, list[str]]:
    """What a table needs, as seen by a service that has just read what there is; and the names of the steps."""
    async with lab.services() as services:
        await services["research"].refresh()
        plan = await services["research"].plan(lab.desired(tables), known)
        steps = [*plan.steps]
        return evolve(plan, steps=steps), [step.name for step in steps]


async def test_new_table(lab: "Lab") -> None:
    """A table that is not there is made whole, with its mark after its own tags; then its rows, marked; then it is run."""
    desired = lab.desired(ACCOUNTS)

    plan, names = await planned(lab, ACCOUNTS)

    assert Action.CREATE is plan.action
    assert ["create", "rows:0", "run"] == names
    create, rows, run = plan.steps
    assert ("Accounts", TableKind.COMPANY, "Whom we sell to.") == (
        create.body.name,
        create.body.kind,
        create.body.description,
    )
    assert ["mine", desired.marker] == create.body.tags
    assert [INPUT, AGENT] == Converter().to_wire(create.body.column_configs)
    assert {"table_id": TABLE_ID} == rows.path == run.path
    assert ["a.example", "b.example", "a.example"] == [row.data["input"] for row in rows.body.rows]
    assert {f"{desired.identity}/0"} == {row.metadata["aiotables"] for row in rows.body.rows}
    assert RunMode.NEW is run.body.mode


async def test_plain_table(lab: "Lab") -> None:
    """What a manifest leaves out is left out."""
    plan, _ = await planned(lab, "- {target: research, name: Accounts}\n")

    (create,) = plan.steps
    assert UNSET is create.body.description
    assert UNSET is create.body.column_configs


async def test_rows_in_batches(lab: "Lab") -> None:
    """Rows go in batches of 50 at the most, made while they are read."""
    lab.write("companies.csv", "input\n" + "".join(f"{n}.example\n" for n in range(101)))
    tables = "- {target: research, name: Accounts, rows: {from: companies.csv}}\n"

    async with lab.services() as services:
        plan = await services["research"].plan(lab.desired(tables), NOTHING)
        steps = iter(plan.steps)

        assert "create" == next(steps).name
        assert [50, 50, 1] == [len(step.body.rows) for step in steps]


async def test_listing_in_pages(lab: "Lab") -> None:
    """However many tables a workspace holds, ours are found among them."""
    manifest = lab.manifest("".join(f"- {{target: research, key: k{n}, name: T}}\n" for n in range(120)))
    async with lab.services() as services:
        client = cast("Extruct", services["research"].client)
        await client.tables.create(TableCreate(name="Of somebody else"))
    await lab.apply("".join(f"- {{target: research, key: k{n}, name: T}}\n" for n in range(120)))

    async with lab.services() as services:
        await services["research"].refresh()
        actions = {(await services["research"].plan(desired, NOTHING)).action for desired in expand(manifest)}

    assert {Action.UNCHANGED} == actions


async def test_reading_anew(lab: "Lab") -> None:
    """What is read a second time takes the place of what was read before."""
    await lab.apply("- {target: research, name: Accounts}\n")

    async with lab.services() as services:
        service = services["research"]
        await service.refresh()
        await service.refresh()
        plan = await service.plan(lab.desired("- {target: research, name: Accounts}\n"), NOTHING)

    assert Action.UNCHANGED is plan.action


async def test_token_that_is_not_valid(lab: "Lab") -> None:
    """The listing tells whether the token is valid."""
    lab.tokens["EXTRUCT_API_TOKEN"] = "wrong"

    with pytest.raises(AuthenticationFailed):
        await planned(lab, ACCOUNTS)


async def test_listing_that_lags(lab: "Lab") -> None:
    """A table that the listing has not yet, and that the journal knows, is asked for by its id."""
    await lab.apply(ACCOUNTS)
    known = await lab.steps("research", "accounts")

    async with lab.services() as services:
        plan = await services["research"].plan(lab.desired(ACCOUNTS), known)

    assert Action.UNCHANGED is plan.action
    assert known[CREATE].remote_id == plan.table_id


async def test_known_table_costs_nothing(lab: "Lab") -> None:
    """A table that is listed, and in the journal as it is desired, is not read again."""
    await lab.apply(ACCOUNTS)
    known = await lab.steps("research", "accounts")
    sent = len(lab.emulator.calls)

    plan, _ = await planned(lab, ACCOUNTS, known)

    assert Action.UNCHANGED is plan.action
    assert 1 == len(lab.emulator.calls) - sent


async def test_other_kind(lab: "Lab") -> None:
    """A table that is there as another kind cannot be made right."""
    await lab.apply(ACCOUNTS)

    plan, _ = await planned(lab, ACCOUNTS.replace("kind: company", "kind: people"))

    assert Action.CONFLICT is plan.action
    assert "the table is there as company; people is desired" == plan.reason


async def test_renamed_table(lab: "Lab") -> None:
    """A table keeps its mark when people rename it; what they changed stays until the manifest asks for another."""
    await lab.apply(ACCOUNTS)
    ((table_id, _, _),) = lab.emulator.extruct_tables()
    async with lab.services() as services:
        client = cast("Extruct", services["research"].client)
        await client.tables.update(table_id, TableUpdate(name="By a person", description="By a person"))

    known = await lab.steps("research", "accounts")
    same, _ = await planned(lab, ACCOUNTS, known)
    tagged, _ = await planned(lab, ACCOUNTS.replace("[mine]", "[mine, ours]"), known)
    renamed, names = await planned(lab, ACCOUNTS.replace("name: Accounts", "name: Customers"), known)
    nothing_known, _ = await planned(lab, ACCOUNTS)

    assert (Action.UNCHANGED, "") == (same.action, same.reason)
    assert "changed: tags" == tagged.reason
    assert (Action.CHANGE, "changed: name", ["settings"]) == (renamed.action, renamed.reason, names)
    assert "changed: name, description" == nothing_known.reason


async def test_changed_settings(lab: "Lab") -> None:
    """Settings are changed in one call that keeps the tags of people and our mark, and the table is not run again."""
    await lab.apply(ACCOUNTS)
    ((table_id, _, _),) = lab.emulator.extruct_tables()
    changed = ACCOUNTS.replace("name: Accounts", "name: Customers").replace("[mine]", "[mine, ours]")

    report = await lab.apply(changed)

    assert ("created", 1) == (report.outcomes["accounts"], report.tables["accounts"].steps)
    async with lab.services() as services:
        table = await cast("Extruct", services["research"].client).tables.get(table_id)
    assert ("Customers", "Whom we sell to.") == (table.name, table.description)
    assert ["mine", lab.desired(ACCOUNTS).marker, "ours"] == table.tags
    assert ["Customers"] == lab.made()["runs"]
    assert "unchanged" == (await lab.apply(changed)).outcomes["accounts"]
    assert "unchanged" == (await lab.steps("research", "accounts"))["settings"].outcome


async def test_what_is_not_in_the_manifest(lab: "Lab") -> None:
    """Tables that nobody noted are told of, with the marks that they carry."""
    await lab.apply(ACCOUNTS + "- {target: research, name: Old}\n")
    async with lab.services() as services:
        client = cast("Extruct", services["research"].client)
        await client.tables.create(TableCreate(name="Foreign"))
        await services["research"].refresh()
        services["research"].want(lab.desired(ACCOUNTS))

        entries = services["research"].unwanted()

        assert entries is not None
        assert {("Old", True), ("Foreign", False)} == {(e.title, bool(e.definition)) for e in entries}


async def test_rows_without_their_marks(lab: "Lab") -> None:
    """Rows that lost their marks, or that a person entered, are known by their data; equal ones count singly."""
    await lab.apply(ACCOUNTS.split("  rows:", maxsplit=1)[0])
    ((table_id, _, _),) = lab.emulator.extruct_tables()
    async with lab.services() as services:
        client = cast("Extruct", services["research"].client)
        others = [RowCreate(data={"input": text}) for text in ("a.example", "other.example")]
        await client.rows.create(table_id, RowsCreate(rows=others))

    plan, names = await planned(lab, ACCOUNTS)

    assert "missing: 2 rows, run" == plan.reason
    assert ["rows:0", "run"] == names
    rows, _ = plan.steps
    assert ["a.example", "b.example"] == sorted(row.data["input"] for row in rows.body.rows)


class Stingy(Extruct):
    """A client of a service that never gives more than two rows."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- as of `Extruct`
        super().__init__(**options)
        whole = self.tables.data

        async def data(table_id: str, *, offset: int | None = None, limit: int | None = None) -> TableData:
            assert limit is not None
            return await whole(table_id, offset=offset, limit=2)

        self.tables.data = data  # type: ignore[method-assign] # a service that is stingy


async def test_service_that_gives_less_than_asked_for(lab: "Lab") -> None:
    """A short page of rows is not taken for the last one."""
    await lab.apply(ACCOUNTS)

    async with Stingy(token="extruct-emulator", base_url=lab.emulator.url) as client:
        with RowReader() as reader:
            service = ExtructService(client, reader)
            await service.refresh()
            plan = await service.plan(lab.desired(ACCOUNTS), NOTHING)
            service.close()

    assert Action.UNCHANGED is plan.action


async def test_run_that_was_not_begun(lab: "Lab") -> None:
    """A run is missing when the journal has what we made and no run after it; not when the table was only found."""
    await lab.apply(ACCOUNTS)
    known = await lab.steps("research", "accounts")
    without = {name: state for name, state in known.items() if name != RUN}

    assert ["run"] == (await planned(lab, ACCOUNTS, without))[1]
    assert ["run"] == (await planned(lab, ACCOUNTS, {CREATE: known[CREATE], **dict([*without.items()][1:])}))[
        1
    ]
    assert ["run"] == (await planned(lab, ACCOUNTS, {RUN: known[RUN], **without}))[1]
    assert [] == (await planned(lab, ACCOUNTS, known))[1]
    assert [] == (await planned(lab, ACCOUNTS, NOTHING))[1]
    assert [] == (await planned(lab, ACCOUNTS, {CREATE: evolve(known[CREATE], remote_id="other")}))[1]


async def test_run_that_is_not_wanted(lab: "Lab") -> None:
    """Where no run is asked for, none is missing."""
    tables = ACCOUNTS.replace("run: true", "run: false")
    await lab.apply(tables)

    assert [] == (await planned(lab, tables, await lab.steps("research", "accounts")))[1]


async def test_settles_a_run(lab: "Lab") -> None:
    """What became of a run is told by the cells: worked on, not worked on by the end of the grace, or gone."""
    await lab.apply(ACCOUNTS.replace("run: true", "run: false"))
    ((table_id, _, _),) = lab.emulator.extruct_tables()
    async with lab.services() as services:
        service = services["research"]
        client = cast("Extruct", service.client)
        sent = client.describe(operations.RUN_TABLE, path={"table_id": table_id}, at=lab.clock.now())
        began = lab.clock.monotonic()

        assert isinstance(await service.settle(RUN, sent), NotThere)
        assert isinstance(await service.settle(SETTINGS, sent), NotThere)
        assert lab.clock.monotonic() - began >= 60

        await client.tables.run(table_id)
        assert isinstance(await service.settle(RUN, sent), Found)

        await client.tables.delete(table_id)
        assert isinstance(await service.settle(RUN, sent), Existed)


async def test_settles_other_steps(lab: "Lab") -> None:
    """What became of any other step is looked for as the client does it."""
    await lab.apply(ACCOUNTS)
    async with lab.services() as services:
        service = services["research"]
        body = TableCreate(name="Accounts", tags=[lab.desired(ACCOUNTS).marker])
        verdict = await service.settle(
            CREATE, service.client.describe(operations.CREATE_TABLE, body=body, at=lab.clock.now())
        )

        assert isinstance(verdict, Found)
        assert lab.emulator.extruct_tables()[0][0] == service.table_id(CREATE, verdict.value)
        assert service.table_id(RUN, verdict.value) is None


def header(*configs: Mapping[str, Any]) -> TableHeaderWithStatus:
    """A company table with these columns."""
    columns = [{"id": "c", "created_at": "2026-01-01T00:00:00Z", "config": config} for config in configs]
    status = {"num_columns": len(columns), "run_status": "idle"}
    return Converter().decode(
        {
            "id": "t",
            "created_at": "2026-01-01T00:00:00Z",
            "name": "Accounts",
            "kind": "company",
            "columns": columns,
            "owner": {"id": "o", "email": "o@example.com"},
            "status": status,
            "child_relationships": [],
            "parent_relationships": [],
        },
        TableHeaderWithStatus,
    )


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ([INPUT, AGENT], None),
        ([INPUT], None),
        ([INPUT, {**AGENT, "value": {**AGENT["value"], "extra": {"added": "by the service"}}}], None),
        ([INPUT, {**AGENT, "name": "Portrait"}], "column profile is there with another name"),
        (
            [INPUT, {**AGENT, "name": "x", "value": {**AGENT["value"], "prompt": "Praise it."}}],
            "column profile is there with another name, value",
        ),
        ([{**INPUT, "key": "profile"}], "column profile is there with another kind, name, value"),
    ],
)
def test_conflict(there: list[Mapping[str, Any]], reason: str | None) -> None:
    """A column that is there with another config cannot be made right by adding; what the service added does no harm."""
    spec = ExtructSpec(name="Accounts", columns=(INPUT, AGENT))

    assert reason == conflict(spec, header(*there))
