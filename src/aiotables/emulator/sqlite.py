"""SQLite as both services use it here: how a database is opened, changed, and how text becomes part of a statement."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


# A statement is short and nobody else writes, so waiting longer would only hold up the event loop.
BUSY_SECONDS = 0.1


def connect(path: Path | None) -> sqlite3.Connection:
    """
    Open the database in *path*, or one in memory.

    A commit is safe from the end of this process, not from that of the machine: nothing is flushed to the disk.

    Args:
        path: File of the database, made if it is not there; None for one in memory.
    """
    connection = sqlite3.connect(
        ":memory:" if path is None else path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=64
    )
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has ended the transaction itself after some errors.
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")
        raise


def empty(connection: sqlite3.Connection) -> None:
    """Delete all rows of all tables, at once; automatic keys begin again."""
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    ]
    # Without them SQLite need not look at each row.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with transaction(connection):
            for table in tables:
                connection.execute(f"DELETE FROM {quoted(table)}")  # noqa: S608 - quoted
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


# Steps of SQLite's machine between two looks at the time; some milliseconds.
_STEPS = 10_000


@contextmanager
def time_limit(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupt what the block's statements do after *seconds*: `sqlite3.OperationalError`, code `SQLITE_INTERRUPT`."""
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)


def is_trouble(error: sqlite3.Error) -> bool:
    """Whether *error* is about the storage itself, and not about what was asked of it."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _TROUBLE


def quoted(name: str) -> str:
    """*name* as an identifier in a statement."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | float | None) -> str:
    """
    *value* as a constant in a statement, for the places where SQLite takes no parameter.

    Raises:
        ValueError: SQLite cannot hold the value.
    """
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return _integer(int(value))
        case float():
            return repr(value)
        case _:
            return _text(value)


def _integer(value: int) -> str:
    if not -(2**63) <= value < 2**63:
        msg = "the number does not fit 64 bits"
        raise ValueError(msg)

    return str(value)


def _text(value: str) -> str:
    if "\0" in value:
        msg = "the text holds a NUL character"
        raise ValueError(msg)

    return "'" + value.replace("'", "''") + "'"
