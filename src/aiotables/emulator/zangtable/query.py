"""One read-only SQL statement (docs page reference/query/query-records)."""

import base64
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from aiotables.emulator.bodies import Json, given
from aiotables.emulator.choices import (
    INVALID_REQUEST,
    LARGEST_RESULT,
    QUERY_FAILED,
    QUERY_LIMIT,
    QUERY_LIMITS,
    QUERY_NOT_ALLOWED,
    QUERY_TIMEOUT,
)
from aiotables.emulator.clock import Clock
from aiotables.emulator.sqlite import time_limit
from aiotables.emulator.zangtable.functions import REFUSED
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import SqlQuery


_READS = re.compile(r"\s*(?:SELECT|WITH|EXPLAIN\s+QUERY\s+PLAN)\b", re.IGNORECASE)

_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


def run_query(database: sqlite3.Connection, query: SqlQuery, seconds: float, clock: Clock) -> dict[str, Any]:
    """
    What *query* finds.

    Args:
        database: The project's database; the statement sees all of it, and SQLite itself refuses it any change.
        query: The statement, its parameters and limit.
        seconds: How long it may run.
        clock: Time that it is said to have taken.

    Raises:
        Refusal: It is no read-only statement, fails, or takes too long.
    """
    sql, limit = _statement(query), _limit(given(query.limit))
    started = clock.monotonic()
    with time_limit(database, seconds), _read_only(database):
        try:
            cursor = database.execute(sql, _parameters(given(query.params)))
            names = [name for name, *_ in cursor.description]
            rows = [dict(zip(names, map(plain_value, row), strict=True)) for row in _bounded(cursor, limit)]
            cursor.close()
        # DeprecationWarning: named placeholders with a list of values, from Python 3.12 on, where warnings are errors.
        except (sqlite3.Error, OverflowError, ValueError, DeprecationWarning) as error:
            raise _refusal(error) from None

    return {
        "rows": rows,
        "row_count": len(rows),
        "limit": limit,
        "duration_ms": round((clock.monotonic() - started) * 1000),
    }


def _bounded(cursor: sqlite3.Cursor, limit: int) -> Iterator[tuple[Any, ...]]:
    """Rows, until there are enough of them, or too many letters and bytes in them."""
    size = 0
    for row in islice(cursor, limit):
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if size > LARGEST_RESULT:
            raise Refusal(QUERY_FAILED.saying(f"The result is larger than {LARGEST_RESULT} bytes."))

        yield row


def _statement(query: SqlQuery) -> str:
    sql = given(query.query) if given(query.sql) is None else given(query.sql)
    if sql is None:
        raise Refusal(INVALID_REQUEST.saying("sql: Field required"))

    if not _READS.match(sql):
        raise Refusal(QUERY_NOT_ALLOWED)

    return sql


def _limit(limit: int | None) -> int:
    low, high = QUERY_LIMITS
    return QUERY_LIMIT if limit is None else max(low, min(limit, high))


def _parameters(params: Json) -> list[Any] | dict[str, Any]:
    if params is None:
        return []

    if not isinstance(params, list | dict):
        raise Refusal(INVALID_REQUEST.saying("params: an array or an object is expected"))

    return params


@contextmanager
def _read_only(database: sqlite3.Connection) -> Iterator[None]:
    database.set_authorizer(_authorize)
    database.text_factory = _text
    try:
        yield
    finally:
        database.text_factory = str
        database.set_authorizer(None)


def _authorize(action: int, _: str | None, name: str | None, *__: str | None) -> int:
    is_refused = action == sqlite3.SQLITE_FUNCTION and name in REFUSED
    return sqlite3.SQLITE_OK if action in _ALLOWED and not is_refused else sqlite3.SQLITE_DENY


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def plain_value(value: object) -> object:
    """A value of SQLite's as JSON can have it."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, sqlite3.ProgrammingError) and "one statement" in str(error):
        return Refusal(QUERY_NOT_ALLOWED)

    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_AUTH:
        return Refusal(QUERY_NOT_ALLOWED)

    if code == sqlite3.SQLITE_INTERRUPT:
        return Refusal(QUERY_TIMEOUT)

    return Refusal(QUERY_FAILED.saying(f"The statement failed: {error}"))
