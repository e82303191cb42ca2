"""Carries the journal of a run on one machine over into a database, where workers go on with it."""

import sqlite3
from pathlib import Path
from typing import Any, Final, LiteralString

from aiotables.core.classes import frozen
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.journal.database import open_to_read
from aiotables.provision.journal.moved import mark_moved
from aiotables.provision.journal.thread import OneThread
from aiotables.provision.postgres.journal import PostgresJournal
from aiotables.provision.postgres.session import PATIENCE, Connection, DatabaseError, Session, place


CHUNK: Final = 2000
"""Facts in memory at a time."""

_NAME: Final = "SELECT manifest FROM about"

_RUNS: Final = """
    SELECT run_id, manifest, digest, command, started_at, ended_at, ending FROM runs ORDER BY rowid
"""

# In their order, so that the trigger moves `steps` as it did when they were written.
_FACTS: Final = """
    SELECT run_id, target, key, step, kind, at, outcome, remote_id, detail, seq FROM facts
    WHERE seq > ? ORDER BY seq LIMIT ?
"""
_FIRST_RUN: Final = "SELECT run_id FROM aiotables.runs ORDER BY number LIMIT 1"

_RUN: Final = """
    INSERT INTO aiotables.runs (run_id, manifest, digest, command, started_at, ended_at, ending)
    VALUES (%s, %s, %s, %s, to_timestamp(%s), to_timestamp(%s), %s)
"""

_COPY: Final[LiteralString] = """
    COPY aiotables.facts (run_id, target, key, step, kind, at, outcome, remote_id, detail) FROM STDIN
"""

_Row = tuple[Any, ...]


@frozen(kw_only=True)
class Moved:
    """A journal that is in a database now."""

    manifest: str | None
    """Whose it is; `None` when it never had a name."""

    runs: int
    facts: int
    """Facts that were copied: none when they were there already."""


async def move(folder: Path, url: str, *, patience: float = PATIENCE) -> Moved:
    """
    Copy a journal into a database without one, and refuse what would go on writing here from then on.

    Nobody else can hold the folder meanwhile. Begun again after it was cut off, it does what is left.

    Args:
        folder: The folder of the journal.
        url: `postgresql://…`.
        patience: Seconds for which a lost database is waited for.

    Raises:
        JournalLocked: A run holds the folder.
        JournalForeign: The database is that of another manifest.
        DatabaseError: The database is not there, or has runs of its own.
        JournalError: The folder holds no journal, or it went elsewhere.
    """
    where = place(url)
    async with SqliteJournal.read(folder):
        pass  # without a journal there is nothing to move, and none is made for it
    async with (
        SqliteJournal.open(folder, moving_to=where),
        OneThread("journal-mover", str(folder)) as thread,
    ):
        source = await thread.enter(open_to_read(folder))
        ((name,),) = await thread.call(_rows, source, _NAME)
        runs = await thread.call(_rows, source, _RUNS)
        async with (
            PostgresJournal.open(url, manifest=name, patience=patience),
            Session(url, patience=patience) as session,
        ):

            async def copy(connection: Connection) -> int:
                if await _is_there(connection, runs, where):
                    return 0
                await thread.call(mark_moved, folder, where)
                return await _copy(connection, thread, source, runs)

            return Moved(manifest=name, runs=len(runs), facts=await session.run(copy))


async def _is_there(connection: Connection, runs: list[_Row], where: str) -> bool:
    """Whether it was copied before: when only the answer was lost, say."""
    row = await (await connection.execute(_FIRST_RUN)).fetchone()
    if row is None:
        return False
    if not runs or row[0] != runs[0][0]:
        message = "has runs of its own: name one without"
        raise DatabaseError(message, where=where)
    return True


async def _copy(
    connection: Connection, thread: OneThread, source: sqlite3.Connection, runs: list[_Row]
) -> int:
    total = after = 0
    async with connection.cursor() as cursor:
        await cursor.executemany(_RUN, runs)
        async with cursor.copy(_COPY) as copy:
            while rows := await thread.call(_rows, source, _FACTS, after, CHUNK):
                for row in rows:
                    await copy.write_row(row[:-1])
                after = rows[-1][-1]
                total += len(rows)
    return total


def _rows(source: sqlite3.Connection, query: str, *values: int) -> list[_Row]:
    return [tuple(row) for row in source.execute(query, values)]
