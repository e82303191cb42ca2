"""Connections to the SQLite file of a journal, in the modes that make it durable and readable meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aiotables.provision.journal import schema
from aiotables.provision.journal.errors import JournalError, JournalMissing
from aiotables.provision.journal.migrations import migrate


FILE = "journal.sqlite"

BUSY_S = 10.0
"""How long to wait for another process that is recovering the file, in seconds."""


@contextmanager
def open_to_write(folder: Path) -> Iterator[sqlite3.Connection]:
    """
    The connection that writes, its tables made where the file is new, and brought up where it is older.

    Raises:
        JournalError: The file is no journal, is one of a later version, or cannot be one there.
    """
    connection = sqlite3.connect(folder / FILE, timeout=BUSY_S, isolation_level=None)
    with closing(connection):
        blank = schema.is_blank(connection)
        # Before the modes are set, since that writes to the file, and it may be another program's.
        version = schema.VERSION if blank else schema.version_of(connection, str(folder))
        set_modes(connection, str(folder))
        if blank:
            schema.create(connection)
        if version < schema.VERSION:
            migrate(connection, version)
        yield connection


@contextmanager
def open_to_read(folder: Path) -> Iterator[sqlite3.Connection]:
    """
    A connection that changes nothing, for use beside the one that writes.

    Raises:
        JournalMissing: The folder holds no journal.
        JournalError: It holds one of another version.
    """
    path = folder / FILE
    if not path.is_file():
        raise JournalMissing(where=str(folder))

    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)) as connection:
        if schema.is_blank(connection):
            raise JournalMissing(where=str(folder))
        schema.version_of(connection, str(folder))
        connection.row_factory = sqlite3.Row
        yield connection


def has_older(folder: Path) -> bool:
    """Whether a folder holds a journal that has to be brought up before it can be read."""
    path = folder / FILE
    if not path.is_file():
        return False
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
        blank = schema.is_blank(connection)
        return not blank and schema.version_of(connection, str(folder)) < schema.VERSION


def set_modes(connection: sqlite3.Connection, where: str) -> None:
    """
    Make commits durable, and let others read meanwhile.

    Raises:
        JournalError: The file system lacks what the write-ahead log needs.
    """
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        message = "cannot be kept there: the file system lacks shared memory. Name a folder on a local disk"
        raise JournalError(message, where=where)

    connection.execute("PRAGMA synchronous = FULL")
    # On macOS a plain fsync leaves the data in the drive's cache; elsewhere this says nothing.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
