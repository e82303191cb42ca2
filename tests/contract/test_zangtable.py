"""Every call of the ZangTable client keeps the fragments, says a server that somebody else wrote."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aiotables import ServiceError, ZangTable
from aiotables.core.paging import Listing
from aiotables.core.sentinels import UNSET
from aiotables.zangtable.filters import Column, where
from aiotables.zangtable.operations import DOWNLOAD_EXPORT, OPERATIONS


if TYPE_CHECKING:
    from tests.contract.conftest import Example, Heard

SERVICE = "zangtable"
PROJECT, TABLE, COLUMN, RECORD = "acme", "contacts", "email", 7


def given(value: Any) -> Any:  # noqa: ANN401 -- a field of any model
    """What a method takes for a field: `None` where it is not there."""
    return None if value is UNSET else value


async def first(listing: Listing[Any]) -> None:
    """Read the first page of a listing, which is every page that Prism has."""
    async for _ in listing.pages():
        return


async def download(zang: ZangTable, folder: Path) -> None:
    """Download an export whole."""
    async with await zang.exports.download("exp_20260601_182345_a1b2c3d4e5") as stream:
        await stream.save(folder / "export")


CALLS: Mapping[str, Callable[[ZangTable, Any], Awaitable[object]]] = {
    "bootstrap_project": lambda z, body: z.projects.bootstrap(body),
    "delete_project": lambda z, body: z.projects.delete(confirm=body.confirm_project_slug),
    "update_project": lambda z, body: z.projects.update(project_name=body.project_name),
    "get_current_auth": lambda z, _: z.auth.me(),
    "create_token": lambda z, body: z.auth.create_token(token_name=given(body.token_name)),
    "test_token": lambda z, body: z.auth.test_token(
        table_name=given(body.table_name), token_name=given(body.token_name)
    ),
    "delete_token": lambda z, _: z.auth.delete_token(11),
    "create_table": lambda z, body: z.tables.create(body),
    "get_table": lambda z, _: z.tables.get(TABLE),
    "update_table": lambda z, body: z.tables.update(TABLE, body),
    "list_columns": lambda z, _: z.columns.list(TABLE),
    "create_column": lambda z, body: z.columns.create(TABLE, body),
    "update_columns": lambda z, body: z.columns.update_many(TABLE, body),
    "delete_column": lambda z, _: z.columns.delete(TABLE, COLUMN),
    "update_column": lambda z, body: z.columns.update(TABLE, COLUMN, body),
    "list_records": lambda z, _: first(
        z.records.list(TABLE, filters=where(Column("status") == "active"), sort="id", order="desc")
    ),
    "delete_records": lambda z, body: z.records.bulk_delete(
        TABLE, where=given(body.where), allow_all=bool(given(body.allow_all))
    ),
    "update_records": lambda z, body: z.records.bulk_update(TABLE, body.data, where=body.where),
    "delete_record": lambda z, _: z.records.delete(TABLE, RECORD),
    "update_record": lambda z, body: z.records.update(TABLE, RECORD, body.get("data", body)),
    "query_records": lambda z, body: z.query(body),
    "create_index": lambda z, body: z.indexes.create(TABLE, body),
    "list_exports": lambda z, _: first(z.exports.list(status="ready")),
    "create_database_export": lambda z, body: z.exports.create_database(body),
    "create_schema_export": lambda z, body: z.exports.create_schema(body),
    "download_export": download,
}


def test_every_operation_is_called() -> None:
    """No operation is passed over."""
    assert {operation.name for operation in OPERATIONS} == {f"zangtable.{name}" for name in CALLS}


async def test_call_keeps_the_fragments(
    example: "Example",
    prism: str,
    heard: "Heard",
    tmp_path: Path,
) -> None:
    """The method sends the documented body without breaking the fragments, and reads the answer."""
    call = CALLS[example.operation.name.removeprefix("zangtable.")]
    async with (
        ZangTable(
            token="t", project=PROJECT, base_url=prism, session=heard.session, observers=[heard.note_call]
        ) as zang,
        zang.operation("contract"),
    ):
        await call(zang, tmp_path if example.operation is DOWNLOAD_EXPORT else example.body)

    assert [] == heard.violations
    assert [example.operation.name] == heard.called


async def test_prism_refuses_what_breaks_the_fragments(prism: str, heard: "Heard") -> None:
    """The other tests would notice a fault: Prism tells one, and refuses the call."""
    async with ZangTable(token="t", project=PROJECT, base_url=prism, session=heard.session) as zang:
        with pytest.raises(ServiceError):
            await zang.send_raw("POST", "/projects/acme/table", body={"table_name": 5})

    assert [] != heard.violations
