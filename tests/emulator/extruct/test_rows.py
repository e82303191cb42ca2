"""Rows, runs, and how far a table is."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

# The second needs the first.
AGENTS = [
    {"kind": "agent", "name": key, "key": key, "value": {"agent_type": "llm", "prompt": prompt}}
    for key, prompt in (("a", "{input}"), ("b", "{a}"))
]
TABLE = {"kind": "generic", "column_configs": [{"kind": "input", "name": "Input", "key": "input"}, *AGENTS]}
TWO: dict[str, Any] = {
    "rows": [
        {"data": {"input": "https://stripe.com"}},
        {"data": {"input": "https://openai.com"}, "metadata": {"n": 1}},
    ],
    "run": False,
}


@pytest.fixture
async def table(extruct: Ask) -> dict[str, Any]:
    """A table with an input and two agents."""
    made: dict[str, Any] = (await extruct("POST", "/v1/tables", TABLE)).json
    return made


async def progress(extruct: Ask, table: dict[str, Any]) -> tuple[str, int, int]:
    """Run status, cells in progress, cells completed."""
    status = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]
    return status["run_status"], status["num_cells_in_progress"], status["num_cells_completed"]


async def test_add_rows(extruct: Ask, table: dict[str, Any], emulator: Emulator) -> None:
    """Rows are answered in the order of the request, data and metadata as they came."""
    answer = await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO)

    assert 200 == answer.status
    assert [row["data"] for row in TWO["rows"]] == [row["data"] for row in answer.json]
    assert [{}, {"n": 1}] == [row["metadata"] for row in answer.json]
    assert 2 == len({row["id"] for row in answer.json}) == emulator.count_rows(table["id"])
    assert ("idle", 0, 0) == await progress(extruct, table)
    strict.decode(answer.json, operations.CREATE_ROWS.result)


async def test_data_of_any_shape_comes_back(extruct: Ask, table: dict[str, Any]) -> None:
    """Unknown keys, nesting, empty keys and odd letters are kept."""
    data = {"input": {"deep": [1, None, {"": "\u0000é😀"}]}, "unknown": 2**60, "": False}

    await extruct("POST", f"/v1/tables/{table['id']}/rows", {"rows": [{"data": data}]})
    found = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json

    assert [data] == [row["data"] for row in found["rows"]]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"rows": [{"metadata": {}}]}, ["body", "rows", 0, "data"]),
        ({"rows": [{"data": []}]}, ["body", "rows", 0, "data"]),
        ({"rows": [{"data": {}, "metadata": 1}]}, ["body", "rows", 0, "metadata"]),
        ({}, ["body", "rows"]),
        ({"rows": [], "run": "yes"}, ["body", "run"]),
    ],
)
async def test_rows_that_are_refused(
    extruct: Ask, table: dict[str, Any], body: object, loc: list[Any]
) -> None:
    """FastAPI's 422, with the place."""
    answer = await extruct("POST", f"/v1/tables/{table['id']}/rows", body)

    assert (422, loc) == (answer.status, answer.json["detail"][0]["loc"])


async def test_data_in_windows(extruct: Ask, table: dict[str, Any]) -> None:
    """Offset and limit cut the rows; header and status are with every page."""
    rows = [{"data": {"input": n}} for n in range(5)]
    await extruct("POST", f"/v1/tables/{table['id']}/rows", {"rows": rows})

    async def inputs(query: str) -> list[int]:
        page = (await extruct("GET", f"/v1/tables/{table['id']}/data{query}")).json
        strict.decode(page, operations.GET_TABLE_DATA.result)
        assert (table["columns"], 5) == (page["columns"], page["status"]["num_rows"])
        return [row["data"]["input"] for row in page["rows"]]

    assert [0, 1, 2, 3, 4] == await inputs("")
    assert [1, 2] == await inputs("?offset=1&limit=2")
    assert [4] == await inputs("?offset=4&limit=2")
    assert 422 == (await extruct("GET", f"/v1/tables/{table['id']}/data?limit=x")).status


