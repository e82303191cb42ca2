"""
Group commit: everything that waits to be written goes into one transaction.

A commit that is durable costs a wait for the disk, the same for one row as for a thousand. While the thread
commits one batch, the next one gathers; so many writers at once share each wait.
"""

import asyncio
import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from aiotables.core.classes import field, frozen
from aiotables.provision.journal.errors import JournalError, JournalFenced
from aiotables.provision.journal.thread import OneThread


Value = str | float | None

GATHER_S: Final = 0.001
"""
Seconds for which the first of a batch waits for others. On a fast disk a commit takes less than the way into the thread and
back, and a batch would hold next to nothing.
"""

MOST_ROWS: Final = 64
"""Rows in one statement, at the most: SQLite allows 999 values where it is old."""


@frozen
class Insert:
    """A statement that adds a row, and may add many at once."""

    head: str
    """Such as `INSERT INTO notes (number, text)`."""

    row: str
    """Such as `(?, ?)`."""

    def of(self, rows: int) -> str:
        """The statement for so many rows."""
        return f"{self.head} VALUES {', '.join([self.row] * rows)}"


@frozen(kw_only=True)
class _Write:
    statement: str | Insert
    values: tuple[Value, ...]
    done: "asyncio.Future[int | Exception]" = field(repr=False)


class GroupCommitWriter:
    """
    Writes rows durably, many at a time.

    After a failure nothing is written any more, since what a broken disk has kept is not known until the file
    is opened anew; only a row that breaks a rule of the schema is refused alone.

    Args:
        thread: The thread that owns the connection.
        connection: In autocommit mode, `isolation_level=None`.
        where: The journal, for errors.
        check: Called in each transaction; what it raises keeps the transaction, and all later ones, from being written.
    """

    def __init__(
        self,
        thread: OneThread,
        connection: sqlite3.Connection,
        where: str,
        *,
        check: Callable[[sqlite3.Connection], None] = lambda _: None,
    ) -> None:
        self._thread = thread
        self._connection = connection
        self._where = where
        self._check = check
        self._loop = asyncio.get_running_loop()
        self._mutex = threading.Lock()
        self._queued: list[_Write] = []
        self._failure: Exception | None = None

    async def write(self, statement: str | Insert, values: tuple[Value, ...]) -> int:
        """
        Execute *statement* and return, once that is durable, how many rows it changed.

        Once called, it is executed even if the caller is cancelled.

        Raises:
            JournalFenced: Another run took over.
            JournalError: It was not written.
        """
        write = _Write(statement=statement, values=values, done=self._loop.create_future())
        self._queue(write)
        done = await write.done
        if isinstance(done, JournalFenced):
            raise JournalFenced(where=self._where) from done
        if isinstance(done, Exception):
            message = f"was not written: {done}"
            raise JournalError(message, where=self._where) from done
        return done

    def _queue(self, write: _Write) -> None:
        with self._mutex:
            # The first of a batch has it committed; those that come until the thread gets there join it.
            if not self._queued:
                self._thread.submit(self._flush)
            self._queued.append(write)

    def _flush(self) -> None:
        time.sleep(GATHER_S)
        with self._mutex:
            batch, self._queued = self._queued, []
        self._loop.call_soon_threadsafe(_tell, batch, self._commit(batch))

    def _commit(self, batch: Sequence[_Write]) -> Sequence[int | Exception]:
        if self._failure is not None:
            return [self._failure] * len(batch)

        try:
            return self._transaction(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            # The transaction stays open, never to be committed: closing the connection rolls it back.
            self._failure = error
            return [error] * len(batch)

    def _transaction(self, batch: Sequence[_Write]) -> Sequence[int | Exception]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._check(self._connection)
        except JournalFenced:
            # Left open it would lock out whoever took over.
            self._connection.execute("ROLLBACK")
            raise
        results = [result for piece in _pieces(batch) for result in self._execute(piece)]
        self._connection.execute("COMMIT")
        return results

    def _execute(self, piece: Sequence[_Write]) -> Sequence[int | Exception]:
        """Execute statements that are all the same."""
        insert = piece[0].statement
        if isinstance(insert, str) or len(piece) == 1:
            return [self._execute_one(write) for write in piece]
        values = tuple(itertools.chain.from_iterable(write.values for write in piece))
        try:
            # Not by `executemany`: for each row that would hand the interpreter over to another thread, and wait for it.
            self._connection.execute(insert.of(len(piece)), values)
        except sqlite3.IntegrityError:
            # One of them is wrong; which, shows when each comes alone.
            return [self._execute_one(write) for write in piece]
        return [1] * len(piece)

    def _execute_one(self, write: _Write) -> int | Exception:
        statement = write.statement if isinstance(write.statement, str) else write.statement.of(1)
        try:
            return self._connection.execute(statement, write.values).rowcount
        except sqlite3.IntegrityError as error:
            return error


def _pieces(batch: Sequence[_Write]) -> Iterator[Sequence[_Write]]:
    """The batch in its order, where the same statements follow each other taken together."""
    for _, same in itertools.groupby(batch, key=attrgetter("statement")):
        while piece := list(itertools.islice(same, MOST_ROWS)):
            yield piece


def _tell(batch: Sequence[_Write], results: Sequence[int | Exception]) -> None:
    for write, result in zip(batch, results, strict=True):
        if not write.done.done():
            write.done.set_result(result)
