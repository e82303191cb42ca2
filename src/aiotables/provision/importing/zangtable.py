"""Tables from a project of ZangTable."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from typing import Final

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.errors import NotFound
from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.found import Found, FoundTable
from aiotables.provision.importing.sqlite import index_notes, tables_of
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated.models import Column, SqlQuery


PAGE: Final = 1000
"""Most rows that one read-only query answers with (docs page reference/query/query-records)."""

AT_ONCE: Final = 16
"""Tables that are read at once."""

CATALOGUE: Final = r"""
    SELECT name, type, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name > ?
    ORDER BY name LIMIT 1000
"""

_NEEDED: Final = frozenset(
    {
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
    }
)
"""What making tables and indexes takes. Nothing of it reaches a file or an extension."""

AUTOMATIC: Final = "AUTOINCREMENT"
"""In the statement of a table whose primary column the service made by itself."""

_ID: Final = ZangTableColumn(name="id", type="INTEGER", primary=True, unique=True, nullable=False)


async def in_zangtable(client: ZangTable) -> AsyncIterator[Found]:
    """
    The tables of a project, some at a time. It is only read: names and indexes by SQL, the columns table by table.

    Args:
        client: Of the project.

    Raises:
        CallError: The project cannot be read, or not by SQL.
    """
    things = [thing async for thing in _catalogue(client)]
    with closing(sqlite3.connect(":memory:")) as database:
        lost = _rebuild(database, things)
        indexes = {table.name: table.indexes for table in tables_of(database)}
        for name in indexes:
            lost.setdefault(name, []).extend(index_notes(database, name))
    tables = iter([thing for thing in things if thing.kind == "table"])
    while batch := list(itertools.islice(tables, AT_ONCE)):
        found = await asyncio.gather(*(_table(client, thing) for thing in batch))
        yield Found(
            tables=tuple(
                evolve(table, indexes=indexes.get(table.name, ()), notes=tuple(lost.pop(table.name, ())))
                for table in found
                if table is not None
            )
        )
        for thing, table in zip(batch, found, strict=True):
            if table is None:
                lost.setdefault(thing.name, []).append(
                    f"the table {thing.name}, which the service does not show"
                )
    if lost:
        yield Found(tables=(), notes=tuple(itertools.chain.from_iterable(lost.values())))


@frozen
class _Thing:
    """Something in a project."""

    name: str
    kind: str
    table: str
    sql: str


async def _catalogue(client: ZangTable) -> AsyncIterator[_Thing]:
    last = ""
    while rows := (await client.query(SqlQuery(sql=CATALOGUE, params=[last], limit=PAGE))).rows:
        for row in rows:
            yield _Thing(*(str(row[key] or "") for key in ("name", "type", "tbl_name", "sql")))
        last = str(rows[-1]["name"])


def _allow(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _NEEDED else sqlite3.SQLITE_DENY


def _rebuild(database: sqlite3.Connection, things: Iterable[_Thing]) -> dict[str, list[str]]:
    """
    Make the same tables and indexes in a database of our own, to see what the indexes are over.

    Returns:
        What could not be made, by table.
    """
    lost: dict[str, list[str]] = {}
    database.set_authorizer(_allow)
    for thing in sorted(things, key=lambda each: each.kind != "table"):
        try:
            database.execute(thing.sql)
        except sqlite3.Error:
            # A table is read by a call of its own, so of it only the indexes are lost.
            if thing.kind != "table":
                lost.setdefault(thing.table, []).append(f"the {thing.kind} {thing.name}: {thing.sql}")
    database.set_authorizer(None)
    return lost


async def _table(client: ZangTable, thing: _Thing) -> FoundTable | None:
    try:
        found = await client.tables.get(thing.name)
    except NotFound:
        # It may keep tables of its own in the same database.
        return None
    columns = [_column(column) for column in found.columns]
    if AUTOMATIC in thing.sql.upper() and columns[:1] == [_ID]:
        del columns[0]
    title = found.table.display_name
    return FoundTable(name=thing.name, columns=tuple(columns), display_name=title or None)


def _column(column: Column) -> ZangTableColumn:
    return ZangTableColumn(
        name=column.column_name,
        type=str(column.column_type),
        primary=bool(column.is_primary),
        unique=bool(column.is_unique),
        nullable=bool(column.is_nullable),
        # The docs do not tell a default of null from none; both do the same.
        default=UNSET if column.default_value is None else column.default_value,
    )
