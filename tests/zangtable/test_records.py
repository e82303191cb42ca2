"""Records: what is sent is what the docs show, pages follow each other, filters go where they belong."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest

from aiotables.core import errors
from aiotables.zangtable import ZangTable, operations
from aiotables.zangtable.filters import Column, where
from aiotables.zangtable.models import SortOrder


if TYPE_CHECKING:
    from aiohttp import web

    from tests.scripted import Heard
    from tests.zangtable.conftest import Documented, Service

RECORDS = "/projects/acme/records/contacts"


# Listing


def rows(service: "Service", *ids: int, limit: int = 500, offset: int = 0) -> "web.Response":
    """A page of rows that have nothing but an id."""
    return service.ok(
        {
            "table": "contacts",
            "rows": [{"id": each} for each in ids],
            "limit": limit,
            "offset": offset,
            "returned": len(ids),
        }
    )


def pages_asked(service: "Service") -> list[tuple[str, str]]:
    """Offset and limit of each call."""
    return [(heard.query["offset"], heard.query["limit"]) for heard in service.heard]


async def test_list(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Rows come as mappings; the query is that of the docs, but for the count, whose place in the answer is not known."""
    service.answers(service.says(documented.cut_answer("list_records", end='as_more": false}')))

    listing = zang.records.list(
        "contacts", filters=where(Column("status") == "active"), sort="id", order="desc", page_size=50
    )

    assert [{"id": 1, "email": "ada@example.com", "status": "active"}] == [row async for row in listing]
    (heard,) = service.heard
    expected = documented.query("list_records")
    del expected["include_count"]
    assert expected == heard.query
    assert f"GET {RECORDS}" == heard.call.partition("?")[0]
    assert heard.json is None


async def test_list_percent_encodes(zang: ZangTable, service: "Service") -> None:
    """Nothing in a filter or a name ends the part of the URL that it stands in."""
    service.answers(rows(service))
    filters = {"a&b=c": 'x"#%/?+ é\u2028'}

    assert [] == [row async for row in zang.records.list("a/b", filters=filters, sort="a&b")]

    (heard,) = service.heard
    assert (filters, "a&b") == (orjson.loads(heard.query["filters"]), heard.query["sort"])
    target = urlsplit(heard.call.partition(" ")[2])
    assert ("/projects/acme/records/a%2Fb", "") == (target.path, target.fragment)
    assert heard.call.isascii()


async def test_list_leaves_out_what_is_not_given(zang: ZangTable, service: "Service") -> None:
    """What is not asked for is not sent; of the page the largest is asked for."""
    service.answers(rows(service))

    assert [] == [row async for row in zang.records.list("contacts", order=SortOrder.ASC)]
    assert {"limit": "500", "offset": "0", "order": "asc"} == service.heard[0].query


async def test_pages_follow_the_limit_of_the_reply(zang: ZangTable, service: "Service") -> None:
    """When the service takes a lower limit than was asked for, a page of that size is not the last."""
    service.answers(
        rows(service, 1, 2, limit=2),
        rows(service, 3, 4, limit=2, offset=2),
        rows(service, 5, limit=2, offset=4),
    )

    found = [row["id"] async for row in zang.records.list("contacts", page_size=1000)]

    assert [1, 2, 3, 4, 5] == found
    assert [("0", "1000"), ("2", "1000"), ("4", "1000")] == pages_asked(service)


@pytest.mark.parametrize("said", [100, 0, -1])
async def test_pages_with_a_limit_that_cannot_be(zang: ZangTable, service: "Service", said: int) -> None:
    """A limit above what was asked for, as the example has one, cuts no listing short, and one of zero ends it."""
    service.answers(rows(service, 1, 2, limit=said), rows(service, limit=said))

    assert [1, 2] == [row["id"] async for row in zang.records.list("contacts", page_size=2)]


async def test_listing_resumes(zang: ZangTable, service: "Service") -> None:
    """When a page cannot be had, the error says at which offset to go on."""
    service.answers(rows(service, 1, 2), service.fail(None, status=403), rows(service, 3, limit=2, offset=2))
    found: list[int] = []

    async def read(offset: int) -> None:
        async for row in zang.records.list("contacts", page_size=2, offset=offset):
            found.append(row["id"])  # noqa: PERF401 -- what came before an error counts

    with pytest.raises(errors.PermissionDenied) as caught:
        await read(0)
    assert caught.value.resume_offset is not None
    await read(caught.value.resume_offset)

    assert [1, 2, 3] == found
    assert [("0", "2"), ("2", "2"), ("2", "2")] == pages_asked(service)


async def test_list_most(zang: ZangTable, service: "Service") -> None:
    """No more rows than wanted are given."""
    service.answers(rows(service, 1, 2, limit=2), rows(service, 3, 4, limit=2, offset=2))

    assert [1, 2, 3] == [row["id"] async for row in zang.records.list("contacts", page_size=2, most=3)]


@pytest.mark.parametrize(("key", "expected"), [("id", [1, 2, 3, 4]), (None, [1, 2, 2, 3, 4])])
async def test_moved_rows(zang: ZangTable, service: "Service", key: str | None, expected: list[int]) -> None:
    """With the name of a key a row that comes twice is left out; without one it is not known."""
    there = [1, 2, 3, 4]

    def answer(heard: "Heard") -> "web.Response":
        if len(service.heard) == 2:
            there.insert(0, 0)
        return rows(service, *heard.page(there), limit=2)

    service.answers_by(answer)

    assert expected == [row["id"] async for row in zang.records.list("contacts", page_size=2, key=key)]


