"""Asking the SQLite file of a journal."""

import re
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from aiotables.provision.journal.history import History
from aiotables.provision.journal.reader import Row
from aiotables.provision.journal.thread import OneThread


_PLACE: Final = re.compile(r"%\((\w+)\)s")


class SqliteHistory(History):
    """
    The reading half of the SQLite journal.

    Args:
        thread: The thread that owns the connection.
        connection: With `sqlite3.Row` as its row factory.
    """

    runs_query = """
        SELECT run_id, manifest, digest, started_at, ended_at, ending, command FROM aiotables.runs
        WHERE %(run_id)s IS NULL OR run_id = %(run_id)s ORDER BY rowid DESC LIMIT %(limit)s
    """
    keys_query = "SELECT value FROM json_each(%(keys)s)"

    def __init__(self, thread: OneThread, connection: sqlite3.Connection) -> None:
        self._reading = thread
        self._source = connection

    async def rows(self, query: str, **values: object) -> Sequence[Row]:
        """See `Reader.rows`."""
        return await self._reading.call(_fetch, self._source, in_sqlite(query), values)


@cache
def in_sqlite(query: str) -> str:
    """A query as SQLite takes it: it has no schemas, and writes values as `:name`."""
    return _PLACE.sub(r":\1", query).replace("aiotables.", "")


def _fetch(connection: sqlite3.Connection, query: str, values: dict[str, object]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query, values)]
