"""Tables and columns, as the documentation's examples show them."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

strict = Converter(forbid_unknown=True)

RESEARCH: dict[str, Any] = {
    "name": "Company Research",
    "kind": "company",
    "column_configs": [{"kind": "input", "name": "Company", "key": "input"}],
}
DESCRIPTION: dict[str, Any] = {
    "kind": "agent",
    "name": "Description",
    "key": "description",
    "value": {
        "agent_type": "research_pro",
        "prompt": "Describe what the company does in 2 sentences.",
        "output_format": "text",
    },
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def keys(columns: list[dict[str, Any]]) -> list[str]:
    """The keys of columns, in order."""
    return [column["config"]["key"] for column in columns]


async def test_create_table_answers_as_documented(extruct: Ask) -> None:
    """The example of the page gives a header of the page's shape, with the service's own columns."""
    answer = await extruct("POST", "/v1/tables", RESEARCH)

    table = answer.json
    assert 200 == answer.status
    assert UUID.fullmatch(table["id"])
    assert {
        "created_at": "2026-06-02T01:23:45Z",
        "name": "Company Research",
        "kind": "company",
        "owner": {"id": "user_emulator", "email": "emulator@example.com"},
        "description": None,
        "tags": None,
        "child_relationships": [],
        "parent_relationships": [],
    } == {key: value for key, value in table.items() if key not in {"id", "columns"}}
    assert ["input", "company_profile", "company_name", "company_website"] == keys(table["columns"])
    assert RESEARCH["column_configs"][0] == table["columns"][0]["config"]
    strict.decode(table, operations.CREATE_TABLE.result)


async def test_a_table_of_nothing(extruct: Ask) -> None:
    """Every field may be left out."""
    table = (await extruct("POST", "/v1/tables", {})).json

    assert ("Untitled Table", "company") == (table["name"], table["kind"])


async def test_the_same_call_makes_another_table(extruct: Ask, emulator: Emulator) -> None:
    """Names need not differ."""
    ids = {
        (await extruct("POST", "/v1/tables", RESEARCH | {"tags": ["a", "b", "a"]})).json["id"]
        for _ in range(2)
    }

    assert 2 == len(ids)
    assert [("Company Research", ("a", "b", "a"))] * 2 == [
        (name, tags) for _, name, tags in emulator.extruct_tables()
    ]


async def test_unknown_keys_of_configs_are_kept(extruct: Ask) -> None:
    """A config comes back as it was sent."""
    config = DESCRIPTION | {"colour": {"r": 1}}
    config["value"] = config["value"] | {"extra_dependencies": ["input"]}

    table = (await extruct("POST", "/v1/tables", {"column_configs": [config]})).json

    assert config == table["columns"][-1]["config"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        (None, ["body"]),
        ([], ["body"]),
        ({"name": 5}, ["body", "name"]),
        ({"kind": "zork"}, ["body", "kind"]),
        ({"tags": "a"}, ["body", "tags"]),
        ({"column_configs": [{"kind": "input", "name": "a"}]}, ["body", "column_configs", 0, "key"]),
        (
            {"column_configs": [{"kind": "zork", "name": "a", "key": "a"}]},
            ["body", "column_configs", 0, "kind"],
        ),
        ({"column_configs": [DESCRIPTION, DESCRIPTION]}, ["body", "column_configs", 1, "key"]),
    ],
)
async def test_bodies_that_are_refused(
    extruct: Ask, emulator: Emulator, body: object, loc: list[Any]
) -> None:
    """FastAPI's 422, with the place of the fault; nothing is made."""
    answer = await extruct("POST", "/v1/tables", body)

    assert 422 == answer.status
    assert loc == answer.json["detail"][0]["loc"]
    assert {"loc", "msg", "type"} == set(answer.json["detail"][0])
    assert [] == emulator.extruct_tables()


async def test_get_table(extruct: Ask) -> None:
    """The header as created, and a status of an idle, empty table."""
    made = (await extruct("POST", "/v1/tables", RESEARCH)).json

    found = (await extruct("GET", f"/v1/tables/{made['id']}")).json

    assert made == {key: value for key, value in found.items() if key != "status"}
    assert {
        "num_columns": 4,
        "run_status": "idle",
        "num_rows": 0,
        "num_output_columns": 3,
        "num_input_columns": 1,
        "num_cells_completed": 0,
        "num_cells_in_progress": 0,
    } == found["status"]
    strict.decode(found, operations.GET_TABLE.result)


async def test_delete_table(extruct: Ask, emulator: Emulator) -> None:
    """The deleted table is answered; it, its rows and its cells are gone; the second call is 404."""
    made = (await extruct("POST", "/v1/tables", RESEARCH | {"tags": ["a"]})).json
    await extruct("POST", f"/v1/tables/{made['id']}/rows", {"rows": [{"data": {"input": "x"}}], "run": True})

    answer = await extruct("DELETE", f"/v1/tables/{made['id']}")
    again = await extruct("DELETE", f"/v1/tables/{made['id']}")

    assert (200, made) == (answer.status, answer.json)
    assert (404, {"detail": "Table not found"}) == (again.status, again.json)
    assert [] == emulator.extruct_tables()
    strict.decode(answer.json, operations.DELETE_TABLE.result)


