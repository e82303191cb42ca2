"""What type checkers have to find in the public API, from outside. It is checked, and never run."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, assert_type

from aiotables import (
    CallRecord,
    Extruct,
    Found,
    Listing,
    Rendered,
    Reply,
    WaitPolicy,
    ZangTable,
    record,
)
from aiotables.core.paging import Page
from aiotables.core.streaming import Saved, Stream
from aiotables.extruct.models import (
    CompanySearchResult,
    DeepResearchTask,
    DiscoveryResult,
    DiscoveryTask,
    Row,
    TableHeader,
    TableListItem,
    TableRun,
)
from aiotables.extruct.models import TableCreate as ExtructTableCreate
from aiotables.extruct.runs import Finished
from aiotables.zangtable import OperationRun, operations
from aiotables.zangtable.filters import Column, where
from aiotables.zangtable.models import (
    Condition,
    CreatedTable,
    CreatedToken,
    DeletedProject,
    DeletedRecord,
    DeletedRecords,
    ExportManifest,
    QueryResult,
    Scalar,
    SqlQuery,
    TableCreate,
    TableWithColumns,
    UpdatedColumn,
    UpdatedRecord,
)


def filters() -> None:
    """A comparison is a condition, and both forms have their types."""
    status, tag = Column("status"), Column("tag")

    assert_type(status == "active", Condition)
    assert_type(status != "active", Condition)
    assert_type(status > 1, Condition)
    assert_type(status >= 1.5, Condition)
    assert_type(status < "b", Condition)
    assert_type(status <= True, Condition)
    assert_type(status.like("a%"), Condition)
    assert_type(tag.in_(["dinner", None]), Condition)
    assert_type(tag.is_null(), Condition)
    assert_type(tag.not_null(), Condition)

    assert_type(where(status == "active", tag.in_(["dinner"])), list[Condition])
    assert_type(where(status="active", owner_id=42), dict[str, Scalar])


def wrong_filters() -> None:
    """What is no scalar, and both forms at once, are refused: the comments would be unused if it were not."""
    where(status=["active"])  # type: ignore[call-overload] # a list is no value
    where(Column("a") == 1, status="active")  # type: ignore[call-overload] # both forms
    Column("a").like(1)  # type: ignore[arg-type] # a pattern is text
    Column("a").in_(1)  # type: ignore[arg-type] # one value is not several


async def zangtable(zang: ZangTable) -> None:
    """Methods give models, listings their items, downloads bytes."""
    contacts = TableCreate(table_name="contacts")
    assert_type(await zang.tables.create(contacts), CreatedTable)
    assert_type(await zang.tables.get("contacts"), TableWithColumns)
    assert_type(await zang.records.update("contacts", 1, {"status": None}), UpdatedRecord)
    assert_type(await zang.records.delete("contacts", 1), DeletedRecord | None)
    assert_type(await zang.records.bulk_delete("contacts", where={"a": 1}), DeletedRecords | None)
    assert_type(await zang.projects.delete(confirm="acme"), DeletedProject | None)
    assert_type(await zang.auth.create_token(), CreatedToken)
    assert_type(await zang.query(SqlQuery(sql="SELECT 1")), QueryResult)
    assert_type(zang.records.list("contacts", filters=where(Column("a") == 1)), Listing[dict[str, Any]])
    assert_type(zang.exports.list(), Listing[ExportManifest])
    assert_type(zang.exports.list().pages(), AsyncGenerator[Page[ExportManifest], None])
    assert_type([export async for export in zang.exports.list()], list[ExportManifest])
    assert_type(zang.operation("nightly"), OperationRun)

    async with await zang.exports.download("exp_1") as download:
        assert_type(download, Stream)
        assert_type(aiter(download), AsyncGenerator[bytes, None])
        assert_type(await download.save(Path("contacts.csv")), Saved)


async def lower(zang: ZangTable) -> None:
    """Descriptors carry the types of body and result to `send`."""
    contacts = TableCreate(table_name="contacts")
    assert_type(await zang.send(operations.CREATE_TABLE, body=contacts), Reply[CreatedTable])
    assert_type((await zang.send(operations.UPDATE_COLUMN)).value, UpdatedColumn)
    assert_type(await zang.send_raw("GET", "/projects/acme/table"), Reply[Any])
    await zang.send(operations.CREATE_TABLE, body=SqlQuery())  # type: ignore[misc] # another operation's body
    assert_type(zang.render(operations.CREATE_TABLE, body=contacts), Rendered)
    zang.render(operations.CREATE_TABLE, body=SqlQuery())  # type: ignore[misc] # another operation's body
    with record() as calls:
        assert_type(calls, list[CallRecord])
    match await zang.settle(zang.describe(operations.CREATE_TABLE, body=contacts, at=0.0)):
        case Found(value=value):
            assert_type(value, Any)
        case _:
            pass


async def extruct(extruct: Extruct) -> None:
    """Methods give models, listings their items, waits what was seen last."""
    assert_type(await extruct.tables.create(ExtructTableCreate(name="Accounts"), mark=True), TableHeader)
    assert_type(await extruct.tables.run("t"), TableRun)
    assert_type(await extruct.tables.wait_until_idle("t", policy=WaitPolicy(deadline=None)), Finished)
    assert_type(extruct.tables.list(kind="company"), Listing[TableListItem])
    assert_type(extruct.rows.list("t"), Listing[Row])
    assert_type(await extruct.rows.delete("t", ["r"]), list[str] | None)
    assert_type(extruct.companies.search("payments"), Listing[CompanySearchResult])
    assert_type(extruct.deep_search.results("d"), Listing[DiscoveryResult])
    assert_type(await extruct.deep_search.wait("d"), DiscoveryTask)
    assert_type(await extruct.deep_research.wait("d"), DeepResearchTask)
