"""Tables: what is sent is what the docs show, listings page to the end, and waiting ends when the work has."""

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from attrs import evolve

from aiotables.core import errors
from aiotables.core.polling import WaitPolicy, WaitTimedOut
from aiotables.extruct import Extruct
from aiotables.extruct.models import (
    RunMode,
    TableCreate,
    TableData,
    TableHeader,
    TableHeaderWithStatus,
    TableListItem,
    TableRun,
    TableUpdate,
)


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented, Facts
    from tests.scripted import FakeClock, Service


# Listing


async def test_list(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Tables of the workspace are listed, by default as the service has it, 100 in a page."""
    answer = documented.answer("list_tables")
    service.answers(service.says(answer))

    tables = [table async for table in extruct.tables.list()]

    assert ["GET /v1/tables?offset=0&limit=100"] == service.calls
    assert documented.read(answer, list[TableListItem]) == tables


async def test_list_some(extruct: Extruct, service: "Service") -> None:
    """Every documented way to choose and to sort is a parameter; tags are repeated."""
    service.answers(service.says([]))

    listing = extruct.tables.list(
        kind="company",
        scope="personal",
        search="b & c",
        tags=["x", "y z"],
        sort="-created_at",
        offset=20,
        page_size=10,
    )

    assert [] == [table async for table in listing]
    chosen = "kind=company&scope=personal&search=b+%26+c&tags=x&tags=y+z"
    assert [f"GET /v1/tables?{chosen}&sort=-created_at&offset=20&limit=10"] == service.calls


def page(service: "Service", items: list[dict[str, Any]], *, total: object, limit: object) -> web.Response:
    """A page with its headers."""
    response = service.says(items)
    response.headers["x-extruct-pagination-total"] = str(total)
    response.headers["x-extruct-pagination-limit"] = str(limit)
    return response


async def test_list_of_many(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Pages are read to the end, also where the service takes a lower limit than was asked for."""
    items = [facts.item(f"t{number}") for number in range(5)]
    service.answers(
        page(service, items[:3], total=5, limit=3),
        page(service, items[2:], total=5, limit=3),
        page(service, items[4:], total=5, limit=3),
    )
    listing = extruct.tables.list()

    assert ["t0", "t1", "t2", "t3", "t4"] == [table.id async for table in listing]
    assert ["offset=0&limit=100", "offset=2&limit=100", "offset=4&limit=100"] == [
        call.partition("?")[2] for call in service.calls
    ]
    assert [] == list(listing.moves)


async def test_list_that_tells_nothing(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Without its headers, or with others than numbers in them, a page is last if it is not full."""
    items = [facts.item(f"t{number}") for number in range(3)]
    odd = page(service, items[:2], total="many", limit="²")
    service.answers(odd, service.says(items[1:]), service.says(items[2:]))

    assert ["t0", "t1", "t2"] == [table.id async for table in extruct.tables.list(page_size=2)]
    assert 3 == len(service.calls)


async def test_list_of_too_large_pages(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """If more are asked for than a page may hold, and the service cuts without a word, all come all the same."""
    items = [facts.item(f"t{number}") for number in range(101)]
    service.answers(service.says(items[:100]), service.says(items[99:]))

    assert 101 == len([table async for table in extruct.tables.list(page_size=500)])


async def test_list_in_part(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A listing may end earlier and read ahead."""
    items = [facts.item(f"t{number}") for number in range(4)]
    service.answers(page(service, items[:2], total=9, limit=2), page(service, items[1:3], total=9, limit=2))

    listing = extruct.tables.list(page_size=2, most=3, prefetch=1)

    assert ["t0", "t1", "t2"] == [table.id async for table in listing]
    assert 2 == len(service.calls)


# One call each


async def test_create(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A table is posted with its columns; the answer has those that the service added."""
    body, answer = documented.request("create_table"), documented.answer("create_table")
    service.answers(service.says(answer))

    created = await extruct.tables.create(documented.read(body, TableCreate))

    assert ["POST /v1/tables"] == service.calls
    assert body == service.heard[0].json
    assert documented.read(answer, TableHeader) == created


async def test_create_with_a_mark(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A table may carry a mark among its tags, a new one or one that is given."""
    service.answers(service.says(facts.table()), service.says(facts.table()))
    table = TableCreate(name="A", tags=["mine"])

    await extruct.tables.create(table, mark="m1")
    await extruct.tables.create(table, mark=True)

    assert ["mine", "aiotables:m1"] == service.heard[0].json["tags"]
    assert "mine" == service.heard[1].json["tags"][0]
    assert service.heard[1].json["tags"][1].startswith("aiotables:")


async def test_get(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A table comes with its columns and its status."""
    answer = documented.answer("get_table")
    service.answers(service.says(answer))

    assert documented.read(answer, TableHeaderWithStatus) == await extruct.tables.get("t/1")
    assert ["GET /v1/tables/t%2F1"] == service.calls


async def test_update(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """What is to change is sent, and nothing else; a lost reply is no matter, as the call may be repeated."""
    body, answer = documented.request("update_table"), documented.answer("create_table")
    service.answers(None, service.says(answer))

    updated = await extruct.tables.update("t1", documented.read(body, TableUpdate))

    assert ["PATCH /v1/tables/t1"] * 2 == service.calls
    assert [body, body] == [heard.json for heard in service.heard]
    assert documented.read(answer, TableHeader) == updated


async def test_delete(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A table is deleted without a body, and comes back as it was."""
    answer = documented.answer("create_table")
    service.answers(service.says(answer))

    assert documented.read(answer, TableHeader) == await extruct.tables.delete("t1")
    assert ["DELETE /v1/tables/t1"] == service.calls
    assert service.heard[0].json is None


async def test_delete_what_is_not_there(extruct: Extruct, service: "Service") -> None:
    """A table that was gone before the call is an error."""
    service.answers(service.says({"detail": "Not found"}, status=404))

    with pytest.raises(errors.NotFound):
        await extruct.tables.delete("t1")


@pytest.mark.parametrize("schema_only", [True, False])
async def test_clone(
    extruct: Extruct, service: "Service", documented: "Documented", *, schema_only: bool
) -> None:
    """A clone is made without a body; whether rows are copied is in the query."""
    answer = documented.answer("create_table")
    service.answers(service.says(answer))

    cloned = await extruct.tables.clone("t1", schema_only=schema_only)

    assert [f"POST /v1/tables/t1/clone?schema_only={str(schema_only).lower()}"] == service.calls
    assert service.heard[0].json is None
    assert documented.read(answer, TableHeader) == cloned


async def test_data(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """The data of a table come in one request, all of them or a part."""
    answer = documented.answer("get_table_data")
    service.answers(service.says(answer), service.says(answer))

    assert documented.read(answer, TableData) == await extruct.tables.data("t1")
    await extruct.tables.data("t1", offset=5, limit=10)

    assert ["GET /v1/tables/t1/data", "GET /v1/tables/t1/data?offset=5&limit=10"] == service.calls


async def test_run(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A run of new cells is the documented request; the answer says how many cells it is for."""
    answer = documented.answer("run_table")
    service.answers(service.says(answer))

    run = await extruct.tables.run("t1")

    assert ["POST /v1/tables/t1/run"] == service.calls
    assert documented.request("run_table") == service.heard[0].json
    assert documented.read(answer, TableRun) == run


async def test_run_of_some_cells(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Rows and columns are told by their ids."""
    service.answers(service.says(documented.answer("run_table")))

    await extruct.tables.run("t1", mode="failed", rows=("r1", "r2"), columns=("c1",))

    assert {"mode": "failed", "rows": ["r1", "r2"], "columns": ["c1"]} == service.heard[0].json


# Waiting


def status(
    facts: "Facts", *, run: str = "idle", busy: int = 0, done: int = 0, rows: int = 2
) -> dict[str, Any]:
    """A table of two columns to fill."""
    table = facts.table(num_rows=rows)
    table["status"] |= {
        "run_status": run,
        "num_output_columns": 2,
        "num_cells_in_progress": busy,
        "num_cells_completed": done,
    }
    return table


@pytest.fixture
def run(documented: "Documented") -> TableRun:
    """A run for new cells."""
    documented_run: TableRun = documented.read(documented.answer("run_table"), TableRun)
    return evolve(documented_run, mode=RunMode.NEW, num_requested_cells=4)


async def test_wait_when_there_is_no_work(
    extruct: Extruct, service: "Service", facts: "Facts", clock: "FakeClock"
) -> None:
    """A table that is idle is not waited for where no run is named."""
    service.answers(service.says(status(facts, done=3)))

    finished = await extruct.tables.wait_until_idle("t1")

    assert (3, 4, 1) == (finished.cells_done, finished.cells, finished.cells_without_value)
    assert "t1" == finished.table.id
    assert [] == clock.slept


async def test_wait(
    extruct: Extruct, service: "Service", facts: "Facts", clock: "FakeClock", run: TableRun
) -> None:
    """
    The first idle after a run is not trusted; it ends when the status is idle and no cell is in progress, both.

    Progress is told with each look.
    """
    service.answers(
        service.says(status(facts)),
        service.says(status(facts, run="running", busy=4)),
        service.says(status(facts, run="running", done=3)),
        service.says(status(facts, busy=1, done=3)),
        service.says(status(facts, done=4)),
    )
    seen: list[int] = []

    finished = await extruct.tables.wait_until_idle(
        "t1", after=run, progress=lambda table: seen.append(table.status.num_cells_completed)
    )

    assert (4, 0) == (finished.cells_done, finished.cells_without_value)
    assert [0, 0, 3, 3, 4] == seen
    assert ["GET /v1/tables/t1"] * 5 == service.calls
    assert [2.0, 3.0, 4.5, 6.75] == clock.slept


async def test_wait_for_a_run_of_nothing(
    extruct: Extruct, service: "Service", facts: "Facts", clock: "FakeClock", run: TableRun
) -> None:
    """A run that no cell was requested for is not waited for."""
    service.answers(service.says(status(facts)))

    await extruct.tables.wait_until_idle("t1", after=evolve(run, num_requested_cells=0))

    assert [] == clock.slept


async def test_wait_for_a_run_of_cells_with_values(
    extruct: Extruct, service: "Service", facts: "Facts", run: TableRun
) -> None:
    """When cells that have values are run again, that all have one does not mean that they were run."""
    service.answers(
        service.says(status(facts, done=4)),
        service.says(status(facts, run="running", busy=4)),
        service.says(status(facts, done=4)),
    )

    await extruct.tables.wait_until_idle("t1", after=evolve(run, mode=RunMode.ALL))

    assert 3 == len(service.calls)


async def test_wait_for_work_that_was_started_otherwise(
    extruct: Extruct, service: "Service", facts: "Facts"
) -> None:
    """Rows that were sent with `run=True` have no run to name; that work is expected can be said."""
    service.answers(
        service.says(status(facts)),
        service.says(status(facts, run="running", busy=4)),
        service.says(status(facts, done=4)),
    )

    await extruct.tables.wait_until_idle("t1", expecting=True)

    assert 3 == len(service.calls)


async def test_wait_has_patience(
    extruct: Extruct, service: "Service", facts: "Facts", clock: "FakeClock", run: TableRun
) -> None:
    """Idle is believed after a while, though no work was to be seen."""
    service.answers(*[service.says(status(facts)) for _ in range(3)])

    finished = await extruct.tables.wait_until_idle("t1", after=run, patience=5.0)

    assert [2.0, 3.0] == clock.slept
    assert 4 == finished.cells_without_value


async def test_wait_times_out(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A table that is at work for too long is an error, with what was seen last."""
    service.answers(*[service.says(status(facts, run="running", done=number)) for number in range(2)])

    with pytest.raises(WaitTimedOut, match="the work on table t1 was not done within 5 s") as caught:
        await extruct.tables.wait_until_idle("t1", policy=WaitPolicy(first=5.0, deadline=5.0))

    last = caught.value.last
    assert isinstance(last, TableHeaderWithStatus)
    assert 1 == last.status.num_cells_completed


async def test_wait_for_what_is_not_there(extruct: Extruct, service: "Service") -> None:
    """A table that is deleted meanwhile ends the wait."""
    service.answers(service.says({"detail": "Not found"}, status=404))

    with pytest.raises(errors.NotFound):
        await extruct.tables.wait_until_idle("t1")


async def test_answers_without_a_body(extruct: Extruct, service: "Service") -> None:
    """A 204 is a success: a delete is done, and what else there was to tell is missed, and sent for no second time."""
    service.answers(*(web.Response(status=204) for _ in range(4)))

    assert await extruct.tables.delete("t1") is None
    assert await extruct.rows.delete("t1", ["r1"]) is None
    with pytest.raises(errors.ReplyNotUnderstood, match="answered 204, without the documented body"):
        await extruct.tables.get("t1")
    with pytest.raises(errors.ReplyNotUnderstood, match="it took effect, so look"):
        await extruct.tables.create(TableCreate(name="Accounts"), mark=True)

    assert ["DELETE", "DELETE", "GET", "POST"] == [call.partition(" ")[0] for call in service.calls]


async def test_raw_answers_without_a_body(extruct: Extruct, service: "Service") -> None:
    """Of a path that no docs name no body is promised, so that none is missed."""
    service.answers(web.Response(status=204))

    reply = await extruct.send_raw("DELETE", "/v1/new")

    assert (204, None, 1) == (reply.status, reply.value, len(service.calls))
