"""Finds what is there twice among millions of things, in a temporary SQLite database instead of memory."""

import sqlite3
from contextlib import closing
from hashlib import blake2b
from types import TracebackType
from typing import Self


class Seen:
    """
    What was seen, and where first. A context manager; leaving it deletes the database.

    Memory stays at SQLite's page cache of 16 MiB, since only hashes are kept and beyond that they go to disk.
    """

    def __init__(self) -> None:
        # An empty name is a private database in a temporary file.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -16384;
            CREATE TABLE seen (hash BLOB PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
            BEGIN;
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def first(self, scope: str, name: str, at: str) -> str | None:
        """
        Where *name* was seen first, or `None` if this is the first time.

        Args:
            scope: Names of different scopes are different.
            name: The name.
            at: Where it is now.
        """
        key = blake2b(f"{scope}\0{name}".encode(), digest_size=16).digest()
        with closing(self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, at))) as cursor:
            if cursor.rowcount:
                return None
        ((found,),) = self._db.execute("SELECT at FROM seen WHERE hash = ?", (key,))
        return str(found)
