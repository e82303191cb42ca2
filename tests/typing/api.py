"""
The public API as type checkers see it from outside. Checked by mypy and pyright, and never run.

Each function is one use; `assert_type` says what it must give.
"""

from collections.abc import AsyncIterator
from typing import assert_type

import aiohttp

import aiotables
from aiotables import (
    NO_RETRIES,
    UNSET,
    AiotablesError,
    Attempt,
    CallError,
    CallRecord,
    Conflict,
    Existed,
    Extruct,
    Found,
    NotThere,
    OutcomeUnknown,
    Pacer,
    Reply,
    RetryPolicy,
    Sent,
    ServiceError,
    SettlePolicy,
    Timeouts,
    Unclear,
    ZangTable,
)
from aiotables.extruct import models as extruct_models
from aiotables.extruct import operations as extruct_operations
from aiotables.zangtable import OperationRun, TableExists
from aiotables.zangtable import models as zangtable_models
from aiotables.zangtable import operations as zangtable_operations


def version() -> None:
    """The version is text."""
    assert_type(aiotables.__version__, str)


def settings(session: aiohttp.ClientSession) -> None:
    """Clients take their options by keyword, all of them optional."""
    records: list[CallRecord] = []
    ZangTable()
    Extruct()
    zang = ZangTable(
        token="pat_…",
        project="acme",
        base_url="https://api-zangtable.com",
        session=session,
        timeouts=Timeouts(connect=5.0, answer=30.0),
        retries=RetryPolicy(attempts=5),
        settling=SettlePolicy(grace=120.0),
        pacer=Pacer(in_flight=8, rate=10.0),
        observers=[records.append],
        allow_http=False,
        environ={},
    )
    assert_type(zang, ZangTable)
    assert_type(zang.project, str)
    assert_type(Extruct(token="…", retries=NO_RETRIES), Extruct)


async def block() -> None:
    """A client is an async context manager of itself."""
    async with ZangTable() as zang:
        assert_type(zang, ZangTable)
    async with Extruct() as extruct:
        assert_type(extruct, Extruct)


async def zangtable_methods(zang: ZangTable) -> None:
    """Methods give the models of the answers."""
    table = zangtable_models.TableCreate(
        table_name="contacts",
        columns=[
            zangtable_models.ColumnCreate(
                column_name="email", column_type=zangtable_models.ColumnType.TEXT, default_value=None
            )
        ],
    )
    assert_type(await zang.tables.create(table), zangtable_models.CreatedTable)
    assert_type(await zang.tables.get(3), zangtable_models.TableWithColumns)
    assert_type(await zang.columns.list("contacts"), zangtable_models.ColumnList)
    assert_type((await zang.auth.me()).token.id, int)
    assert_type(await zang.projects.delete(confirm="acme"), zangtable_models.DeletedProject | None)
    assert_type(
        (await zang.query(zangtable_models.SqlQuery(sql="SELECT 1"))).row_count,
        int,
    )


async def extruct_methods(extruct: Extruct) -> None:
    """So they do for the other service; listings are async iterators."""
    table = extruct_models.TableCreate(name="Accounts", column_configs=None)
    assert_type(await extruct.tables.create(table, mark=True), extruct_models.TableHeader)
    assert_type(await extruct.tables.get("t1"), extruct_models.TableHeaderWithStatus)
    assert_type(await extruct.tables.delete("t1"), extruct_models.TableHeader | None)
    assert_type(await extruct.user(), extruct_models.User)
    rows = extruct_models.RowsCreate(rows=[extruct_models.RowCreate(data={"input": "a.example"})])
    assert_type(await extruct.rows.create("t1", rows, mark="m1"), list[extruct_models.Row])
    async for listed in extruct.tables.list(kind="company"):
        assert_type(listed, extruct_models.TableListItem)


async def lower_level(zang: ZangTable, extruct: Extruct) -> None:
    """`send` gives a reply of the operation's result, and takes the operation's body."""
    table = zangtable_models.TableCreate(table_name="contacts")
    reply = await zang.send(zangtable_operations.CREATE_TABLE, body=table, settle=False)

    assert_type(reply, Reply[zangtable_models.CreatedTable])
    assert_type(reply.value.table.table_name, str)
    assert_type(reply.request_id, str | None)
    assert_type(reply.attempts, tuple[Attempt, ...])
    assert_type(reply.elapsed, float)
    assert_type(reply.record, CallRecord)
    listed = await extruct.send(extruct_operations.LIST_TABLES, query={"limit": 5, "tags": ["a"]})
    assert_type(listed.value, list[extruct_models.TableListItem])


async def operations(zang: ZangTable) -> None:
    """An operation is an async context manager of its run."""
    async with zang.operation("provision-crm") as run:
        assert_type(run, OperationRun)
        assert_type(run.run_id, str)
        assert_type(run.run_ids, tuple[str, ...])


async def settling(zang: ZangTable, error: OutcomeUnknown) -> None:
    """What was sent can be settled later, to one of four verdicts."""
    assert_type(error.sent, Sent)
    verdict = await zang.settle(error.sent)
    match verdict:
        case Found():
            assert_type(verdict.how, str)
        case Existed():
            assert_type(verdict.error, type[ServiceError])
        case Unclear():
            assert_type(verdict.reason, str)
        case _:
            assert_type(verdict, NotThere)
    table = zangtable_models.TableCreate(table_name="contacts")
    assert_type(zang.describe(zangtable_operations.CREATE_TABLE, body=table, at=0.0), Sent)


async def errors(zang: ZangTable) -> None:
    """Errors carry the facts of their call."""
    try:
        await zang.auth.me()
    except TableExists as error:
        assert_type(error.status, int | None)
        conflict: Conflict = error
        assert_type(conflict.code, str | None)
    except OutcomeUnknown as error:
        assert_type(error.reason, str)
    except CallError as error:
        assert_type(error.record, CallRecord)
        assert_type(error.request_id, str | None)
    except AiotablesError as error:
        assert_type(str(error), str)


def unset(table: zangtable_models.TableCreate) -> None:
    """A field that may be left out is narrowed by its sentinel."""
    if table.display_name is not UNSET:
        assert_type(table.display_name, str)


async def iterator(extruct: Extruct) -> AsyncIterator[str]:
    """A listing can be read inside of an iterator of the caller's."""
    async for table in extruct.tables.list():
        yield table.name
