"""The database's clock: the one time on which all workers agree."""

import asyncio
import time
from typing import Final

from aiotables.provision.lapse import steady
from aiotables.provision.postgres.session import Connection, Session


_NOW: Final = "SELECT extract(epoch FROM clock_timestamp())::float8"


async def now(connection: Connection) -> float:
    """The database's time, in unix seconds."""
    ((seconds,),) = await (await connection.execute(_NOW)).fetchall()
    return float(seconds)


class DatabaseClock:
    """
    A `Clock` whose time is the database's, as it was told when `read` was called, carried on by this machine.

    So a worker whose own clock is wrong does not think that a lost call is older, or younger, than it is.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    async def read(self, session: Session) -> None:
        """
        Ask the database for its time.

        Raises:
            DatabaseError: The database is not there.
        """
        before = steady()
        ((told,),) = await session.fetch(_NOW)
        # It was that time somewhere between the question and the answer.
        self._ahead = float(told) - (before + steady()) / 2

    def now(self) -> float:
        """Unix time in seconds."""
        return self._ahead + steady()

    def monotonic(self) -> float:
        """Seconds from an arbitrary point, never going back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
