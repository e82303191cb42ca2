"""A database as the place of a journal."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiotables.core.classes import field, frozen
from aiotables.provision.commons import Commons
from aiotables.provision.journal import JournalHistory, Record
from aiotables.provision.places import Place
from aiotables.provision.postgres.clock import DatabaseClock
from aiotables.provision.postgres.journal import PostgresJournal
from aiotables.provision.postgres.limits import Limits
from aiotables.provision.postgres.schema import version_of
from aiotables.provision.postgres.session import PATIENCE, Session
from aiotables.provision.postgres.turn import holder


@frozen
class Database(Place):
    """
    The journal that workers share; see `Place` for its methods.

    Args:
        url: `postgresql://…`.
        patience: Seconds for which a lost database is waited for.
    """

    url: str = field(repr=False)
    patience: float = PATIENCE

    def read(self, manifest: str | None) -> AbstractAsyncContextManager[JournalHistory]:
        """See `Place.read`."""
        return PostgresJournal.read(self.url, manifest=manifest, patience=self.patience)

    def write(self, manifest: str | None) -> AbstractAsyncContextManager[Record]:
        """See `Place.write`: not while workers carry a run out."""
        return PostgresJournal.alone(self.url, manifest=manifest, patience=self.patience)

    async def held(self) -> bool:
        """See `Place.held`."""
        async with Session(self.url, patience=self.patience) as session:
            return await holder(session) is not None

    @asynccontextmanager
    async def commons(self) -> AsyncIterator[Commons]:
        """See `Place.commons`: the database's clock, and the limits that workers keep."""
        clock = DatabaseClock()
        async with Session(self.url, patience=self.patience) as session:
            await clock.read(session)
            # Before the first run there is nobody to share a limit with, and no table for it.
            there = await version_of(session) is not None
            yield Commons(clock=clock, limiter_of=Limits(session).of if there else None)
