"""Private databases on disk, for what may be too much for memory."""

import sqlite3
from types import TracebackType
from typing import Final, Self


_SETUP: Final = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{kib};"


class Scratch:
    """
    A database of its own, in a temporary file. A context manager; leaving it deletes the file.

    Memory stays at SQLite's page cache. All is one transaction, which never ends.

    Args:
        schema: Statements that make its tables.
        cache: MiB of the page cache.
    """

    def __init__(self, schema: str, *, cache: int = 16) -> None:
        # An empty name is a temporary file of SQLite's own, gone when the connection is closed. Whichever thread collects
        # the garbage may close it.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(f"{_SETUP.format(kib=cache * 1024)} {schema}; BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop everything."""
        self._db.close()
