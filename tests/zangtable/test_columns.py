"""Columns: what is sent is what the docs show, and what they show as the answer is read."""

from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.zangtable import ZangTable
from aiotables.zangtable.models import ColumnCreate, ColumnPatch, ColumnsUpdate, ColumnType, ColumnUpdate


if TYPE_CHECKING:
    from tests.zangtable.conftest import Documented, Service

PHONE = ColumnCreate(
    column_name="phone",
    column_type=ColumnType.TEXT,
    is_nullable=True,
    default_value=None,
    is_unique=False,
    is_primary=False,
)


async def test_list(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """All columns come in one answer."""
    end = '"default_value": null, "is_primary": 0, "is_unique": 1}]}'
    service.answers(service.says(documented.cut_answer("list_columns", end=end)))

    found = await zang.columns.list("contacts")

    assert ["GET /projects/acme/column/contacts"] == service.calls
    assert ("contacts", ["id", "email"]) == (found.table, [each.column_name for each in found.columns])
    assert (True, False) == (found.columns[0].is_primary, found.columns[1].is_nullable)


async def test_create(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A column is posted to its table; a default of null is sent as such."""
    service.answers(service.says(documented.cut_answer("create_column", end='"column_name": "phone"}}')))

    created = await zang.columns.create("contacts", PHONE)

    assert ["POST /projects/acme/column/contacts"] == service.calls
    assert documented.request("create_column") == service.heard[0].json
    assert ("contacts", 3) == (created.table, created.column.id)


async def test_create_by_name_alone(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A default that is left out is not sent, unlike one of null; an id alone is a good answer."""
    service.answers(service.ok({"table": "contacts", "column": {"id": 3}}))

    await zang.columns.create("contacts", ColumnCreate(column_name="phone"))

    assert documented.request("create_column", "basic") == service.heard[0].json


async def test_create_what_exists(zang: ZangTable, service: "Service") -> None:
    """A code that ends in `_exists` is a conflict; that the service has one is inferred."""
    service.answers(service.fail("column_exists"))

    with pytest.raises(errors.Conflict):
        await zang.columns.create("contacts", PHONE)


@pytest.mark.parametrize(("column", "path"), [("email", "email"), (2, "2"), ("e/mail", "e%2Fmail")])
async def test_update(
    zang: ZangTable, service: "Service", documented: "Documented", column: int | str, path: str
) -> None:
    """A column is patched by number or name; the answer, which no page shows, comes as it is."""
    service.answers(service.ok({"whatever": {"comes": 1}}))

    updated = await zang.columns.update("contacts", column, ColumnUpdate(new_column_name="email_address"))

    assert [f"PATCH /projects/acme/column/contacts/{path}"] == service.calls
    assert documented.request("update_column", "basic") == service.heard[0].json
    assert {"whatever": {"comes": 1}} == updated


async def test_update_many(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Several columns are patched in one call."""
    service.answers(service.says(documented.answer("update_columns")))
    patch = ColumnPatch(
        column_name="email",
        new_column_name="email_address",
        column_type=ColumnType.TEXT,
        is_nullable=False,
        default_value=None,
        is_unique=True,
    )

    updated = await zang.columns.update_many("contacts", ColumnsUpdate(columns=[patch]))

    assert ["PATCH /projects/acme/column/contacts"] == service.calls
    assert documented.request("update_columns") == service.heard[0].json
    assert 1 == updated.updated_count


@pytest.mark.parametrize("column", ["phone", 3])
async def test_delete(
    zang: ZangTable, service: "Service", documented: "Documented", column: int | str
) -> None:
    """A column is deleted by number or name, without a body."""
    service.answers(service.says(documented.answer("delete_column")))

    deleted = await zang.columns.delete("contacts", column)

    assert [(f"DELETE /projects/acme/column/contacts/{column}", None)] == [
        (heard.call, heard.json) for heard in service.heard
    ]
    assert deleted is not None
    assert (True, "phone") == (deleted.deleted, deleted.column_name)


async def test_delete_twice(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost and the repeated call finds nothing, it is done."""
    service.answers(None, service.fail("column_not_found", status=404))

    assert await zang.columns.delete("contacts", "phone") is None


async def test_delete_what_is_not_there(zang: ZangTable, service: "Service") -> None:
    """When no reply was lost, nothing to delete is an error."""
    service.answers(service.fail("column_not_found", status=404))

    with pytest.raises(errors.NotFound):
        await zang.columns.delete("contacts", "phone")
