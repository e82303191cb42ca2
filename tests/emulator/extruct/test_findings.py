"""People who are found at companies, in a table of their own."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Choices, Emulator, ManualClock
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

FINDER = {
    "kind": "company_people_finder",
    "name": "Decision Makers",
    "key": "decision_makers",
    "value": {"roles": ["VP Sales", "CFO"], "max_results": 2},
}
TABLE = {"name": "T", "column_configs": [FINDER]}
COMPANIES = {"rows": [{"data": {"input": "stripe.com"}}, {"data": {"input": "openai.com"}}]}


async def people_of(extruct: Ask, parent: str) -> dict[str, Any]:
    """The table of people of a table, with its rows."""
    (link,) = (await extruct("GET", f"/v1/tables/{parent}")).json["child_relationships"]
    assert "company_people" == link["relationship_type"]
    found: dict[str, Any] = (await extruct("GET", f"/v1/tables/{link['table_id']}/data")).json
    return found


@pytest.fixture
async def parent(extruct: Ask) -> str:
    """A company table with a people finder and two rows."""
    table = str((await extruct("POST", "/v1/tables", TABLE)).json["id"])
    await extruct("POST", f"/v1/tables/{table}/rows", COMPANIES)
    return table


async def test_a_run_finds_people(extruct: Ask, clock: ManualClock, parent: str) -> None:
    """When a finder is done its people are rows of a linked table, each under the row of the company."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    before = (await extruct("GET", f"/v1/tables/{parent}")).json["child_relationships"]
    clock.advance(10)
    people = await people_of(extruct, parent)
    companies = (await extruct("GET", f"/v1/tables/{parent}/data")).json["rows"]

    assert [] == before
    strict.decode(people, operations.GET_TABLE_DATA.result)
    assert ("people", "T - People") == (people["kind"], people["name"])
    assert [{"table_id": parent, "relationship_type": "company_people"}] == people["parent_relationships"]
    assert [company["id"] for company in companies for _ in range(2)] == [
        row["parent_row_id"] for row in people["rows"]
    ]
    assert ["VP Sales", "CFO"] * 2 == [row["data"]["role"]["value"]["answer"] for row in people["rows"]]
    # The finder takes a second after the second of the company's profile.
    assert {"2026-06-02T01:23:47Z"} == {row["created_at"] for row in people["rows"]}
    assert [person["full_name"] for person in companies[0]["data"]["decision_makers"]["value"]["answer"]] == [
        row["data"]["full_name"]["value"]["answer"] for row in people["rows"][:2]
    ]
    assert (4, 12) == (people["status"]["num_rows"], people["status"]["num_cells_completed"])


async def test_child_tables_are_not_listed(extruct: Ask, clock: ManualClock, parent: str) -> None:
    """Lists have root tables alone."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    clock.advance(10)
    listed = await extruct("GET", "/v1/tables")

    assert [parent] == [table["id"] for table in listed.json]
    assert "1" == listed.headers["x-extruct-pagination-total"]
    assert (await people_of(extruct, parent))["rows"]


async def test_people_are_found_once(extruct: Ask, clock: ManualClock, parent: str) -> None:
    """Another run, and another finder, add to the one table only who is not there yet."""
    counts = []
    for roles in (["VP Sales", "CFO"], ["CTO"]):
        column = (await extruct("GET", f"/v1/tables/{parent}")).json["columns"][-1]["id"]
        config = FINDER | {"value": {"roles": roles, "max_results": 2}}
        await extruct("PATCH", f"/v1/tables/{parent}/columns/{column}", config)
        for _ in range(2):
            await extruct("POST", f"/v1/tables/{parent}/run", {"mode": "all"})
            clock.advance(10)
            counts.append(len((await people_of(extruct, parent))["rows"]))

    assert [4, 4, 8, 8] == counts


async def test_people_go_with_their_company(extruct: Ask, clock: ManualClock, parent: str) -> None:
    """With a row go those who were found for it, and with a table its table of people."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    clock.advance(10)
    people = await people_of(extruct, parent)
    row = people["rows"][0]["parent_row_id"]
    await extruct("DELETE", f"/v1/tables/{parent}/rows", {"rows": [row]})
    left = await people_of(extruct, parent)
    await extruct("DELETE", f"/v1/tables/{parent}")
    gone = await extruct("GET", f"/v1/tables/{people['id']}")

    assert (2, 2) == (len(left["rows"]), left["status"]["num_rows"])
    assert 404 == gone.status


