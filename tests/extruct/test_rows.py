"""Rows: what is sent is what the docs show, listings page to the end, and only what is harmless is repeated."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core import errors
from aiotables.core.operations import Effect, Operation
from aiotables.core.sentinels import UNSET
from aiotables.extruct import Extruct, operations
from aiotables.extruct.models import Row, RowDetail, RowsCreate, RowsUpdate, RowUpdate
from aiotables.extruct.rows import PAGE, Rows


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented, Facts
    from tests.scripted import Service


def data(facts: "Facts", numbers: range, *, num_rows: int = 0) -> dict[str, Any]:
    """A table with the rows of these numbers."""
    return facts.data(*[facts.row(f"r{number}") for number in numbers], num_rows=num_rows)


# Listing


async def test_list(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Rows come out of the table's data."""
    service.answers(service.says(documented.answer("get_table_data")))

    rows = [row async for row in extruct.rows.list("t1")]

    assert [f"GET /v1/tables/t1/data?offset=0&limit={PAGE}"] == service.calls
    assert documented.read(documented.answer("get_table_data")["rows"], list[Row]) == rows


async def test_list_of_many(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Pages are read until one has fewer rows than were asked for, whether the table counts its rows or not."""
    service.answers(service.says(data(facts, range(3))), service.says(data(facts, range(2, 4))))

    assert ["r0", "r1", "r2", "r3"] == [row.id async for row in extruct.rows.list("t1", page_size=3)]
    assert ["/v1/tables/t1/data?offset=0&limit=3", "/v1/tables/t1/data?offset=2&limit=3"] == [
        call.removeprefix("GET ") for call in service.calls
    ]


async def test_list_with_a_maximum_that_nobody_knows(
    extruct: Extruct, service: "Service", facts: "Facts"
) -> None:
    """A service that gives fewer rows than were asked for is read to the end, as the table counts its rows."""
    pages = [data(facts, numbers, num_rows=5) for numbers in (range(3), range(2, 5))]
    service.answers(*map(service.says, pages))

    assert ["r0", "r1", "r2", "r3", "r4"] == [row.id async for row in extruct.rows.list("t1")]


async def test_list_in_part(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A listing may begin later, end earlier and read ahead."""
    service.answers(service.says(data(facts, range(7, 10))), service.says(data(facts, range(9, 12))))

    listing = extruct.rows.list("t1", offset=7, page_size=3, most=4, prefetch=1)

    assert ["r7", "r8", "r9", "r10"] == [row.id async for row in listing]
    assert "GET /v1/tables/t1/data?offset=7&limit=3" == service.calls[0]


async def test_list_that_fails(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """The error tells where to go on."""
    service.answers(service.says(data(facts, range(3))), service.says({"detail": "Not found"}, status=404))

    with pytest.raises(errors.NotFound) as caught:
        [row async for row in extruct.rows.list("t1", page_size=3)]

    assert 3 == caught.value.resume_offset


async def test_bad_row_does_not_lose_the_page(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Of a page with a row that cannot be read the others are on the error, with the path of the bad one."""
    bad = {**facts.row("r1"), "created_at": "yesterday"}
    service.answers(service.says(facts.data(facts.row("r0"), bad, facts.row("r2"))))

    with pytest.raises(errors.ReplyNotUnderstood) as caught:
        [row async for row in extruct.rows.list("t1")]

    error = caught.value
    assert ("$.rows[1].created_at: expected date-time, got another str",) == error.problems
    assert ("$.rows", [(0, "r0"), (2, "r2")]) == (error.list_path, [(i, row.id) for i, row in error.good])
    assert 0 == error.resume_offset


# One call each


async def test_create(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Rows are posted with what is done with them; the answer has the rows."""
    body, answer = documented.request("create_rows"), documented.answer("create_rows")
    service.answers(service.says(answer))

    created = await extruct.rows.create("t1", documented.read(body, RowsCreate))

    assert ["POST /v1/tables/t1/rows"] == service.calls
    assert body == service.heard[0].json
    assert documented.read(answer, list[Row]) == created


@pytest.mark.parametrize("mark", [True, "m1"])
async def test_create_with_a_mark(
    extruct: Extruct, service: "Service", documented: "Documented", *, mark: bool | str
) -> None:
    """Each row carries the mark in its metadata, a new one or one that was given."""
    service.answers(service.says([]))

    await extruct.rows.create("t1", documented.read(documented.request("create_rows"), RowsCreate), mark=mark)

    marks = {row["metadata"]["aiotables"] for row in service.heard[0].json["rows"]}
    assert 1 == len(marks)
    assert {"m1"} == marks or mark is True


async def test_get(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """A row comes with the columns of its table."""
    answer = documented.answer("get_row")
    service.answers(service.says(answer))

    assert documented.read(answer, RowDetail) == await extruct.rows.get("t1", "r/1")
    assert ["GET /v1/tables/t1/rows/r%2F1"] == service.calls


async def test_update(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Rows are patched all at once; the answer has them."""
    body, answer = documented.request("update_rows"), documented.answer("create_rows")
    service.answers(service.says(answer))

    updated = await extruct.rows.update("t1", documented.read(body, RowsUpdate))

    assert ["PATCH /v1/tables/t1/rows"] == service.calls
    assert body == service.heard[0].json
    assert documented.read(answer, list[Row]) == updated


async def test_delete(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Rows are deleted by their ids in a body; the answer has the ids that were deleted."""
    body, answer = documented.request("delete_rows"), documented.answer("delete_rows")
    service.answers(service.says(answer))

    assert answer == await extruct.rows.delete("t1", body["rows"])
    assert ["DELETE /v1/tables/t1/rows"] == service.calls
    assert body == service.heard[0].json


# Repeating


class Recorder(Rows):
    """Rows whose calls are only noted."""

    def __init__(self) -> None:
        self.made: list[Operation[Any, Any]] = []

    async def _call(self, operation: Operation[Any, Any], *_: object, **arguments: object) -> Any:  # noqa: ANN401 -- as the base has it
        self.made.append(operation)


IDS = st.sampled_from([UNSET, "", "r1", "r2"])


@given(st.lists(IDS, max_size=4), st.sampled_from([UNSET, False, True]))
async def test_what_may_be_repeated(ids: list[Any], run: Any) -> None:  # noqa: ANN401 -- UNSET or a value
    """An update may be repeated exactly when every row has an id and no run was asked for."""
    rows = Recorder()

    await rows.update("t1", RowsUpdate(rows=[RowUpdate(data={}, id=one) for one in ids], run=run))

    (operation,) = rows.made
    harmless = run is not True and all(one not in {UNSET, ""} for one in ids)
    assert (Effect.REPLACE if harmless else Effect.CREATE) is operation.effect
    assert operations.UPDATE_ROWS.path == operation.path


async def test_lost_update(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """An update of rows with ids whose reply is lost is sent again, without looking."""
    service.answers(None, service.says([facts.row("r1", input="a")]))
    body = RowsUpdate(rows=[RowUpdate(id="r1", data={"input": "a"})])

    assert ["r1"] == [row.id for row in await extruct.rows.update("t1", body)]
    assert ["PATCH /v1/tables/t1/rows"] * 2 == service.calls


@pytest.mark.parametrize(
    "body",
    [
        RowsUpdate(rows=[RowUpdate(id="r1", data={"input": "a"})], run=True),
        RowsUpdate(rows=[RowUpdate(id="r1", data={"input": "a"}), RowUpdate(data={"input": "b"})]),
    ],
)
async def test_lost_update_that_may_not_be_repeated(
    extruct: Extruct, service: "Service", facts: "Facts", body: RowsUpdate
) -> None:
    """One that starts a run or appends rows is sent once; what it did is looked for."""
    two = facts.data(facts.row("r1", input="a"), facts.row("r2", input="c", at=1.0))
    service.answers(None, *[service.says(two) for _ in range(20)])

    with pytest.raises(errors.OutcomeUnknown):
        await extruct.rows.update("t1", body)

    assert 1 == sum(call.startswith("PATCH") for call in service.calls)
