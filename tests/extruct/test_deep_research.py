"""Deep Research: tasks, their reports in every form, replies that are not quite JSON, and waiting."""

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from aiotables.core import errors
from aiotables.core.polling import WaitPolicy, WaitTimedOut
from aiotables.extruct import Extruct
from aiotables.extruct.models import (
    DeepResearchMarkdownReport,
    DeepResearchSchemaReport,
    DeepResearchTask,
    DeepResearchTaskCreate,
    ResearchDepth,
    TaskStatus,
)


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented
    from tests.scripted import FakeClock, Service


@pytest.fixture
def task(documented: "Documented") -> dict[str, Any]:
    """A task as the docs show it."""
    answer: dict[str, Any] = documented.answer("create_deep_research_task")
    return answer


# One call each


async def test_create(
    extruct: Extruct, service: "Service", documented: "Documented", task: dict[str, Any]
) -> None:
    """A brief is posted, with depth and form where they are said; the report of the answer is read."""
    service.answers(service.says(task), service.says({**task, "status": "created", "report": None}))
    schema = {"type": "object", "properties": {"price": {"type": "number"}}}

    created = await extruct.deep_research.create(DeepResearchTaskCreate(brief="Who sells robots?"))
    await extruct.deep_research.create(
        DeepResearchTaskCreate(brief="Who?", depth=ResearchDepth("high"), output_schema=schema)
    )

    assert ["POST /v1/deep_research_tasks"] * 2 == service.calls
    assert [
        {"brief": "Who sells robots?"},
        {"brief": "Who?", "depth": "high", "output_schema": schema},
    ] == [heard.json for heard in service.heard]
    assert documented.read(task, DeepResearchTask) == created
    assert isinstance(created.report, DeepResearchMarkdownReport)


async def test_create_when_nothing_could_be_scheduled(
    extruct: Extruct, service: "Service", task: dict[str, Any]
) -> None:
    """A 503 means that nothing was made, so the call is made again."""
    service.answers(service.says({"detail": "try later"}, status=503), service.says(task))

    await extruct.deep_research.create(DeepResearchTaskCreate(brief="Who?"))

    assert 2 == len(service.calls)


async def test_get(
    extruct: Extruct, service: "Service", documented: "Documented", task: dict[str, Any]
) -> None:
    """A task is read by its id; its report may be one by a schema."""
    report = {"kind": "schema", "fields": {"price": 3}, "basis": {}, "sources": [{"id": 1, "url": "u"}]}
    service.answers(service.says(task), service.says({**task, "report": report}))

    assert documented.read(task, DeepResearchTask) == await extruct.deep_research.get("p/1")
    by_schema = (await extruct.deep_research.get("p1")).report

    assert ["GET /v1/deep_research_tasks/p%2F1", "GET /v1/deep_research_tasks/p1"] == service.calls
    assert isinstance(by_schema, DeepResearchSchemaReport)
    assert {"price": 3} == by_schema.fields


async def test_get_what_is_others(extruct: Extruct, service: "Service") -> None:
    """A task of somebody outside of the organization is refused."""
    service.answers(service.says({"detail": "Forbidden"}, status=403))

    with pytest.raises(errors.PermissionDenied):
        await extruct.deep_research.get("p1")


async def test_raw_line_breaks(extruct: Extruct, service: "Service", clock: "FakeClock") -> None:
    """A reply with line breaks that are not written as JSON has them is read all the same, at once."""
    body = b"""{
        "id": "p1", "created_at": "2023-11-07T05:31:56Z", "updated_at": "2023-11-07T05:31:56Z",
        "brief": "Who sells\nrobots,\tand where?", "status": "created"
    }"""
    service.answers(web.Response(body=body, content_type="application/json"))

    task = await extruct.deep_research.get("p1")

    assert "Who sells\nrobots,\tand where?" == task.brief
    assert 1 == len(service.calls)


async def test_reply_that_is_no_json(extruct: Extruct, service: "Service") -> None:
    """Anything else that is no JSON is a lost reply, and is asked for again."""
    broken = [web.Response(body=b'{"id": "p1\n"', content_type="application/json") for _ in range(3)]
    service.answers(*broken)

    with pytest.raises(errors.NoReply, match="unreadable body"):
        await extruct.deep_research.get("p1")

    assert 3 == len(service.calls)


# Listing


async def test_list(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """Tasks are listed page by page, with their reports."""
    tasks = [{**task, "id": f"p{number}"} for number in range(3)]
    service.answers(service.says(tasks[:2]), service.says(tasks[1:]), service.says(tasks[2:]))

    listing = extruct.deep_research.list(page_size=2, prefetch=1)

    assert ["p0", "p1", "p2"] == [each.id async for each in listing]
    assert [f"GET /v1/deep_research_tasks?offset={offset}&limit=2" for offset in (0, 1, 2)] == service.calls


async def test_list_in_part(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """A listing may begin later and end earlier; a page has 50 tasks, as the service has it."""
    service.answers(service.says([{**task, "id": f"p{number}"} for number in (5, 6)]))

    assert ["p5"] == [each.id async for each in extruct.deep_research.list(offset=5, most=1)]
    assert ["GET /v1/deep_research_tasks?offset=5&limit=50"] == service.calls


# Waiting


@pytest.mark.parametrize("end", ["done", "failed"])
async def test_wait(
    extruct: Extruct, service: "Service", clock: "FakeClock", task: dict[str, Any], end: str
) -> None:
    """A task is asked for every 10 to 15 seconds until it is done or failed, and says why it failed."""
    states: list[dict[str, Any]] = [
        {},
        {"status": "created"},
        *[{"status": "in_progress"}] * 4,
        {"status": end, "failure_reason": "too vague"},
    ]
    service.answers(*[service.says({**task, **state}) for state in states])
    seen: list[object] = []

    ended = await extruct.deep_research.wait("p1", progress=lambda each: seen.append(each.status))

    assert (TaskStatus(end), "too vague") == (ended.status, ended.failure_reason)
    assert [None, "created", *["in_progress"] * 4, end] == seen
    assert clock.slept[0] == pytest.approx(10.0)
    assert sorted(clock.slept) == clock.slept
    assert max(clock.slept) <= 15.0


async def test_wait_times_out(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """A task that goes on for too long is an error, with what was seen last."""
    service.answers(service.says({**task, "status": "created"}), service.says({**task, "agents": 7}))

    with pytest.raises(WaitTimedOut, match="Deep Research p1 was not done within 10 s") as caught:
        await extruct.deep_research.wait("p1", policy=WaitPolicy(first=30.0, longest=30.0, deadline=10.0))

    assert isinstance(caught.value.last, DeepResearchTask)
    assert 7 == caught.value.last.agents