async def test_a_table_of_people_may_be_deleted(extruct: Ask, clock: ManualClock, parent: str) -> None:
    """Its parent stays, and the next run makes another."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    clock.advance(10)
    first = await people_of(extruct, parent)
    await extruct("DELETE", f"/v1/tables/{first['id']}")
    without = (await extruct("GET", f"/v1/tables/{parent}")).json["child_relationships"]
    await extruct("POST", f"/v1/tables/{parent}/run", {"mode": "all"})
    clock.advance(10)
    second = await people_of(extruct, parent)

    assert [] == without
    assert (4, True) == (len(second["rows"]), first["id"] != second["id"])


@pytest.mark.parametrize("way", ["create", "add", "change"])
async def test_the_table_of_people_may_be_there_at_once(connect: Connect, way: str) -> None:
    """The other choice, since the vendor's texts differ: it comes with the column."""
    async with Emulator(choices=Choices(people_table="add")) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        configs = [FINDER] if way == "create" else []
        made = (await extruct("POST", "/v1/tables", {"column_configs": configs})).json
        path = f"/v1/tables/{made['id']}/columns"
        if way == "add":
            await extruct("POST", path, {"column_configs": [FINDER]})
        if way == "change":
            column = made["columns"][-1]["id"]
            await extruct("PATCH", f"{path}/{column}", FINDER)
        people = await people_of(extruct, made["id"])

    assert ([], "people") == (people["rows"], people["kind"])
    assert (way == "create") is bool(made["child_relationships"])


async def test_a_finder_that_fails_finds_nobody(connect: Connect, clock: ManualClock) -> None:
    """No table is made for it, and a later attempt that succeeds makes it."""
    choices = Choices(failing_cells=["decision_makers:times=1"])
    async with Emulator(clock=clock, choices=choices) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        parent = (await extruct("POST", "/v1/tables", TABLE)).json["id"]
        await extruct("POST", f"/v1/tables/{parent}/rows", COMPANIES | {"run": True})
        clock.advance(10)
        nobody = (await extruct("GET", f"/v1/tables/{parent}")).json["child_relationships"]
        await extruct("POST", f"/v1/tables/{parent}/run", {"mode": "failed"})
        clock.advance(10)
        people = await people_of(extruct, parent)

    assert [] == nobody
    assert 4 == len(people["rows"])


@pytest.mark.parametrize("schema_only", ["false", "true"])
@pytest.mark.parametrize("of", ["parent", "child"])
async def test_the_whole_hierarchy_is_cloned(
    extruct: Ask, clock: ManualClock, parent: str, of: str, schema_only: str
) -> None:
    """Of whichever table a clone is asked, all that it is related to comes along, rows under the copies of their rows."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    clock.advance(10)
    child = (await people_of(extruct, parent))["id"]
    asked = parent if of == "parent" else child
    copy = (await extruct("POST", f"/v1/tables/{asked}/clone?schema_only={schema_only}")).json
    parents = copy["parent_relationships"]
    copied = parents[0]["table_id"] if parents else copy["id"]
    companies = (await extruct("GET", f"/v1/tables/{copied}/data")).json
    people = await people_of(extruct, copied)

    assert (of == "child") is bool(parents)
    assert not {parent, child} & {companies["id"], people["id"]}
    assert ("T (copy)", "T - People (copy)") == (companies["name"], people["name"])
    rows = [] if schema_only == "true" else [row["id"] for row in companies["rows"] for _ in range(2)]
    assert rows == [row["parent_row_id"] for row in people["rows"]]
    assert len(rows) == people["status"]["num_rows"]


async def test_a_clone_finds_what_its_table_was_looking_for(
    extruct: Ask, clock: ManualClock, parent: str
) -> None:
    """Work that goes on goes on in the copy, too, and each finds its own people."""
    await extruct("POST", f"/v1/tables/{parent}/run", {})
    copy = (await extruct("POST", f"/v1/tables/{parent}/clone")).json["id"]
    clock.advance(10)

    assert [4, 4] == [len((await people_of(extruct, table))["rows"]) for table in (parent, copy)]
    assert (await people_of(extruct, parent))["id"] != (await people_of(extruct, copy))["id"]
