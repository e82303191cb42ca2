"""A thread of its own for a SQLite connection, so that the event loop never waits for the disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from aiotables.provision.journal.errors import JournalError


P = ParamSpec("P")
T = TypeVar("T")


class OneThread:
    """
    Runs calls one after another in one thread, and closes there, last of all, what was opened there.

    Leaving the block waits for every call that was submitted, also when the waiting is cancelled.

    Args:
        name: Name of the thread.
        where: The journal, for errors.
    """

    def __init__(self, name: str, where: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._opened = ExitStack()
        self._where = where

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closed = self._executor.submit(self._opened.close)
        try:
            await self._finished(asyncio.shield(asyncio.wrap_future(closed)))
        finally:
            self._executor.shutdown()

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """
        Have *function* called in the thread, after all that was submitted before.

        Raises:
            JournalError: The block has been left.
        """
        try:
            return self._executor.submit(function, *args, **kwargs)
        except RuntimeError as error:
            message = "is closed"
            raise JournalError(message, where=self._where) from error

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """
        Call *function* in the thread and wait for its result.

        Raises:
            JournalError: SQLite or the file system refused.
        """
        return await self._finished(asyncio.wrap_future(self.submit(function, *args, **kwargs)))

    async def enter(self, manager: AbstractContextManager[T]) -> T:
        """
        Enter *manager* in the thread, and leave it there at the end, last entered first left.

        Raises:
            JournalError: SQLite or the file system refused.
        """
        return await self.call(self._opened.enter_context, manager)

    async def _finished(self, future: "asyncio.Future[T]") -> T:
        try:
            return await future
        except (sqlite3.Error, OSError) as error:
            torn = isinstance(error, sqlite3.DatabaseError) and not isinstance(
                error, sqlite3.OperationalError
            )
            message = f"cannot be used: {error}" + ("; `aiotables doctor` tells more" if torn else "")
            raise JournalError(message, where=self._where) from error
