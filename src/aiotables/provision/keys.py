"""A set of tables by target and key, in a temporary SQLite file, so memory does not grow with it."""

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Keys:
    """A set of tables. A context manager; leaving it deletes the file."""

    def __init__(self, tables: Iterable[tuple[str, str]] = ()) -> None:
        # An empty name is a temporary file of SQLite's own, gone when the connection is closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE keys (target TEXT, key TEXT, PRIMARY KEY (target, key)) WITHOUT ROWID"
        )
        self._database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", tables)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, target: str, key: str) -> None:
        """Take a table in."""
        self._database.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (target, key))

    def has(self, target: str, key: str) -> bool:
        """Whether a table is in it."""
        query = "SELECT 1 FROM keys WHERE target = ? AND key = ?"
        return self._database.execute(query, (target, key)).fetchone() is not None
