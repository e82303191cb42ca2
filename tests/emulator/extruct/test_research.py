"""Deep research tasks, and the values that are made up for them."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import jsonschema
import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.emulator.extruct.samples import measure, sample
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

strict = Converter(forbid_unknown=True)

TASKS = "/v1/deep_research_tasks"


async def test_a_markdown_report(extruct: Ask, clock: ManualClock) -> None:
    """A task waits, works, and ends with a report that cites its sources."""
    made = await extruct("POST", TASKS, {"brief": "Compare freight software", "depth": "high"})
    clock.advance(5)
    working = (await extruct("GET", f"{TASKS}/{made.json['id']}")).json
    clock.advance(60)
    answer = await extruct("GET", f"{TASKS}/{made.json['id']}")

    assert ("created", None, 0) == tuple(made.json[key] for key in ("status", "report", "agents"))
    assert ("in_progress", None, 22) == tuple(working[key] for key in ("status", "report", "agents"))
    assert ("done", 50, 5, 3) == tuple(
        answer.json[key] for key in ("status", "agents", "iterations", "sources")
    )
    assert "2026-06-02T01:23:55Z" == answer.json["updated_at"]
    assert "markdown" == answer.json["report"]["kind"]
    assert [
        f"[{source['id']}]" in answer.json["report"]["markdown"]
        for source in answer.json["report"]["sources"]
    ]
    strict.decode(answer.json, operations.GET_DEEP_RESEARCH_TASK.result)


async def test_a_schema_report(extruct: Ask, clock: ManualClock) -> None:
    """Its fields fit the schema, and each has its basis."""
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "year": {"type": "integer", "minimum": 1900}},
        "required": ["name", "year"],
    }
    made = (await extruct("POST", TASKS, {"brief": "b", "output_schema": schema})).json
    clock.advance(60)
    answer = await extruct("GET", f"{TASKS}/{made['id']}")

    report = answer.json["report"]
    assert {"name": "Not found", "year": 1900} == report["fields"]
    assert {"name": [1], "year": [1]} == report["basis"]
    assert (schema, "medium") == (answer.json["output_schema"], answer.json["depth"])
    strict.decode(answer.json, operations.GET_DEEP_RESEARCH_TASK.result)


async def test_a_schema_that_allows_one_value(extruct: Ask, clock: ManualClock) -> None:
    """A value that is no object has no basis."""
    made = (
        await extruct("POST", TASKS, {"brief": "b", "output_schema": {"type": "object", "const": 5}})
    ).json
    clock.advance(60)
    report = (await extruct("GET", f"{TASKS}/{made['id']}")).json["report"]

    assert (5, {}) == (report["fields"], report["basis"])


async def test_a_useless_brief(extruct: Ask, clock: ManualClock) -> None:
    """It is accepted, and the task fails with a reason."""
    made = await extruct("POST", TASKS, {"brief": "???"})
    clock.advance(60)
    answer = await extruct("GET", f"{TASKS}/{made.json['id']}")

    assert 200 == made.status
    assert ("failed", "The brief cannot be researched.", None) == tuple(
        answer.json[key] for key in ("status", "failure_reason", "report")
    )


NESTED: dict[str, Any] = {"type": "object", "properties": {}}
for _ in range(5):
    NESTED = {"type": "object", "properties": {"a": NESTED}}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["brief"]),
        ({"brief": ""}, ["brief"]),
        ({"brief": "x" * 20_001}, ["brief"]),
        ({"brief": "x", "depth": "bottomless"}, ["depth"]),
        ({"brief": "x", "output_schema": {}}, ["output_schema", "type"]),
        ({"brief": "x", "output_schema": NESTED}, ["output_schema"]),
        (
            {
                "brief": "x",
                "output_schema": {"type": "object", "properties": {str(n): {} for n in range(51)}},
            },
            ["output_schema"],
        ),
    ],
)
async def test_briefs_that_are_refused(extruct: Ask, body: object, loc: list[str]) -> None:
    """Each by its place, and no task is made."""
    answer = await extruct("POST", TASKS, body)

    assert (422, ["body", *loc]) == (answer.status, answer.json["detail"][0]["loc"])
    assert [] == (await extruct("GET", TASKS)).json


async def test_list_tasks(extruct: Ask) -> None:
    """Newest first, in pages."""
    ids = [(await extruct("POST", TASKS, {"brief": "b"})).json["id"] for _ in range(3)]
    answer = await extruct("GET", TASKS)
    page = await extruct("GET", f"{TASKS}?offset=2&limit=5")

    assert ids[::-1] == [task["id"] for task in answer.json]
    assert [ids[0]] == [task["id"] for task in page.json]
    strict.decode(answer.json, operations.LIST_DEEP_RESEARCH_TASKS.result)


async def test_a_task_that_is_not_there(extruct: Ask) -> None:
    """An unknown task is not found."""
    answer = await extruct("GET", f"{TASKS}/nope")

    assert (404, {"detail": "Task not found"}) == (answer.status, answer.json)


async def test_refusals_by_faults(extruct: Ask, emulator: Emulator) -> None:
    """The documented 503, which made nothing, and the 403 of another's task."""
    emulator.fault("extruct.create_deep_research_task", when="before", what="status", status=503, times=1)
    emulator.fault("extruct.get_deep_research_task", when="before", what="status", status=403)

    assert 503 == (await extruct("POST", TASKS, {"brief": "b"})).status
    assert [] == (await extruct("GET", TASKS)).json
    assert 403 == (await extruct("GET", f"{TASKS}/x")).status


@pytest.mark.parametrize(
    "schema",
    [
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "boolean"}}},
            "required": ["a"],
        },
        {"type": "array"},
        {"type": "null"},
        {"type": ["number", "null"], "maximum": 7},
        {"type": "number", "minimum": 1.5},
        {"type": "integer"},
        {"enum": ["a", "b"]},
        {"const": None},
        {"anyOf": [{"type": "boolean"}, {"type": "string"}]},
        {"oneOf": [{"type": "integer"}]},
        {"type": "string", "minLength": 20},
        {"type": "string", "maxLength": 3},
        {"type": "string", "format": "date"},
        {},
    ],
)
def test_a_sample_fits_its_schema(schema: dict[str, Any]) -> None:
    """A validator says so."""
    jsonschema.validate(sample(schema), schema)


def test_samples_of_what_is_no_schema() -> None:
    """Whatever is there instead of a schema, or is nested without end, there is a value."""
    deep: dict[str, Any] = {}
    for _ in range(50):
        deep = {"anyOf": [deep]}

    assert sample(7) is None
    assert sample(deep) is None
    assert {} == sample({"type": "object", "properties": 5})
    assert "Not found" == sample({"type": [], "enum": [], "format": []})


def test_a_schema_is_measured() -> None:
    """Objects and arrays are levels; properties count wherever they are."""
    schema = {"type": "object", "properties": {"a": {"items": {"properties": {"b": {}}}}, "c": {}, "d": 5}}

    assert (3, 4) == measure(schema)
