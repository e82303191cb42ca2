"""
One run at a time in a folder.

The lock is an exclusive transaction on a SQLite file of its own: it works the same on every system, and the
operating system drops it with the process, so none is ever left behind. A note beside it says who holds it,
for people only.
"""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
from attrs import asdict

from aiotables.core.classes import frozen
from aiotables.provision.journal.errors import JournalError, JournalLocked


FILE = "lock.sqlite"
NOTE = "lock.json"

PATIENCE_S = 0.25
"""How long to wait for the lock, in seconds: a look by `holder` takes it for a moment."""


@frozen(kw_only=True)
class Holder:
    """Who holds a folder; nothing is known where the note is missing."""

    pid: int | None = None
    host: str | None = None

    since: float | None = None
    """Unix seconds."""


@contextmanager
def held(folder: Path, *, now: float) -> Iterator[None]:
    """
    Hold the folder, which is made if needed, until the end of the block or of the process.

    Args:
        folder: The folder of the journal.
        now: Unix seconds, for the note.

    Raises:
        JournalLocked: Another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / FILE, timeout=PATIENCE_S, isolation_level=None)) as connection:
        _lock(connection, folder)
        _write_note(folder, Holder(pid=os.getpid(), host=socket.gethostname(), since=now))
        try:
            yield
        finally:
            (folder / NOTE).unlink(missing_ok=True)


def holder(folder: Path) -> Holder | None:
    """
    Who holds the folder at this moment; `None` when no run is going on there.

    Raises:
        JournalError: The lock cannot be looked at.
    """
    path = folder / FILE
    if not path.is_file():
        return None

    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
        try:
            connection.execute("SELECT name FROM sqlite_master").fetchall()
        except sqlite3.Error as error:
            _raise_unless_busy(error, folder)
            return _read_note(folder)
    return None


def _lock(connection: sqlite3.Connection, folder: Path) -> None:
    try:
        # Nothing is ever written, so there is nothing that a journal file would help to undo.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        _raise_unless_busy(error, folder)
        raise JournalLocked(where=str(folder), **asdict(_read_note(folder))) from error


def _raise_unless_busy(error: sqlite3.Error, folder: Path) -> None:
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
        message = f"has an unusable lock, {FILE}: {error}"
        raise JournalError(message, where=str(folder)) from error


def _write_note(folder: Path, note: Holder) -> None:
    new = folder / f"{NOTE}.new"
    new.write_bytes(orjson.dumps(asdict(note)))
    new.replace(folder / NOTE)


def _read_note(folder: Path) -> Holder:
    try:
        return Holder(**orjson.loads((folder / NOTE).read_bytes()))
    except (OSError, ValueError, TypeError):
        # The lock counts, not the note: its holder may be about to write it.
        return Holder()
