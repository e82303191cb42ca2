"""Finds what is there twice among millions of things, in a temporary SQLite database instead of memory."""

from contextlib import closing
from hashlib import blake2b

from aiotables.provision.scratch import Scratch


class Seen(Scratch):
    """
    What was seen, and where first. A context manager; leaving it deletes the database.

    Only hashes are kept, on disk.
    """

    def __init__(self) -> None:
        super().__init__("CREATE TABLE seen (hash BLOB PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID")

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
