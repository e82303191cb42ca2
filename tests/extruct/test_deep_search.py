"""Deep Search: what is sent is what the docs show, results page to the end, and waiting ends with the task."""

from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core import errors
from aiotables.core.polling import WaitPolicy, WaitTimedOut
from aiotables.extruct import Extruct
from aiotables.extruct.models import DiscoveryResult, DiscoveryTask, DiscoveryTaskCreate, TaskStatus


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented
    from tests.scripted import FakeClock, Service


@pytest.fixture
def task(documented: "Documented") -> dict[str, Any]:
    """A task as the docs show it."""
    answer: dict[str, Any] = documented.answer("create_discovery_task")
    return answer


def results(documented: "Documented", *numbers: int, num_results: int = 0) -> dict[str, Any]:
    """A page of results."""
    page = documented.answer("get_discovery_results")
    (one,) = page["results"]
    return {
        **page,
        "num_results": num_results,
        "results": [{**one, "id": f"d{number}"} for number in numbers],
    }


# One call each


async def test_create(
    extruct: Extruct, service: "Service", documented: "Documented", task: dict[str, Any]
) -> None:
    """A task is posted as the docs show it, and is there at once."""
    body = documented.request("create_discovery_task")
    service.answers(service.says(task))

    created = await extruct.deep_search.create(documented.read(body, DiscoveryTaskCreate))

    assert ["POST /v1/discovery_tasks"] == service.calls
    assert body == service.heard[0].json
    assert documented.read(task, DiscoveryTask) == created


async def test_get(
    extruct: Extruct, service: "Service", documented: "Documented", task: dict[str, Any]
) -> None:
    """A task is read by its id."""
    service.answers(service.says(task))

    assert documented.read(task, DiscoveryTask) == await extruct.deep_search.get("d/1")
    assert ["GET /v1/discovery_tasks/d%2F1"] == service.calls


async def test_resume(
    extruct: Extruct, service: "Service", documented: "Documented", task: dict[str, Any]
) -> None:
    """More results are asked for by number, or the number is left to the service."""
    body = documented.request("resume_discovery_task")
    service.answers(*[service.says(task) for _ in range(3)])

    await extruct.deep_search.resume("d1", desired_new_results=body["desired_new_results"])
    await extruct.deep_search.resume("d1", desired_new_results=0)
    await extruct.deep_search.resume("d1")

    assert ["POST /v1/discovery_tasks/d1/resume"] * 3 == service.calls
    assert [body, {"desired_new_results": 0}, {}] == [heard.json for heard in service.heard]


async def test_resume_what_is_exhausted(extruct: Extruct, service: "Service") -> None:
    """A task that has found all that there is cannot be resumed."""
    service.answers(service.says({"detail": "Task is exhausted"}, status=400))

    with pytest.raises(errors.BadRequest, match="exhausted"):
        await extruct.deep_search.resume("d1")


# Listings


async def test_list(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """Tasks are listed page by page."""
    tasks = [{**task, "id": f"d{number}"} for number in range(3)]
    service.answers(service.says(tasks[:2]), service.says(tasks[1:]), service.says(tasks[2:]))

    listing = extruct.deep_search.list(page_size=2, prefetch=1)

    assert ["d0", "d1", "d2"] == [each.id async for each in listing]
    assert [f"GET /v1/discovery_tasks?offset={offset}&limit=2" for offset in (0, 1, 2)] == service.calls


async def test_list_in_part(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """A listing may begin later and end earlier."""
    service.answers(service.says([{**task, "id": f"d{number}"} for number in (5, 6)]))

    assert ["d5"] == [each.id async for each in extruct.deep_search.list(offset=5, most=1)]
    assert ["GET /v1/discovery_tasks?offset=5&limit=100"] == service.calls


async def test_results(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """The results of a task come out of its page."""
    answer = documented.answer("get_discovery_results")
    service.answers(service.says(answer))

    found = [result async for result in extruct.deep_search.results("d1")]

    assert ["GET /v1/discovery_tasks/d1/results?offset=0&limit=100"] == service.calls
    assert documented.read(answer["results"], list[DiscoveryResult]) == found


async def test_results_of_many(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Pages are read to the end, also where the service gives fewer than were asked for; what comes twice is left out."""
    pages = [
        results(documented, 0, 1, 2, num_results=5),
        results(documented, 2, 1, 3, num_results=6),
        results(documented, 3, 4, 5, num_results=6),
    ]
    service.answers(*map(service.says, pages))

    listing = extruct.deep_search.results("d1", prefetch=1)

    assert ["d0", "d1", "d2", "d3", "d4", "d5"] == [result.id async for result in listing]
    assert ["0", "2", "4"] == [heard.query["offset"] for heard in service.heard]


async def test_results_in_part(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A listing may begin later, have smaller pages, and end earlier."""
    service.answers(service.says(results(documented, 5, 6)))

    listing = extruct.deep_search.results("d1", offset=5, page_size=2, most=2)

    assert ["d5", "d6"] == [result.id async for result in listing]
    assert ["GET /v1/discovery_tasks/d1/results?offset=5&limit=2"] == service.calls


# Waiting


@pytest.mark.parametrize("end", ["done", "failed"])
async def test_wait(
    extruct: Extruct, service: "Service", clock: "FakeClock", task: dict[str, Any], end: str
) -> None:
    """A task has ended when it is done or failed; one that is exhausted may still be at work."""
    states: list[dict[str, Any]] = [
        {"status": "created"},
        {"status": "in_progress"},
        {"status": "in_progress", "is_exhausted": True},
        {"status": end},
    ]
    service.answers(*[service.says({**task, **state}) for state in states])
    seen: list[str] = []

    ended = await extruct.deep_search.wait("d1", progress=lambda each: seen.append(each.status))

    assert TaskStatus(end) is ended.status
    assert ["created", "in_progress", "in_progress", end] == seen
    assert [5.0, 7.5, 11.25] == clock.slept
    assert ["GET /v1/discovery_tasks/d1"] * 4 == service.calls


async def test_wait_times_out(extruct: Extruct, service: "Service", task: dict[str, Any]) -> None:
    """A task that goes on for too long is an error, with what was seen last; a state that nobody knows is no end."""
    service.answers(service.says({**task, "status": "paused"}), service.says({**task, "num_results": 7}))

    with pytest.raises(WaitTimedOut, match="Deep Search d1 was not done within 1 s") as caught:
        await extruct.deep_search.wait("d1", policy=WaitPolicy(deadline=1.0))

    assert isinstance(caught.value.last, DiscoveryTask)
    assert 7 == caught.value.last.num_results
