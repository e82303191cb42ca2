"""Tables, columns and rows, changed, copied, deleted."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

strict = Converter(forbid_unknown=True)

NOWHERE = "11111111-1111-1111-1111-111111111111"
INPUT = {"kind": "input", "name": "Input", "key": "input"}
AGENTS = [
    {"kind": "agent", "name": key, "key": key, "value": {"agent_type": "llm", "prompt": "{input}"}}
    for key in "ab"
]


@pytest.fixture
async def table(extruct: Ask) -> dict[str, Any]:
    """A table with an input, two agents and two rows."""
    body = {"name": "T", "kind": "generic", "tags": ["x"], "column_configs": [INPUT, *AGENTS]}
    made: dict[str, Any] = (await extruct("POST", "/v1/tables", body)).json
    rows = {"rows": [{"data": {"input": "one", "a": "given"}}, {"data": {"input": "two"}}], "run": True}
    made["rows"] = (await extruct("POST", f"/v1/tables/{made['id']}/rows", rows)).json
    return made


def keys(table: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Keys of the columns, in order."""
    return [column["config"]["key"] for column in table["columns"]]


async def test_update_table(extruct: Ask, table: dict[str, Any]) -> None:
    """The page's example; what is not sent stays."""
    path = f"/v1/tables/{table['id']}"
    answer = await extruct(
        "PATCH", path, {"name": "Company Research v2", "description": "Updated enrichment scope"}
    )
    tagged = await extruct("PATCH", path, {"tags": ["y"]})
    found = [len((await extruct("GET", f"/v1/tables?tags={tag}")).json) for tag in "xy"]

    assert ("Company Research v2", "Updated enrichment scope", ["x"]) == tuple(
        answer.json[key] for key in ("name", "description", "tags")
    )
    assert ("Company Research v2", ["y"]) == (tagged.json["name"], tagged.json["tags"])
    assert [0, 1] == found
    strict.decode(answer.json, operations.UPDATE_TABLE.result)


async def test_columns_move(extruct: Ask, table: dict[str, Any]) -> None:
    """Those that are named come first, the others keep their order."""
    last = table["columns"][2]["id"]
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}", {"columns_order": [last]})

    assert ["b", "input", "a"] == keys(answer.json)


@pytest.mark.parametrize("order", [["nope"], ["first", "first"]])
async def test_orders_that_are_refused(extruct: Ask, table: dict[str, Any], order: list[str]) -> None:
    """An unknown column, and one that is named twice, each by its place."""
    first = table["columns"][0]["id"]
    body = {"columns_order": [first if name == "first" else name for name in order]}
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}", body)

    assert 422 == answer.status
    assert ["body", "columns_order", len(order) - 1] == answer.json["detail"][0]["loc"]


async def test_clone_table(
    extruct: Ask, table: dict[str, Any], clock: ManualClock, emulator: Emulator
) -> None:
    """Columns, rows and the state of their cells, under ids of their own."""
    clock.advance(5)
    answer = await extruct("POST", f"/v1/tables/{table['id']}/clone")
    copy = (await extruct("GET", f"/v1/tables/{answer.json['id']}/data")).json
    original = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json

    assert ("T (copy)", ["x"]) == (answer.json["name"], answer.json["tags"])
    assert original["status"] == copy["status"]
    assert [row["data"] for row in original["rows"]] == [row["data"] for row in copy["rows"]]
    assert not {row["id"] for row in original["rows"]} & {row["id"] for row in copy["rows"]}
    assert not {each["id"] for each in table["columns"]} & {each["id"] for each in copy["columns"]}
    assert 2 == emulator.count_rows(copy["id"])
    strict.decode(answer.json, operations.CLONE_TABLE.result)


@pytest.mark.parametrize(("flag", "rows"), [("true", 0), ("0", 2), ("ON", 0)])
async def test_clone_the_schema(extruct: Ask, table: dict[str, Any], flag: str, rows: int) -> None:
    """Rows are left out when only the schema is wanted."""
    answer = await extruct("POST", f"/v1/tables/{table['id']}/clone?schema_only={flag}")
    copy = (await extruct("GET", f"/v1/tables/{answer.json['id']}")).json

    assert keys(table) == keys(copy)
    assert rows == copy["status"]["num_rows"]


async def test_a_flag_that_is_none(extruct: Ask, table: dict[str, Any]) -> None:
    """A word that is no boolean is refused by its parameter."""
    answer = await extruct("POST", f"/v1/tables/{table['id']}/clone?schema_only=maybe")

    assert (422, ["query", "schema_only"]) == (answer.status, answer.json["detail"][0]["loc"])