async def test_a_run_goes_on_with_the_clock(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """A cell begins when those that it needs are done; rows go side by side, a second a cell."""
    await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO)

    run = await extruct("POST", f"/v1/tables/{table['id']}/run", {"mode": "new"})

    assert {"status": "created", "rows": None, "columns": None, "num_requested_cells": 4, "mode": "new"} == {
        key: value for key, value in run.json.items() if key not in {"id", "created_at"}
    }
    strict.decode(run.json, operations.RUN_TABLE.result)
    seen = []
    for _ in range(3):
        data = (await extruct("GET", f"/v1/tables/{table['id']}/data?limit=1")).json["rows"][0]["data"]
        seen.append((*await progress(extruct, table), data["a"]["status"], data["b"]["status"]))
        clock.advance(1)
    assert [
        ("running", 4, 0, "pending", "requested"),
        ("running", 2, 2, "done", "pending"),
        ("idle", 0, 4, "done", "done"),
    ] == seen


async def test_rows_can_be_run_as_they_are_added(extruct: Ask, table: dict[str, Any]) -> None:
    """Only the new rows are worked on."""
    await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO)
    answer = await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO | {"run": True})

    assert {"status": "pending", "value": None} == answer.json[0]["data"]["a"]
    assert ("running", 4, 0) == await progress(extruct, table)


async def test_new_passes_over_what_has_a_value(
    extruct: Ask, table: dict[str, Any], clock: ManualClock
) -> None:
    """Cells that were brought, that are done, or that are being worked on are not requested again."""
    rows = [{"data": {"input": 1, "a": "brought"}}, {"data": {"input": 2, "a": None}}]
    await extruct("POST", f"/v1/tables/{table['id']}/rows", {"rows": rows})
    path = f"/v1/tables/{table['id']}/run"

    assert ("idle", 0, 1) == await progress(extruct, table)
    requested = [(await extruct("POST", path, {})).json["num_requested_cells"]]
    requested.append((await extruct("POST", path, {})).json["num_requested_cells"])
    clock.advance(10)
    requested.append((await extruct("POST", path, {"mode": "failed"})).json["num_requested_cells"])
    found = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json["rows"]
    requested.append((await extruct("POST", path, {"mode": "all"})).json["num_requested_cells"])

    assert [3, 0, 0, 4] == requested
    assert "brought" == found[0]["data"]["a"]
    assert "done" == found[1]["data"]["a"]["status"]
    assert ("running", 4, 0) == await progress(extruct, table)


async def test_a_run_has_a_scope(extruct: Ask, table: dict[str, Any], clock: ManualClock) -> None:
    """Rows and columns by their ids; input columns are passed over."""
    rows = (await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO)).json
    columns = [column["id"] for column in table["columns"]]
    scope = {"rows": [rows[1]["id"]], "columns": [columns[0], columns[2]]}

    run = (await extruct("POST", f"/v1/tables/{table['id']}/run", scope)).json
    found = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json["rows"]

    assert scope | {"num_requested_cells": 1} == {
        key: run[key] for key in ("rows", "columns", "num_requested_cells")
    }
    assert [{"input"}, {"input", "b"}] == [set(row["data"]) for row in found]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"mode": "stuck_failed_new"}, ["body", "mode"]),
        ({"mode": 5}, ["body", "mode"]),
        ({"rows": ["nope"]}, ["body", "rows", 0]),
        ({"columns": ["nope"]}, ["body", "columns", 0]),
        ({"rows": [5]}, ["body", "rows", 0]),
    ],
)
async def test_runs_that_are_refused(
    extruct: Ask, table: dict[str, Any], body: object, loc: list[Any]
) -> None:
    """Bad modes and ids of elsewhere, each at its place."""
    answer = await extruct("POST", f"/v1/tables/{table['id']}/run", body)

    assert (422, loc) == (answer.status, answer.json["detail"][0]["loc"])


async def test_a_run_may_lag(connect: Connect, clock: ManualClock) -> None:
    """For a while after it was accepted a run is not to be seen in the status."""
    async with Emulator(clock=clock, run_seconds=5, run_lag=3) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        table = (await extruct("POST", "/v1/tables", TABLE)).json
        await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO | {"run": True})
        seen = []
        for step in (0, 3, 5, 5):
            clock.advance(step)
            seen.append(await progress(extruct, table))

    assert [("idle", 0, 0), ("running", 4, 0), ("running", 2, 2), ("idle", 0, 4)] == seen


async def test_work_that_takes_no_time(connect: Connect, clock: ManualClock) -> None:
    """Zero seconds a cell means done at once."""
    async with Emulator(clock=clock, run_seconds=0) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        table = (await extruct("POST", "/v1/tables", TABLE)).json
        await extruct("POST", f"/v1/tables/{table['id']}/rows", TWO | {"run": True})

        assert ("idle", 0, 4) == await progress(extruct, table)
