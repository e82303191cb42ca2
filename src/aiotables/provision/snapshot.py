"""What exists at one target, read by listing; kept in a temporary SQLite file, so memory does not grow with it."""

import sqlite3
from collections.abc import Iterable

from attrs import frozen


@frozen(kw_only=True)
class Entry:
    """One thing that exists."""

    name: str
    """What it is looked up by."""

    remote_id: str
    parent: str = ""
    """The table of an index."""


class Snapshot:
    """Entries by name; several may have the same."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, gone when the connection is closed.
        # Whichever thread collects the garbage may close it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE entries (name TEXT, remote_id TEXT, parent TEXT)")
        self._database.execute("CREATE INDEX by_name ON entries (name)")
        self._database.execute("CREATE INDEX by_parent ON entries (parent, name)")

    def add(self, entries: Iterable[Entry]) -> None:
        """Take a page of a listing in."""
        self._database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?)",
            ((e.name, e.remote_id, e.parent) for e in entries),
        )

    def find(self, name: str) -> list[Entry]:
        """All entries of a name."""
        found = self._database.execute("SELECT name, remote_id, parent FROM entries WHERE name = ?", (name,))
        return [Entry(name=n, remote_id=i, parent=p) for n, i, p in found]

    def within(self, parent: str) -> set[str]:
        """Names of the entries of a parent."""
        found = self._database.execute("SELECT name FROM entries WHERE parent = ?", (parent,))
        return {name for (name,) in found}

    def close(self) -> None:
        """Drop everything."""
        self._database.close()