async def test_prefetched_rows(zang: ZangTable, service: "Service") -> None:
    """Reading ahead gives the same rows."""
    service.answers_by(lambda heard: rows(service, *heard.page(range(1, 6)), limit=2))

    listing = zang.records.list("contacts", page_size=2, prefetch=2, offset=1)

    assert [2, 3, 4, 5] == [row["id"] async for row in listing]


async def test_count(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """The count can be asked for by `send`; whatever key it comes under, it is kept."""
    answer = documented.cut_answer("list_records", end='as_more": false, "surprise": 7}')
    service.answers(service.says(answer))

    reply = await zang.send(
        operations.LIST_RECORDS,
        path={"table": "contacts"},
        query={"include_count": True, "limit": 50, "offset": 0},
    )

    assert "true" == service.heard[0].query["include_count"]
    assert (7, False) == (reply.value.additional["surprise"], reply.value.has_more)


# One row


@pytest.mark.parametrize(("record", "path"), [(1, "1"), ("a/b", "a%2Fb")])
async def test_update(
    zang: ZangTable, service: "Service", documented: "Documented", record: int | str, path: str
) -> None:
    """The values are sent within `data`, and the fresh row comes back."""
    service.answers(service.says(documented.answer("update_record")))

    updated = await zang.records.update(
        "contacts", record, {"email": "ada@lovelace.example", "status": "active"}
    )

    assert [f"PATCH {RECORDS}/{path}"] == service.calls
    assert documented.request("update_record") == service.heard[0].json
    assert ("contacts", "ada@lovelace.example") == (updated.table, updated.row["email"])


async def test_update_of_a_column_called_data(zang: ZangTable, service: "Service") -> None:
    """A column called `data` is not taken for the values."""
    service.answers(service.ok({"table": "contacts", "row": {"id": 1, "data": None}}))

    await zang.records.update("contacts", 1, {"data": None})

    assert {"data": {"data": None}} == service.heard[0].json


async def test_delete(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A row is deleted by its key, which comes back as text."""
    service.answers(service.says(documented.answer("delete_record")))

    deleted = await zang.records.delete("contacts", 1)

    assert [(f"DELETE {RECORDS}/1", None)] == [(heard.call, heard.json) for heard in service.heard]
    assert deleted is not None
    assert (True, "contacts", "1") == (deleted.deleted, deleted.table, deleted.id)


async def test_delete_twice(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost and the repeated call finds nothing, it is done."""
    service.answers(None, service.fail("record_not_found", status=404))

    assert await zang.records.delete("contacts", 1) is None


@pytest.mark.parametrize("record", ["", ".", ".."])
async def test_keys_that_lead_elsewhere(zang: ZangTable, service: "Service", record: str) -> None:
    """A key that would make another path of it is refused, so that no table is emptied in place of a row."""
    with pytest.raises(errors.RequestError):
        await zang.records.delete("contacts", record)
    assert [] == service.calls


# Many rows


async def test_bulk_update(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Values and conditions are patched; of the answer nothing is relied on, and all is kept."""
    service.answers(service.ok({"affected_rows": 2, "surprise": 7}))

    updated = await zang.records.bulk_update(
        "contacts",
        {"status": "archived"},
        where=where(Column("status") == "draft", Column("updated_at") < "2026-01-01"),
    )

    assert [f"PATCH {RECORDS}"] == service.calls
    assert documented.request("update_records", "filters_page") == service.heard[0].json
    assert (2, {"surprise": 7}) == (updated.affected_rows, updated.additional)


async def test_bulk_update_answered_otherwise(zang: ZangTable, service: "Service") -> None:
    """The answer is inferred, so that another one is no error."""
    service.answers(service.ok({"updated": "many"}))

    updated = await zang.records.bulk_update("contacts", {"a": 1}, where={"b": 2})

    assert (None, {"updated": "many"}) == (updated.affected_rows, updated.additional)


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        ({"where": where(status="spam")}, "basic"),
        ({"where": {"status": "spam"}}, "basic"),
    ],
)
async def test_bulk_delete(
    zang: ZangTable, service: "Service", documented: "Documented", arguments: dict[str, Any], example: str
) -> None:
    """Rows are deleted by a filter in the body, typed or plain."""
    service.answers(service.says(documented.answer("delete_records")))

    deleted = await zang.records.bulk_delete("contacts", **arguments)

    assert [f"DELETE {RECORDS}"] == service.calls
    assert documented.request("delete_records", example) == service.heard[0].json
    assert deleted is not None
    assert ("contacts", 2) == (deleted.table, deleted.affected_rows)


async def test_bulk_delete_by_conditions(
    zang: ZangTable, service: "Service", documented: "Documented"
) -> None:
    """What does not say that all rows may go sends no word of it, which means the same as false."""
    service.answers(service.says(documented.answer("delete_records")))

    await zang.records.bulk_delete("contacts", where=where(Column("created_at") < "2025-01-01"))

    expected = documented.request("delete_records")
    assert expected.pop("allow_all") is False
    assert expected == service.heard[0].json


async def test_bulk_delete_of_all(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """All rows go only when that is said."""
    service.answers(service.says(documented.answer("delete_records")))

    await zang.records.bulk_delete("contacts", allow_all=True)

    assert {"allow_all": True} == service.heard[0].json


async def test_bulk_delete_twice(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """When the reply is lost it is sent again; that the table is gone by then is no error."""
    service.answers(
        None,
        service.says(documented.answer("delete_records")),
        None,
        service.fail("table_not_found", status=404),
    )

    again = await zang.records.bulk_delete("contacts", where={"status": "spam"})
    gone = await zang.records.bulk_delete("contacts", where={"status": "spam"})

    assert again is not None
    assert gone is None
