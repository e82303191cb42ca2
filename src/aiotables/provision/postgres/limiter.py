"""A rate limit that many processes share: one row in PostgreSQL for each token."""

import asyncio
import hashlib
import time
from collections import deque
from math import inf
from typing import Final, Protocol

from yarl import URL

from aiotables.provision.margin import aimed_at
from aiotables.provision.postgres.session import Session


MOST_SLOTS: Final = 8
"""Slots that are taken at once, at the most: those of a worker that dies are lost."""

_SECONDS_OF_SLOTS: Final = 0.04

TRUSTED: Final = 0.25
"""Seconds for which a process that has no rate relies on nobody having paused."""

# GCRA: `next_at` is when the slot after the last one handed out begins. The database's clock is the only one that counts.
_TAKE: Final = """
    INSERT INTO aiotables.limits (name, next_at)
    VALUES (%(name)s, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        next_at = greatest(limits.next_at, clock_timestamp()) + %(seconds)s * interval '1 second'
    RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(seconds)s
"""

_PAUSE: Final = """
    INSERT INTO aiotables.limits (name, next_at)
    VALUES (%(name)s, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        next_at = greatest(limits.next_at, clock_timestamp() + %(seconds)s * interval '1 second')
"""


class Waited(Protocol):
    """Told how long a request waited for its slot, in seconds."""

    def __call__(self, seconds: float, /) -> None:
        """Take it."""


class PostgresLimiter:
    """
    A `Limiter` for all clients of a token, in whatever process and on whatever machine.

    It counts requests, retries and looks included. Slots are taken in blocks, so that a thousand requests do not ask the
    database a thousand times. It belongs to the event loop that it is first used in.

    Args:
        session: To the database, whose tables `migrate` has made.
        name: The limit: `limit_of` makes one of a base URL and a token.
        rate: Requests per second that the service takes, or `None` when only pauses are shared.
        waited: Told how long each request waited.
    """

    def __init__(
        self, session: Session, name: str, *, rate: float | None, waited: Waited | None = None
    ) -> None:
        self._session = session
        self._name = name
        self._interval = 0.0 if rate is None else 1.0 / aimed_at(rate)
        self._block = slots_at_once(rate)
        self._slots: deque[float] = deque()
        self._free_at = self._good_until = -inf
        self._turn = asyncio.Lock()
        self._waited = waited

    async def acquire(self) -> None:
        """
        Wait until one more request may go out.

        Raises:
            DatabaseError: The database stayed away.
        """
        began = time.monotonic()
        async with self._turn:
            slot = await self._slot()
        if (left := slot - time.monotonic()) > 0:
            await asyncio.sleep(left)
        if self._waited is not None:
            self._waited(time.monotonic() - began)

    async def _slot(self) -> float:
        now = time.monotonic()
        if not self._interval:
            return await self._unless_paused(now)
        # Slots that nobody used in time are gone: used late, they would make a burst.
        while self._slots and self._slots[0] < now - self._interval * self._block:
            self._slots.popleft()
        if not self._slots:
            first = await self._take(self._interval * self._block)
            self._slots.extend(first + number * self._interval for number in range(self._block))
        return self._slots.popleft()

    async def _unless_paused(self, now: float) -> float:
        if now > self._good_until:
            self._free_at = await self._take(0.0)
            self._good_until = max(self._free_at, time.monotonic()) + TRUSTED
        return self._free_at

    async def _take(self, seconds: float) -> float:
        """Reserve so many seconds, and say when they begin, by the monotonic clock of this process."""
        ((wait,),) = await self._session.fetch(_TAKE, {"name": self._name, "seconds": seconds})
        return float(wait) + time.monotonic()

    async def pause(self, seconds: float) -> None:
        """
        Let no request out for some seconds, of whatever process.

        Raises:
            DatabaseError: The database stayed away.
        """
        self._slots.clear()
        self._good_until = -inf
        await self._session.execute(_PAUSE, {"name": self._name, "seconds": seconds})


def slots_at_once(rate: float | None) -> int:
    """How many slots to take from the database at once: a few hundredths of a second of them."""
    return 1 if rate is None else max(1, min(MOST_SLOTS, int(rate * _SECONDS_OF_SLOTS)))


def limit_of(base_url: str, token: str) -> str:
    """
    The name of a token's limit at a service, the same for all processes. The token cannot be told from it.

    Args:
        base_url: Where the service is.
        token: The API token.
    """
    return hashlib.sha256(f"{URL(base_url).origin()}\n{token}".encode()).hexdigest()[:32]
