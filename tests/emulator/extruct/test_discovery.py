"""Discovery tasks: made, followed, resumed."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.emulator.extruct.companies import companies
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

TASKS = "/v1/discovery_tasks"
QUERY = {"query": "vertical SaaS companies serving freight forwarding"}


async def test_a_task_goes_on_by_the_clock(extruct: Ask, clock: ManualClock) -> None:
    """Waiting, discovering, enriching, evaluating, done; results are seen once evaluated."""
    made = await extruct("POST", TASKS, QUERY | {"desired_num_results": 10})
    seen = []
    for _ in range(6):
        task = (await extruct("GET", f"{TASKS}/{made.json['id']}")).json
        keys = ("status", "num_results_discovered", "num_results_enriched", "num_results_evaluated")
        seen.append(tuple(task[key] for key in keys))
        clock.advance(1)

    assert [
        ("created", 0, 0, 0),
        ("in_progress", 0, 0, 0),
        ("in_progress", 10, 0, 0),
        ("in_progress", 10, 10, 0),
        ("in_progress", 10, 10, 10),
        ("done", 10, 10, 10),
    ] == seen
    assert ("matches_query", True, False) == (
        made.json["criteria"][0]["key"],
        made.json["auto_data_sources"],
        made.json["is_exhausted"],
    )
    strict.decode(made.json, operations.CREATE_DISCOVERY_TASK.result)


async def test_results(extruct: Ask, clock: ManualClock) -> None:
    """The most relevant first, each graded by every criterion; the task counts those that are good."""
    criteria = [{"key": "has_api", "name": "Has an API", "criterion": "The company has a public API."}]
    body = QUERY | {"desired_num_results": 9, "criteria": criteria}
    made = await extruct("POST", TASKS, body)
    none = await extruct("GET", f"{TASKS}/{made.json['id']}/results")
    clock.advance(5)
    answer = await extruct("GET", f"{TASKS}/{made.json['id']}/results")
    page = await extruct("GET", f"{TASKS}/{made.json['id']}/results?offset=2&limit=3")

    results = answer.json["results"]
    relevance = [result["relevance"] for result in results]
    assert [] == none.json["results"]
    assert 9 == len(results)
    assert sorted(relevance, reverse=True) == relevance
    assert "web_search" == results[0]["source"]
    assert {"has_api"} == set(results[0]["scores"])
    assert answer.json["num_results"] == sum(result["scores"]["has_api"]["grade"] >= 4 for result in results)
    assert results[2:5] == page.json["results"]
    strict.decode(answer.json, operations.GET_DISCOVERY_RESULTS.result)


async def test_resume(extruct: Ask, clock: ManualClock) -> None:
    """More results come, those that were there stay, up to the documented number of them."""
    made = (await extruct("POST", TASKS, QUERY | {"desired_num_results": 10})).json
    clock.advance(5)
    before = (await extruct("GET", f"{TASKS}/{made['id']}/results")).json["results"]
    answer = await extruct("POST", f"{TASKS}/{made['id']}/resume", {})
    clock.advance(5)
    after = (await extruct("GET", f"{TASKS}/{made['id']}/results")).json["results"]

    assert ("created", 35, 10) == tuple(
        answer.json[key] for key in ("status", "desired_num_results", "num_results_evaluated")
    )
    assert before == after[:10]
    assert 35 == len(after)
    strict.decode(answer.json, operations.RESUME_DISCOVERY_TASK.result)


async def test_an_exhausted_task(extruct: Ask, clock: ManualClock) -> None:
    """Exhaustion is told before the end, and then there is nothing to be resumed."""
    made = (await extruct("POST", TASKS, QUERY | {"desired_num_results": 240})).json
    clock.advance(2)
    early = (await extruct("GET", f"{TASKS}/{made['id']}")).json
    answer = await extruct("POST", f"{TASKS}/{made['id']}/resume", {"desired_new_results": 5})

    assert ("in_progress", True, len(companies())) == (
        early["status"],
        early["is_exhausted"],
        early["num_results_discovered"],
    )
    assert (400, {"detail": "The task is exhausted"}) == (answer.status, answer.json)


async def test_what_was_found_can_be_excluded(extruct: Ask, clock: ManualClock) -> None:
    """Domains and the results of tasks that are done are not found again."""
    first = (await extruct("POST", TASKS, {"query": "freight", "desired_num_results": 3})).json
    clock.advance(5)
    body = {
        "query": "freight",
        "desired_num_results": 3,
        "exclude_domains": ["https://www.sap.com/x"],
        "exclude_task_ids": [first["id"]],
        "auto_data_sources": False,
        "data_sources": ["maps"],
    }
    second = (await extruct("POST", TASKS, body)).json
    clock.advance(5)
    found = [
        (await extruct("GET", f"{TASKS}/{task['id']}/results")).json["results"] for task in (first, second)
    ]
    domains = [{result["company_website"] for result in results} for results in found]

    assert not domains[0] & domains[1]
    assert sorted({*domains[0], "sap.com"}) == second["exclude_domains"]
    assert "maps" == found[1][0]["source"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["query"]),
        ({"query": ""}, ["query"]),
        (QUERY | {"desired_num_results": 0}, ["desired_num_results"]),
        (QUERY | {"desired_num_results": 251}, ["desired_num_results"]),
        (QUERY | {"data_sources": ["dreams"]}, ["data_sources", 0]),
        (QUERY | {"auto_data_sources": False}, ["data_sources"]),
        (
            QUERY | {"criteria": [{"key": "1", "name": "n", "criterion": "0123456789"}]},
            ["criteria", 0, "key"],
        ),
        (
            QUERY | {"criteria": [{"key": "k", "name": "", "criterion": "0123456789"}]},
            ["criteria", 0, "name"],
        ),
        (QUERY | {"criteria": [{"key": "k", "name": "n", "criterion": "x"}]}, ["criteria", 0, "criterion"]),
        (QUERY | {"exclude_domains": ["x"]}, ["exclude_domains", 0]),
        (QUERY | {"exclude_task_ids": ["x"]}, ["exclude_task_ids", 0]),
        (QUERY | {"exclude_task_ids": ["x"] * 101}, ["exclude_task_ids"]),
        (QUERY | {"table": {"id": "x"}}, ["table", "id"]),
    ],
)
async def test_tasks_that_are_refused(extruct: Ask, body: object, loc: list[Any]) -> None:
    """Each by its place, and no task is made."""
    answer = await extruct("POST", TASKS, body)

    assert (422, ["body", *loc]) == (answer.status, answer.json["detail"][0]["loc"])
    assert [] == (await extruct("GET", TASKS)).json


async def test_a_task_that_is_not_done_cannot_be_excluded(extruct: Ask) -> None:
    """Its results are not final."""
    first = (await extruct("POST", TASKS, QUERY)).json
    answer = await extruct("POST", TASKS, QUERY | {"exclude_task_ids": [first["id"]]})

    assert (422, ["body", "exclude_task_ids", 0]) == (answer.status, answer.json["detail"][0]["loc"])


async def test_too_many_exclusions_in_all(extruct: Ask, clock: ManualClock) -> None:
    """Domains and tasks count together."""
    first = (await extruct("POST", TASKS, QUERY)).json
    clock.advance(5)
    domains = [f"a{n}.com" for n in range(1000)]
    answer = await extruct(
        "POST", TASKS, QUERY | {"exclude_domains": domains, "exclude_task_ids": [first["id"]]}
    )

    assert (422, ["body", "exclude_domains"]) == (answer.status, answer.json["detail"][0]["loc"])


@pytest.mark.parametrize("more", [-1, 251])
async def test_resuming_out_of_range(extruct: Ask, more: int) -> None:
    """0 to 250 can be asked for."""
    made = (await extruct("POST", TASKS, QUERY)).json
    answer = await extruct("POST", f"{TASKS}/{made['id']}/resume", {"desired_new_results": more})

    assert (422, ["body", "desired_new_results"]) == (answer.status, answer.json["detail"][0]["loc"])


async def test_list_tasks(extruct: Ask) -> None:
    """Newest first, in pages."""
    ids = [(await extruct("POST", TASKS, QUERY)).json["id"] for _ in range(3)]
    answer = await extruct("GET", TASKS)
    page = await extruct("GET", f"{TASKS}?offset=1&limit=1")

    assert ids[::-1] == [task["id"] for task in answer.json]
    assert [ids[1]] == [task["id"] for task in page.json]
    strict.decode(answer.json, operations.LIST_DISCOVERY_TASKS.result)


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("GET", "/results"), ("POST", "/resume")])
async def test_tasks_that_are_not_there(extruct: Ask, method: str, end: str) -> None:
    """An unknown task is not found."""
    answer = await extruct(method, f"{TASKS}/nope{end}", {} if method == "POST" else None)

    assert (404, {"detail": "Task not found"}) == (answer.status, answer.json)


async def test_results_into_a_table(extruct: Ask, clock: ManualClock) -> None:
    """They are rows once the task is done, once each, and are worked on if that is asked for."""
    table = (await extruct("POST", "/v1/tables", {"kind": "company"})).json
    target = {"id": table["id"], "run": True, "columns": [table["columns"][2]["id"]], "auto_import": True}
    task = (await extruct("POST", TASKS, QUERY | {"desired_num_results": 2, "table": target})).json
    before = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json
    clock.advance(5)
    after = (await extruct("GET", f"/v1/tables/{table['id']}/data")).json
    await extruct("POST", f"{TASKS}/{task['id']}/resume", {"desired_new_results": 1})
    clock.advance(5)
    more = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    assert table["id"] == task["table_id"]
    assert ([], [task["id"]]) == (before["rows"], [each["id"] for each in before["discovery_tasks"]])
    assert ["dhl.com", "fedex.com"] == [row["data"]["input"] for row in after["rows"]]
    assert 2 == after["status"]["num_cells_in_progress"]
    assert 3 == more["num_rows"]


async def test_results_are_not_imported_unless_asked(extruct: Ask, clock: ManualClock) -> None:
    """A task that names a table alone is shown there, and adds no row; an import without a run starts none."""
    table = (await extruct("POST", "/v1/tables", {"kind": "company"})).json
    await extruct("POST", TASKS, QUERY | {"table": {"id": table["id"]}})
    clock.advance(5)
    none = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]
    target = {"id": table["id"], "auto_import": True}
    await extruct("POST", TASKS, QUERY | {"desired_num_results": 1, "table": target})
    clock.advance(5)
    one = (await extruct("GET", f"/v1/tables/{table['id']}")).json["status"]

    assert (0, 1, "idle") == (none["num_rows"], one["num_rows"], one["run_status"])


async def test_columns_of_another_table(extruct: Ask) -> None:
    """They are refused by their place."""
    table = (await extruct("POST", "/v1/tables", {"kind": "company"})).json
    answer = await extruct("POST", TASKS, QUERY | {"table": {"id": table["id"], "columns": ["x"]}})

    assert (422, ["body", "table", "columns", 0]) == (answer.status, answer.json["detail"][0]["loc"])


async def test_tasks_stay_in_the_folder(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """Tasks go on after a new start, and are gone after a reset."""
    async with Emulator(data=tmp_path, clock=clock) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        made = (await extruct("POST", TASKS, QUERY)).json
        await extruct("POST", "/v1/deep_research_tasks", {"brief": "b"})

    clock.advance(5)
    async with Emulator(data=tmp_path, clock=clock) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        task = (await extruct("GET", f"{TASKS}/{made['id']}")).json
        emulator.reset()
        after = [(await extruct("GET", path)).json for path in (TASKS, "/v1/deep_research_tasks")]

    assert "done" == task["status"]
    assert [[], []] == after
