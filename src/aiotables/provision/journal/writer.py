"""
Group commit: everything that waits to be written goes into one transaction.

A commit that is durable costs a wait for the disk, the same for one row as for a thousand. While the thread
commits one batch, the next one gathers; so many writers at once share each wait.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence

from attrs import field, frozen

from aiotables.provision.journal.errors import JournalError, JournalFenced
from aiotables.provision.journal.thread import OneThread


Value = str | float | None


@frozen(kw_only=True)
class _Write:
    statement: str
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

    async def write(self, statement: str, values: tuple[Value, ...]) -> int:
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
        results = [self._execute(write) for write in batch]
        self._connection.execute("COMMIT")
        return results

    def _execute(self, write: _Write) -> int | Exception:
        try:
            return self._connection.execute(write.statement, write.values).rowcount
        except sqlite3.IntegrityError as error:
            return error


def _tell(batch: Sequence[_Write], results: Sequence[int | Exception]) -> None:
    for write, result in zip(batch, results, strict=True):
        if not write.done.done():
            write.done.set_result(result)
