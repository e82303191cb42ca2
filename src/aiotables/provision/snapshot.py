"""What exists at one target, read by listing; kept in a temporary SQLite file, so memory does not grow with it."""

import sqlite3
from collections.abc import Iterable, Iterator

from attrs import astuple, frozen


@frozen(kw_only=True)
class Entry:
    """One thing that exists."""

    name: str
    """What it is looked up by; empty when nobody looks for it."""

    remote_id: str
    parent: str = ""
    """The table of an index."""

    title: str = ""
    """What it is called."""

    definition: str = ""
    """How it was made, as the service tells it."""


COLUMNS = "name, remote_id, parent, title, definition"


class Snapshot:
    """Entries by name; several may have the same."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, gone when the connection is closed. Whichever thread collects
        # the garbage may close it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(f"CREATE TABLE entries ({COLUMNS})")
        self._database.execute("CREATE INDEX by_name ON entries (name)")
        self._database.execute("CREATE INDEX by_parent ON entries (parent, name)")
        self._database.execute("CREATE TABLE wanted (name PRIMARY KEY) WITHOUT ROWID")

    def add(self, entries: Iterable[Entry]) -> None:
        """Take a page of a listing in."""
        self._database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", map(astuple, entries))

    def find(self, name: str) -> list[Entry]:
        """All entries of a name."""
        return [*self._entries("name = ?", name)]

    def within(self, parent: str) -> set[str]:
        """Names of the entries of a parent."""
        return {entry.name for entry in self._entries("parent = ?", parent)}

    def want(self, name: str) -> None:
        """Note that the entries of a name are wanted."""
        self._database.execute("INSERT OR IGNORE INTO wanted VALUES (?)", [name])

    def unwanted(self) -> Iterator[Entry]:
        """The entries without a parent that were not noted, as a stream."""
        return self._entries("parent = '' AND name NOT IN (SELECT name FROM wanted)")

    def _entries(self, condition: str, *values: str) -> Iterator[Entry]:
        query = f"SELECT {COLUMNS} FROM entries WHERE {condition}"  # noqa: S608 -- of constants alone
        for name, remote_id, parent, title, definition in self._database.execute(query, values):
            yield Entry(name=name, remote_id=remote_id, parent=parent, title=title, definition=definition)

    def close(self) -> None:
        """Drop everything."""
        self._database.close()
