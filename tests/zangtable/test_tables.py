"""Tables: what is sent is what the docs show, and what they show as the answer is read."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from aiotables.core import errors
from aiotables.zangtable import TableExists, ZangTable
from aiotables.zangtable.models import ColumnCreate, ColumnType, TableCreate, TableUpdate


if TYPE_CHECKING:
    from tests.zangtable.conftest import Documented, Service


async def test_create(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A table is posted with its columns; the answer has the table and all columns, with flags as booleans."""
    service.answers(service.says(documented.answer("create_table")))
    columns = [
        ColumnCreate(
            column_name="id",
            column_type=ColumnType.INTEGER,
            is_primary=True,
            is_nullable=False,
            is_unique=True,
        ),
        ColumnCreate(column_name="email", column_type=ColumnType.TEXT, is_nullable=False, is_unique=True),
        ColumnCreate(column_name="age", column_type=ColumnType.INTEGER, is_nullable=True, default_value=None),
    ]

    created = await zang.tables.create(
        TableCreate(table_name="contacts", display_name="Contacts", columns=columns)
    )

    assert documented.request("create_table") == service.heard[0].json
    assert ["POST /projects/acme/table"] == service.calls
    assert (1, "contacts", "Contacts") == (
        created.table.id,
        created.table.table_name,
        created.table.display_name,
    )
    assert [("id", True, False), ("email", False, False)] == [
        (each.column_name, each.is_primary, each.is_nullable) for each in created.columns
    ]
    assert datetime(2026, 6, 2, 1, tzinfo=UTC) == created.table.created_at


async def test_create_without_columns(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """What is left out is not sent, so that the service chooses."""
    service.answers(service.says(documented.answer("create_table")))

    await zang.tables.create(TableCreate(table_name="contacts", display_name="Contacts"))

    assert documented.request("create_table", "basic") == service.heard[0].json


@pytest.mark.parametrize("status", [200, 400, 409])
async def test_create_what_exists(
    zang: ZangTable, service: "Service", documented: "Documented", status: int
) -> None:
    """The one error that is documented raises its own class, whatever the status, which is not documented."""
    service.answers(service.fail("table_exists", status=status))

    with pytest.raises(TableExists) as caught:
        await zang.tables.create(TableCreate(table_name="contacts"))

    assert isinstance(caught.value, errors.Conflict)


@pytest.mark.parametrize(
    ("table", "path"), [("contacts", "contacts"), (1, "1"), ("a/b?c#d é", "a%2Fb%3Fc%23d%20%C3%A9")]
)
async def test_get(
    zang: ZangTable, service: "Service", documented: "Documented", table: int | str, path: str
) -> None:
    """A table is got by number or name, which stays one segment of the path whatever it holds."""
    end = '"created_at": "2026-06-02T01:00:00Z", "updated_at": "2026-06-02T01:00:00Z"}]}'
    service.answers(service.says(documented.cut_answer("get_table", end=end)))

    found = await zang.tables.get(table)

    assert [f"GET /projects/acme/table/{path}"] == service.calls
    assert (1, ["id"]) == (found.table.id, [each.column_name for each in found.columns])


async def test_get_what_is_not_there(zang: ZangTable, service: "Service") -> None:
    """A code that ends in `_not_found` is `NotFound`; that the service has one is inferred."""
    service.answers(service.fail("table_not_found", status=400))

    with pytest.raises(errors.NotFound):
        await zang.tables.get("contacts")


async def test_update(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """The display name is patched."""
    service.answers(service.says(documented.answer("update_table")))

    updated = await zang.tables.update("contacts", TableUpdate(display_name="Sales Contacts"))

    assert ["PATCH /projects/acme/table/contacts"] == service.calls
    assert documented.request("update_table") == service.heard[0].json
    assert "Sales Contacts" == updated.table.display_name


async def test_update_to_nothing(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """No display name is null on the wire, and none given is nothing."""
    service.answers(*(service.says(documented.answer("update_table")) for _ in range(2)))

    await zang.tables.update(1, TableUpdate(display_name=None))
    await zang.tables.update(1, TableUpdate())

    assert [{"display_name": None}, {}] == [heard.json for heard in service.heard]


async def test_update_is_repeated(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """An update whose reply is lost is sent again, as it ends the same."""
    service.answers(None, service.says(documented.answer("update_table")))

    await zang.tables.update("contacts", TableUpdate(display_name="Sales Contacts"))

    assert ["PATCH /projects/acme/table/contacts"] * 2 == service.calls


async def test_answers_without_a_body(zang: ZangTable, service: "Service") -> None:
    """A 204 is a success: a delete is done, and what else there was to tell is missed, and sent for no second time."""
    service.answers(*(web.Response(status=204) for _ in range(4)))

    assert await zang.columns.delete("contacts", "age") is None
    assert await zang.records.bulk_delete("contacts", allow_all=True) is None
    with pytest.raises(errors.ReplyNotUnderstood, match="answered 204, without the documented body"):
        await zang.tables.get("contacts")
    with pytest.raises(errors.ReplyNotUnderstood, match="it took effect, so look"):
        await zang.tables.create(TableCreate(table_name="contacts"))

    assert ["DELETE", "DELETE", "GET", "POST"] == [call.partition(" ")[0] for call in service.calls]
