"""What exists at one target, read by listing; kept in a temporary SQLite file, so memory does not grow with it."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import astuple

from aiotables.core.classes import frozen
from aiotables.provision.scratch import Scratch


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


MARKS: Final = 1 << 20
"""Bytes that tell of most names which nothing has that those are not there, without a look into the database."""

COLUMNS = "name, remote_id, parent, title, definition"


class Snapshot(Scratch):
    """Entries by name; several may have the same."""

    def __init__(self) -> None:
        super().__init__(
            f"""
            CREATE TABLE entries ({COLUMNS});
            CREATE INDEX by_name ON entries (name);
            CREATE INDEX by_parent ON entries (parent, name);
            CREATE TABLE wanted (name PRIMARY KEY) WITHOUT ROWID
            """,
            cache=2,  # there is one of each target
        )
        self._marks = bytearray(MARKS)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take a page of a listing in."""
        self._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?)", map(astuple, self._marked(entries))
        )

    def find(self, name: str) -> list[Entry]:
        """All entries of a name."""
        if not self._marks[hash(name) % MARKS]:
            return []
        return [*self._entries("name = ?", name)]

    def within(self, parent: str) -> set[str]:
        """Names of the entries of a parent."""
        return {entry.name for entry in self._entries("parent = ?", parent)}

    def want(self, name: str) -> None:
        """Note that the entries of a name are wanted."""
        self._db.execute("INSERT OR IGNORE INTO wanted VALUES (?)", [name])

    def unwanted(self) -> Iterator[Entry]:
        """The entries without a parent that were not noted, as a stream."""
        return self._entries("parent = '' AND name NOT IN (SELECT name FROM wanted)")

    def _marked(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self._marks[hash(entry.name) % MARKS] = 1
            yield entry

    def _entries(self, condition: str, *values: str) -> Iterator[Entry]:
        query = f"SELECT {COLUMNS} FROM entries WHERE {condition}"  # noqa: S608 -- of constants alone
        for name, remote_id, parent, title, definition in self._db.execute(query, values):
            yield Entry(name=name, remote_id=remote_id, parent=parent, title=title, definition=definition)