@pytest.mark.parametrize("table_id", ["nope", "00000000-0000-0000-0000-000000000000", "%00", "a%27b"])
async def test_tables_that_are_not_there(extruct: Ask, table_id: str) -> None:
    """Any id that leads nowhere gives one answer."""
    for method, end, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("GET", "/data", None),
        ("POST", "/columns", {"column_configs": []}),
        ("POST", "/rows", {"rows": []}),
        ("POST", "/run", {}),
    ):
        answer = await extruct(method, f"/v1/tables/{table_id}{end}", body)
        assert (404, {"detail": "Table not found"}) == (answer.status, answer.json)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["a", "b", "x", "y"]),
        ({"insert_after": True}, ["a", "b", "x", "y"]),
        ({"insert_after": False}, ["x", "y", "a", "b"]),
    ],
)
async def test_add_columns(extruct: Ask, where: dict[str, Any], expected: list[str]) -> None:
    """New columns come at the end or the beginning, and they alone are answered."""
    configs = [{"kind": "input", "name": key, "key": key} for key in "abxy"]
    made = (await extruct("POST", "/v1/tables", {"kind": "generic", "column_configs": configs[:2]})).json

    answer = await extruct(
        "POST", f"/v1/tables/{made['id']}/columns", {"column_configs": configs[2:]} | where
    )
    after = (await extruct("GET", f"/v1/tables/{made['id']}")).json

    assert 200 == answer.status
    assert ["x", "y"] == keys(answer.json)
    assert expected == keys(after["columns"])
    strict.decode(answer.json, operations.CREATE_COLUMNS.result)


async def test_add_columns_after_one(extruct: Ask) -> None:
    """A column's id is a place, too; an unknown one is refused."""
    made = (await extruct("POST", "/v1/tables", RESEARCH)).json
    path = f"/v1/tables/{made['id']}/columns"

    refused = await extruct("POST", path, {"column_configs": [DESCRIPTION], "insert_after": "nope"})
    await extruct("POST", path, {"column_configs": [DESCRIPTION], "insert_after": made["columns"][1]["id"]})
    after = (await extruct("GET", f"/v1/tables/{made['id']}")).json

    assert (422, ["body", "insert_after"]) == (refused.status, refused.json["detail"][0]["loc"])
    assert ["input", "company_profile", "description", "company_name", "company_website"] == keys(
        after["columns"]
    )


async def test_a_column_is_added_once(extruct: Ask) -> None:
    """A key that the table has is refused."""
    made = (await extruct("POST", "/v1/tables", RESEARCH)).json

    answer = await extruct(
        "POST", f"/v1/tables/{made['id']}/columns", {"column_configs": RESEARCH["column_configs"]}
    )

    assert (422, ["body", "column_configs", 0, "key"]) == (answer.status, answer.json["detail"][0]["loc"])


@pytest.fixture
async def several(extruct: Ask, clock: ManualClock) -> list[str]:
    """Tables a to e, a second apart, with tags, kinds and rows."""
    ids = []
    for name, kind, tags, rows in (
        ("a", "company", ["x"], 0),
        ("b", "people", ["x", "y"], 2),
        ("c", "generic", ["z"], 1),
        ("d", "generic", None, 0),
        ("É", "generic", [], 3),
    ):
        body = {"name": name, "kind": kind, "tags": tags, "description": f"Number {name}"}
        ids.append((await extruct("POST", "/v1/tables", body)).json["id"])
        await extruct("POST", f"/v1/tables/{ids[-1]}/rows", {"rows": [{"data": {}}] * rows})
        clock.advance(1)
    return ids


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "Édcba"),
        ("sort=created_at", "abcdÉ"),
        ("sort=name", "abcdÉ"),
        ("sort=-name", "Édcba"),
        ("sort=num_rows", "adcbÉ"),
        ("sort=-num_rows", "Ébcda"),
        ("sort=name&offset=1&limit=2", "bc"),
        ("kind=generic&sort=name", "cdÉ"),
        ("scope=organization&sort=name", "abcdÉ"),
        ("tags=x&sort=name", "ab"),
        ("tags=y&tags=z&sort=name", "bc"),
        ("tags=nope", ""),
        ("search=NUMBER&sort=name", "abcdÉ"),
        ("search=number%20c", "c"),
        ("search=%C3%A9", "É"),
        ("search=nope", ""),
        ("search=%25", ""),
    ],
)
async def test_list_tables(extruct: Ask, several: list[str], query: str, names: str) -> None:
    """Filters, search, sorting and windows of the page; search knows no case of letters, and no wildcards."""
    answer = await extruct("GET", f"/v1/tables?{query}")

    assert list(names) == [table["name"] for table in answer.json]
    strict.decode(answer.json, operations.LIST_TABLES.result)


async def test_pages_tell_where_they_are(extruct: Ask, several: list[str]) -> None:
    """The five headers of the page."""
    answer = await extruct("GET", "/v1/tables?limit=2&offset=2&kind=generic")

    assert ["3", "2", "2", "2", "2"] == [
        answer.headers[f"x-extruct-pagination-{name}"]
        for name in ("total", "total-pages", "limit", "offset", "page")
    ]


async def test_an_item_of_a_list(extruct: Ask, several: list[str]) -> None:
    """No columns and no status; the time of the last change is that of the rows."""
    item = (await extruct("GET", "/v1/tables?tags=y")).json[0]

    assert {
        "id": several[1],
        "created_at": "2026-06-02T01:23:46Z",
        "updated_at": "2026-06-02T01:23:46Z",
        "name": "b",
        "description": "Number b",
        "tags": ["x", "y"],
        "kind": "people",
        "settings": {"exclude_from_search": False},
        "scope": "personal",
        "owner": {"id": "user_emulator", "email": "emulator@example.com"},
        "num_rows": 2,
    } == item


@pytest.mark.parametrize(("query", "status"), [("limit=101", 400), ("limit=0", 422), ("sort=zork", 422)])
async def test_lists_that_are_refused(extruct: Ask, query: str, status: int) -> None:
    """The statuses of the page."""
    assert status == (await extruct("GET", f"/v1/tables?{query}")).status
