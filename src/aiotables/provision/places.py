"""Where the journal of a manifest is."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from aiotables.core.classes import frozen
from aiotables.provision.commons import ALONE, Commons
from aiotables.provision.journal import JournalHistory, Record, SqliteJournal, holder


class Place(ABC):
    """A journal that can be opened, each time until the end of a block."""

    @abstractmethod
    def read(self, manifest: str | None) -> AbstractAsyncContextManager[JournalHistory]:
        """
        Look into it, also while a run writes it.

        Args:
            manifest: The name of the manifest whose journal it is to be; `None` takes any.

        Raises:
            JournalMissing: There is none.
            JournalForeign: It is the journal of another manifest.
            JournalError: It cannot be read.
        """

    @abstractmethod
    def write(self, manifest: str | None) -> AbstractAsyncContextManager[Record]:
        """
        Have it alone, made if needed.

        Args:
            manifest: The name of the manifest whose journal it is to be; `None` takes any.

        Raises:
            JournalLocked: Somebody else has it.
            JournalForeign: It is the journal of another manifest.
            JournalError: It cannot be opened.
        """

    @abstractmethod
    async def held(self) -> bool:
        """
        Whether somebody has it alone at this moment.

        Raises:
            JournalError: It cannot be looked at.
        """

    @asynccontextmanager
    async def commons(self) -> AsyncIterator[Commons]:
        """
        What the clients of those have in common who work with this journal.

        Raises:
            JournalError: It cannot be told.
        """
        yield ALONE


@frozen
class Folder(Place):
    """A journal of one machine."""

    path: Path

    def read(self, manifest: str | None) -> AbstractAsyncContextManager[JournalHistory]:
        """See `Place.read`."""
        return SqliteJournal.read(self.path, manifest=manifest)

    def write(self, manifest: str | None) -> AbstractAsyncContextManager[Record]:
        """See `Place.write`."""
        return SqliteJournal.open(self.path, manifest=manifest)

    async def held(self) -> bool:
        """See `Place.held`."""
        return await asyncio.to_thread(holder, self.path) is not None


@frozen
class Opened(Place):
    """A journal that somebody else opened, and closes."""

    journal: Record

    def read(self, manifest: str | None) -> AbstractAsyncContextManager[JournalHistory]:  # noqa: ARG002 -- it is open
        """See `Place.read`."""
        return nullcontext(self.journal)

    def write(self, manifest: str | None) -> AbstractAsyncContextManager[Record]:  # noqa: ARG002 -- the same
        """See `Place.write`."""
        return nullcontext(self.journal)

    async def held(self) -> bool:
        """See `Place.held`."""
        return True


def place_of(state: Path | Record | Place) -> Place:
    """
    The place of a journal, by what may be given for it.

    Args:
        state: A folder, a journal that is open, or a place.
    """
    if isinstance(state, Path):
        return Folder(state)
    return state if isinstance(state, Place) else Opened(state)