async def test_update_column(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """The whole config is replaced; cells that were worked on follow the new one."""
    clock.advance(5)
    column = table["columns"][2]
    value = {"agent_type": "llm", "prompt": "{input}", "output_format": "numeric"}
    config = {"kind": "agent", "name": "B", "key": "c", "value": value, "new_field": 1}
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/columns/{column['id']}", config)
    data = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json

    assert {"id": column["id"], "created_at": column["created_at"], "config": config} == answer.json
    assert ["input", "a", "c"] == keys(data)
    assert isinstance(data["rows"][0]["data"]["c"]["value"]["answer"], int)


async def test_a_column_becomes_an_input(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """The documented example: an input has no cells that are worked on."""
    clock.advance(5)
    column = table["columns"][2]["id"]
    body = {"kind": "input", "name": "Company", "key": "company"}
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/columns/{column}", body)
    status = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    assert body == answer.json["config"]
    assert (2, 2) == (status["num_input_columns"], status["num_cells_completed"])
    strict.decode(answer.json, operations.UPDATE_COLUMN.result)


@pytest.mark.parametrize(
    ("config", "loc"),
    [
        ({"kind": "input", "name": "A", "key": "input"}, ["body", "key"]),
        ({"kind": "zork", "name": "A", "key": "a"}, ["body", "kind"]),
        ({"kind": "input", "name": "A"}, ["body", "key"]),
        (AGENTS[0] | {"value": {"agent_type": "llm", "prompt": "{nope}"}}, ["body", "value", "prompt"]),
    ],
)
async def test_configs_that_are_refused(
    extruct: Ask, table: dict[str, Any], config: dict[str, Any], loc: list[str]
) -> None:
    """Partial and wrong configs, each by its place in the body."""
    column = table["columns"][1]["id"]
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/columns/{column}", config)

    assert 422 == answer.status
    assert loc == answer.json["detail"][0]["loc"]


async def test_delete_column(extruct: Ask, table: dict[str, Any]) -> None:
    """It is answered, its cells are gone, a second call finds nothing, and columns can be added in its place."""
    path = f"/v1/tables/{table['id']}/columns"
    column = table["columns"][1]
    answer = await extruct("DELETE", f"{path}/{column['id']}")
    again = await extruct("DELETE", f"{path}/{column['id']}")
    await extruct("POST", path, {"column_configs": [AGENTS[0]], "insert_after": table["columns"][0]["id"]})
    header = (await extruct("GET", f"/v1/tables/{table['id']}")).json

    assert column == answer.json
    assert (404, {"detail": "Column not found"}) == (again.status, again.json)
    assert ["input", "a", "b"] == keys(header)
    assert 2 == header["status"]["num_cells_in_progress"]
    strict.decode(answer.json, operations.DELETE_COLUMN.result)


async def test_update_rows(
    extruct: Ask, table: dict[str, Any], clock: ManualClock, emulator: Emulator
) -> None:
    """A row with an id is changed, one without is made; the answer is in the order of the request."""
    clock.advance(5)
    body = {
        "rows": [
            {"data": {"input": "three"}, "metadata": {"n": 3}},
            {"id": table["rows"][0]["id"], "data": {"a": None, "b": "mine"}, "metadata": {"n": 1}},
            {"id": table["rows"][0]["id"], "data": {"extra": 1}},
        ],
        "run": False,
    }
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/rows", body)
    status = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    made, first, second = answer.json
    assert ({"input": "three"}, {"n": 3}) == (made["data"], made["metadata"])
    assert first == second
    assert {"input": "one", "a": None, "b": "mine", "extra": 1} == first["data"]
    assert {"n": 1} == first["metadata"]
    assert (3, 3) == (status["num_rows"], status["num_cells_completed"])
    assert 3 == emulator.count_rows(table["id"])
    strict.decode(answer.json, operations.UPDATE_ROWS.result)


async def test_update_rows_and_run(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """The page's example with a run: only cells without a value are worked on."""
    clock.advance(5)
    row = table["rows"][0]["id"]
    body = {"rows": [{"id": row, "data": {"input": "https://stripe.com", "a": None}}], "run": True}
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/rows", body)
    status = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    assert "pending" == answer.json[0]["data"]["a"]["status"]
    assert ("running", 1) == (status["run_status"], status["num_cells_in_progress"])


async def test_rows_that_are_not_there(extruct: Ask, table: dict[str, Any]) -> None:
    """One unknown id, and nothing is changed or made."""
    body = {"rows": [{"data": {"input": "new"}}, {"id": NOWHERE, "data": {}}]}
    answer = await extruct("PATCH", f"/v1/tables/{table['id']}/rows", body)
    status = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    assert (404, {"detail": "Row not found"}) == (answer.status, answer.json)
    assert 2 == status["num_rows"]


async def test_delete_rows(extruct: Ask, table: dict[str, Any], emulator: Emulator) -> None:
    """Those that were there are answered, once; a second call answers none."""
    row = table["rows"][1]["id"]
    path = f"/v1/tables/{table['id']}/rows"
    answer = await extruct("DELETE", path, {"rows": [row, NOWHERE, row]})
    again = await extruct("DELETE", path, {"rows": [row]})

    assert [row] == answer.json
    assert (200, []) == (again.status, again.json)
    assert 1 == emulator.count_rows(table["id"])
    strict.decode(answer.json, operations.DELETE_ROWS.result)


async def test_ids_that_are_none(extruct: Ask, table: dict[str, Any]) -> None:
    """What is no UUID is refused by its place."""
    answer = await extruct("DELETE", f"/v1/tables/{table['id']}/rows", {"rows": [NOWHERE, "x"]})

    assert (422, ["body", "rows", 1]) == (answer.status, answer.json["detail"][0]["loc"])


async def test_get_row(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """The row with its status and the columns of the table."""
    path = f"/v1/tables/{table['id']}/rows/{table['rows'][1]['id']}"
    running = await extruct("GET", path)
    clock.advance(5)
    idle = await extruct("GET", path)
    missing = await extruct("GET", f"/v1/tables/{table['id']}/rows/nope")

    assert ["running", "idle"] == [each.json["status"] for each in (running, idle)]
    assert "done" == idle.json["data"]["b"]["status"]
    assert ["input", "a", "b"] == keys(idle.json)
    assert (404, {"detail": "Row not found"}) == (missing.status, missing.json)
    strict.decode(idle.json, operations.GET_ROW.result)
