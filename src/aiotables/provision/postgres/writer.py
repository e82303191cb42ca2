"""
Group commit into PostgreSQL: facts that wait to be written share a transaction.

With each fact goes the hold under which it is written. A worker whose shard was given to another one in the meantime has
lost its hold, and what it writes is refused: it may not send what it meant to.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiotables.core.classes import field, frozen
from aiotables.provision.journal import JournalError
from aiotables.provision.postgres.session import Connection, Refused, Session


MOST: Final = 500
"""Facts in one transaction, at the most."""

_FACT: Final = """
    INSERT INTO aiotables.facts (run_id, target, key, step, kind, at, outcome, remote_id, detail)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

# The lock keeps the shard from being given away between this look and the commit.
# Longer than a slow machine takes between two statements.
_LET_GO: Final = "SET idle_in_transaction_session_timeout = '20s'"

_HELD: Final = """
    SELECT run_id, number, epoch FROM aiotables.shards
    WHERE (run_id, number, epoch) IN (SELECT * FROM unnest(%s::text[], %s::int[], %s::int[]))
    FOR SHARE
"""

Fact = tuple[Any, ...]


@frozen
class Hold:
    """That a worker has a shard: until somebody else takes it, which raises the epoch."""

    run_id: str
    number: int
    epoch: int


class HoldLost(JournalError):
    """The shard was given to another worker, since this one said nothing for too long. It has to stop."""

    def __init__(self, hold: Hold, *, where: str) -> None:
        super().__init__(f"has given shard {hold.number} of {hold.run_id} to another worker", where=where)
        self.hold = hold


@frozen
class _Write:
    fact: Fact
    hold: Hold | None
    done: "asyncio.Future[None]" = field(repr=False)


class FactWriter:
    """
    Writes facts, many in one transaction, in the order in which they came. A context manager.

    Args:
        session: To the database; it is this writer's alone.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queued: list[_Write] = []
        self._flushing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def write(self, fact: Fact, hold: Hold | None) -> None:
        """
        Write a fact, and return when it is durable. Once called it is written even if the caller is cancelled.

        Raises:
            HoldLost: The shard is another worker's now. Nothing was written.
            JournalError: It could not be written.
        """
        done = asyncio.get_running_loop().create_future()
        self._queued.append(_Write(fact, hold, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._queued:
            batch, self._queued = self._queued[:MOST], self._queued[MOST:]
            await self._commit(batch)
        self._flushing = None

    async def _commit(self, batch: Sequence[_Write]) -> None:
        try:
            held = await self._session.run(lambda connection: _insert(connection, batch))
        except Refused as error:
            if len(batch) == 1:
                _tell(batch[0], error)
                return
            # One of them breaks a rule of the schema; the others have nothing to do with it.
            for write in batch:
                await self._commit([write])
        except JournalError as error:
            for write in batch:
                _tell(write, error)
        else:
            for write in batch:
                if write.hold is None or write.hold in held:
                    _tell(write, None)
                else:
                    _tell(write, HoldLost(write.hold, where=self._session.where))


async def let_go(connection: Connection) -> None:
    """
    Prepare a connection of a worker's writer: a transaction that stands still is ended by the database.

    It holds the shards that it writes for. Nobody could take them from a worker that froze there.
    """
    await connection.execute(_LET_GO)


async def _insert(connection: Connection, batch: Sequence[_Write]) -> set[Hold]:
    held = await _held(connection, {write.hold for write in batch if write.hold is not None})
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _FACT, [write.fact for write in batch if write.hold is None or write.hold in held]
        )
    return held


async def _held(connection: Connection, holds: set[Hold]) -> set[Hold]:
    if not holds:
        return set()
    columns = zip(*((hold.run_id, hold.number, hold.epoch) for hold in holds), strict=True)
    rows = await (await connection.execute(_HELD, [[*column] for column in columns])).fetchall()
    return {Hold(*row) for row in rows}


def _tell(write: _Write, error: Exception | None) -> None:
    # One that was cancelled meanwhile hears nothing.
    if write.done.done():
        return
    if error is None:
        write.done.set_result(None)
    else:
        write.done.set_exception(error)
