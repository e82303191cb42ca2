"""
Nothing is sent for a shard that may be another worker's by now.

A worker that froze, or whose database was away, wakes up with calls whose intents it wrote long ago. By then another
worker may have taken the shard, found nothing made, and sent them again. So the last thing before each request is to see
that the lease has not passed, and where it has, to ask.
"""

import asyncio
import time
from contextvars import ContextVar

from aiotables.core.pacing import Limiter
from aiotables.provision.postgres.shards import Shard, Shards
from aiotables.provision.postgres.writer import HoldLost


class Lease:
    """
    How long a worker may take a shard for its own without asking.

    Args:
        shards: Where the shard was taken from.
        shard: The shard.
    """

    def __init__(self, shards: Shards, shard: Shard) -> None:
        self._shards = shards
        self._hold = shard.hold
        # From before the question: the database counts from some moment after it.
        self._until = shard.asked_at + shards.lease
        self._turn = asyncio.Lock()

    async def renew(self) -> bool:
        """
        Keep the shard, and say whether its run is to be cancelled.

        Raises:
            HoldLost: It is another worker's.
        """
        asked_at = time.monotonic()
        cancelling = await self._shards.renew(self._hold)
        if cancelling is None:
            raise HoldLost(self._hold, where=self._shards.where)
        self._until = asked_at + self._shards.lease
        return cancelling

    async def sure(self) -> None:
        """
        Go on while the shard is surely this worker's, after asking if need be.

        Raises:
            HoldLost: It is another worker's.
        """
        async with self._turn:
            if time.monotonic() >= self._until:
                await self.renew()


lease: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""Of the shard that the current task works on."""


class Leased:
    """
    A `Limiter` that lets no request out for a shard that may be another worker's.

    Args:
        limiter: Asked before.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    async def acquire(self) -> None:
        """
        Wait until one more request may go out.

        Raises:
            HoldLost: The shard is another worker's.
        """
        await self._limiter.acquire()
        current = lease.get()
        if current is not None:
            await current.sure()

    async def pause(self, seconds: float) -> None:
        """Let no request out for some seconds."""
        await self._limiter.pause(seconds)
