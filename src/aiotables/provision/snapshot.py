"""What exists at one target, read by listing; kept in a temporary SQLite file, so memory does not grow with it."""

import sqlite3
from collections.abc import Iterable, Iterator

from attrs import frozen


@frozen(kw_only=True)
class Entry:
    """One thing that exists."""

    name: str
    """What it is looked up by."""

    remote_id: str
    parent: str = ""
    """The table of an index."""

    rows: int = 0
    """Rows of a table, where the listing tells."""


class Snapshot:
    """Entries by name; several may have the same."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, gone when the connection is closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE entries (name TEXT, remote_id TEXT, parent TEXT, rows INTEGER)")
        self._database.execute("CREATE INDEX by_name ON entries (name)")

    def add(self, entries: Iterable[Entry]) -> None:
        """Take a page of a listing in."""
        self._database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?)",
            ((e.name, e.remote_id, e.parent, e.rows) for e in entries),
        )

    def find(self, name: str) -> list[Entry]:
        """All entries of a name."""
        return list(self._select("WHERE name = ?", name))

    def within(self, parent: str) -> set[str]:
        """Names of the entries of a parent."""
        found = self._database.execute("SELECT name FROM entries WHERE parent = ?", (parent,))
        return {name for (name,) in found}

    def close(self) -> None:
        """Drop everything."""
        self._database.close()

    def _select(self, where: str, *values: str) -> Iterator[Entry]:
        found = self._database.execute(f"SELECT name, remote_id, parent, rows FROM entries {where}", values)  # noqa: S608 -- `where` is ours
        return (Entry(name=n, remote_id=i, parent=p, rows=r) for n, i, p, r in found)
