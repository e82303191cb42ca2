"""A set of tables by target and key, in a temporary SQLite file, so memory does not grow with it."""

from collections.abc import Iterable

from aiotables.provision.scratch import Scratch


class Keys(Scratch):
    """A set of tables. A context manager; leaving it deletes the file."""

    def __init__(self, tables: Iterable[tuple[str, str]] = ()) -> None:
        schema = "CREATE TABLE keys (target TEXT, key TEXT, PRIMARY KEY (target, key)) WITHOUT ROWID"
        super().__init__(schema, cache=2)
        self._db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", tables)

    def add(self, target: str, key: str) -> None:
        """Take a table in."""
        self._db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (target, key))

    def has(self, target: str, key: str) -> bool:
        """Whether a table is in it."""
        query = "SELECT 1 FROM keys WHERE target = ? AND key = ?"
        return self._db.execute(query, (target, key)).fetchone() is not None
