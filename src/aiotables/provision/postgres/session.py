"""One connection to PostgreSQL that is made again when it is lost."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, LiteralString, Self, TypeAlias, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg.rows import dict_row

from aiotables.core.errors import AiotablesError
from aiotables.provision.journal import JournalError


_log = logging.getLogger("aiotables.database")

T = TypeVar("T")

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]
Connection: TypeAlias = psycopg.AsyncConnection[Row]
Prepare: TypeAlias = Callable[[Connection], Awaitable[None]]

PATIENCE: Final = 90.0
"""Seconds for which a lost database is waited for: longer than a restart or a cut of half a minute takes."""

LONGEST_PAUSE: Final = 2.0
"""Seconds between two tries to connect, at the most."""

# A cut link says nothing: without these a connection would wait for its answer for a quarter of an hour.
_KEPT_ALIVE: Final = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

# The same for the other end: it would hold the locks of a transaction whose client is gone for two hours.
_KEPT_ALIVE_THERE: Final = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


# What will be no other when it is asked again. libpq gives no code for a connection that failed.
_HOPELESS: Final = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
)


class DatabaseError(JournalError):
    """
    The database of a journal could not be reached, or refused what was asked.

    Attributes:
        where: Host and name of the database.
    """

    def __init__(self, message: str, *, where: str) -> None:
        AiotablesError.__init__(self, f"The database {where} {message}")
        self.where = where


class Refused(DatabaseError):
    """The database is there, and will not do what was asked: asking again would not help."""


class Session:
    """
    Work in one database, one thing at a time.

    A connection that is lost is made again, and the statement or transaction is begun anew; it may then have been carried
    out twice, when only the answer was lost. So work has to bear that. A transaction that stood still until the database
    ended it is begun anew, too.

    Args:
        url: `postgresql://…`, as libpq takes it. Its password is never shown.
        patience: Seconds for which a lost database is waited for.
        prepare: Called with each new connection; what it raises leaves the session without one.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE, prepare: Prepare | None = None) -> None:
        self._url = with_keepalives(url)
        self._patience = patience
        self._prepare = prepare
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self.where = place(url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """
        Do *work* in a transaction of its own, after what was asked for before.

        Raises:
            DatabaseError: The database stayed away, or refused.
        """

        async def in_transaction(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self._patiently(in_transaction)

    async def fetch(self, query: LiteralString, values: Values = ()) -> list[Row]:
        """
        The rows of one statement.

        Raises:
            DatabaseError: The database stayed away, or refused.
        """

        async def fetch(connection: Connection) -> list[Row]:
            return await (await connection.execute(query, values)).fetchall()

        return await self._patiently(fetch)

    async def fetch_named(self, query: LiteralString, values: Values = ()) -> list[dict[str, Any]]:
        """
        The rows of one statement, by the names of their columns.

        Raises:
            DatabaseError: The database stayed away, or refused.
        """

        async def fetch(connection: Connection) -> list[dict[str, Any]]:
            async with connection.cursor(row_factory=dict_row) as cursor:
                return await (await cursor.execute(query, values)).fetchall()

        return await self._patiently(fetch)

    async def execute(self, query: LiteralString, values: Values = ()) -> int:
        """
        How many rows one statement changed.

        Raises:
            DatabaseError: The database stayed away, or refused.
        """

        async def execute(connection: Connection) -> int:
            return (await connection.execute(query, values)).rowcount

        return await self._patiently(execute)

    async def _patiently(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._turn:
            until = time.monotonic() + self._patience
            pause = 0.05
            while True:
                try:
                    return await self._once(work)
                except (psycopg.OperationalError, IdleInTransactionSessionTimeout) as error:
                    # Whatever state the old connection is in, a new one has none.
                    await self._drop()
                    if any(text in str(error) for text in _HOPELESS):
                        message = f"refused: {_first_line(error)}"
                        raise Refused(message, where=self.where) from error
                    if time.monotonic() + pause > until:
                        message = f"is not there: {_first_line(error)}"
                        raise DatabaseError(message, where=self.where) from error
                    if pause < LONGEST_PAUSE <= pause * 2:
                        self._tell_waiting(until - time.monotonic(), error)
                except psycopg.Error as error:
                    message = f"refused: {_first_line(error)}"
                    raise Refused(message, where=self.where) from error
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    def _tell_waiting(self, seconds: float, error: Exception) -> None:
        # A program that waits and says nothing looks as if it hung. Once, and not of what lasts but a moment.
        _log.warning(
            "the database %s is not there: %s; trying for another %.0f s",
            self.where,
            _first_line(error),
            seconds,
        )

    async def _once(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            return await work(self._connection or await self._connect())
        except asyncio.CancelledError:
            # The answer may still be under way, and the next transaction would take it for its own.
            await self._drop()
            raise

    async def _connect(self) -> Connection:
        connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        try:
            if self._prepare is not None:
                await self._prepare(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def with_keepalives(url: str) -> str:
    """The URL with settings by which both ends notice a dead link within half a minute; those that it has itself stay."""
    given = conninfo_to_dict(url)
    there = " ".join(f"-c {name}={value}" for name, value in _KEPT_ALIVE_THERE.items())
    # Of a setting that is named twice, the last one counts.
    options = f"{there} {given.get('options') or ''}".strip()
    return make_conninfo("", **{**_KEPT_ALIVE, **given, "options": options})


def place(url: str) -> str:
    """Where a database is, without user and password."""
    found = conninfo_to_dict(url)
    host, port = found.get("host", "localhost"), found.get("port")
    return f"{host}{f':{port}' if port else ''}/{found.get('dbname', '')}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
