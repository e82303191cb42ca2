"""Records: the rows of a project's tables (docs pages reference/records)."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aiotables.emulator.bodies import Json, decode, given
from aiotables.emulator.choices import INVALID_REQUEST, RECORD_NOT_FOUND, RECORDS_LIMIT, WHERE_REQUIRED
from aiotables.emulator.sqlite import quoted, time_limit
from aiotables.emulator.zangtable.asked import Asked
from aiotables.emulator.zangtable.columns import is_true, plain_flags
from aiotables.emulator.zangtable.filters import Names, Where, from_text, where
from aiotables.emulator.zangtable.paging import one_of, window
from aiotables.emulator.zangtable.query import plain_value
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import RecordsDelete, RecordsUpdate


ASCENDING, DESCENDING = "asc", "desc"


@frozen
class Source:
    """A table as statements name it."""

    name: str
    table: str
    key: str
    key_is_any: bool
    names: Names

    @classmethod
    def of(cls, asked: Asked, table: str) -> "Source":
        """
        The table *table* of the project.

        Raises:
            Refusal: There is none.
        """
        number, name = asked.tables.named(table)
        rows = asked.tables.column_rows(number)
        key = next(row for row in rows if row["is_primary"])
        return cls(
            name,
            quoted(name),
            quoted(key["name"]),
            key["type"] == "ANY",
            Names.of(row["name"] for row in rows),
        )

    def one(self, record_id: str) -> Where:
        """The row whose primary key, written as a text, is *record_id*."""
        text = f"CAST({self.key} AS TEXT) = ?"
        if self.key_is_any:
            return Where((text,), (record_id,))

        # The first can use the key's index; the second keeps 01 and 1.0 from being 1.
        return Where((f"{self.key} = ?", text), (record_id, record_id))

    def order(self, sort: str | None, direction: str) -> str:
        """An ORDER BY; equal rows stay in the order of their keys, so that pages neither repeat nor lose one."""
        first = self.key if sort is None else self.names.quoted(sort)
        word = "DESC" if direction == DESCENDING else "ASC"
        return f" ORDER BY {first} {word}, {self.key} {word}"


def list_records(asked: Asked) -> Json:
    """
    A page of rows.

    Raises:
        Refusal: There is no such table, or a parameter is not valid.
    """
    query = asked.query
    limit, offset = window(query, RECORDS_LIMIT)
    source = Source.of(asked, asked.path["table"])
    found = where(from_text(query.get("filters")), source.names)
    order = source.order(query.get("sort"), one_of(query, "order", (ASCENDING, DESCENDING)))
    with time_limit(asked.database, asked.seconds):
        # One more than asked for tells whether there are more.
        rows = read(
            asked.database,
            f"SELECT * FROM {source.table}{found.sql}{order} LIMIT ? OFFSET ?",  # noqa: S608 - quoted names
            (*found.values, limit + 1, offset),
        )
        answer = {
            "table": source.name,
            "rows": rows[:limit],
            "limit": limit,
            "offset": offset,
            "returned": min(len(rows), limit),
            "has_more": len(rows) > limit,
        }
        if is_true(query.get("include_count")) or is_true(query.get("count")):
            counting = f"SELECT count(*) FROM {source.table}{found.sql}"  # noqa: S608 - quoted names
            (answer["count"],) = asked.database.execute(counting, found.values).fetchone()
    return answer


def first_record(asked: Asked, table: str) -> dict[str, Any]:
    """
    A row of the table *table*, if it has one.

    Raises:
        Refusal: There is no such table.
    """
    source = Source.of(asked, table)
    statement = f"SELECT * FROM {source.table}{source.order(None, ASCENDING)} LIMIT 1"  # noqa: S608 - quoted names
    rows = read(asked.database, statement, ())
    return {"table": source.name, "sample_row": rows[0] if rows else None}


def update_record(asked: Asked) -> Json:
    """
    Change the row of the path, and answer with it.

    Raises:
        Refusal: There is no such table, row or column, or a value cannot be stored.
    """
    source = Source.of(asked, asked.path["table"])
    values = _patch(asked.json)
    found = source.one(asked.path["id"])
    if values:
        statement = f"UPDATE {source.table} SET {_assignments(values, source)}{found.sql} RETURNING *"  # noqa: S608 - quoted names
    else:
        statement = f"SELECT * FROM {source.table}{found.sql}"  # noqa: S608 - quoted names
    with time_limit(asked.database, asked.seconds):
        rows = read(asked.database, statement, (*values.values(), *found.values))
    if not rows:
        raise Refusal(RECORD_NOT_FOUND)

    return {"table": source.name, "row": rows[0]}


def delete_record(asked: Asked) -> Json:
    """
    Delete the row of the path.

    Raises:
        Refusal: There is no such table or row.
    """
    source = Source.of(asked, asked.path["table"])
    if not _delete(asked, source, source.one(asked.path["id"])):
        raise Refusal(RECORD_NOT_FOUND)

    return {"deleted": True, "table": source.name, "id": asked.path["id"]}


def update_records(asked: Asked) -> Json:
    """
    Change all rows that the filters mean.

    Raises:
        Refusal: There is no such table or column, the filters are not valid, or a value cannot be stored.
    """
    sent = plain_flags(asked.json)
    body = decode({"where": None} | sent if isinstance(sent, dict) else sent, RecordsUpdate)
    source = Source.of(asked, asked.path["table"])
    found = _meant(body.where, source, allow_all=body.allow_all is True)
    values = _stored(body.data)
    if not values:
        raise Refusal(INVALID_REQUEST.saying("data: at least one value is required"))

    statement = f"UPDATE {source.table} SET {_assignments(values, source)}{found.sql}"  # noqa: S608 - quoted names
    with time_limit(asked.database, asked.seconds):
        affected = asked.database.execute(statement, (*values.values(), *found.values)).rowcount
    return {"table": source.name, "affected_rows": affected}


def delete_records(asked: Asked) -> Json:
    """
    Delete all rows that the filters mean.

    Raises:
        Refusal: There is no such table or column, or the filters are not valid.
    """
    body = decode(plain_flags(asked.json), RecordsDelete)
    source = Source.of(asked, asked.path["table"])
    found = _meant(given(body.where), source, allow_all=body.allow_all is True)
    return {"table": source.name, "affected_rows": _delete(asked, source, found)}


def _delete(asked: Asked, source: Source, found: Where) -> int:
    with time_limit(asked.database, asked.seconds):
        statement = f"DELETE FROM {source.table}{found.sql}"  # noqa: S608 - quoted names
        return asked.database.execute(statement, found.values).rowcount


def _meant(filters: Json, source: Source, *, allow_all: bool) -> Where:
    found = where(filters, source.names)
    if not found.conditions and not allow_all:
        raise Refusal(WHERE_REQUIRED)

    return found


def _patch(sent: Json) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise Refusal(INVALID_REQUEST.saying("an object is expected"))

    wrapped = sent.get("data")
    return _stored(wrapped if isinstance(wrapped, dict) and list(sent) == ["data"] else sent)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        if isinstance(value, dict | list):
            msg = f"{name[:80]}: a text, a number, a boolean or null is expected"
            raise Refusal(INVALID_REQUEST.saying(msg))
    # SQLite has no booleans.
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _assignments(values: Mapping[str, Any], source: Source) -> str:
    return ", ".join(f"{source.names.quoted(name)} = ?" for name in values)


def read(database: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The rows that *statement* answers, as flat objects."""
    cursor = database.execute(statement, values)
    names = [name for name, *_ in cursor.description]
    return [dict(zip(names, map(plain_value, row), strict=True)) for row in cursor.fetchall()]
