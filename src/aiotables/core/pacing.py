"""How fast calls go out: a bound on calls in flight, a token bucket, and a pause that a refusal asks for."""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiotables.core.clock import Clock, SystemClock


class Pacer:
    """
    Holds calls back.

    Neither service documents a limit, so the rate is unlimited by default and 16 calls may be in flight; a 429 with
    Retry-After pauses every call of the pacer.

    Args:
        in_flight: Calls under way at once, per event loop.
        rate: Requests per second, or `None` for no limit.
        burst: Requests that may go out at once after a quiet time.
        clock: Time.
    """

    def __init__(
        self, *, in_flight: int = 16, rate: float | None = None, burst: int = 1, clock: Clock | None = None
    ) -> None:
        if in_flight < 1 or burst < 1 or (rate is not None and rate <= 0):
            msg = "in_flight, rate and burst must be positive"
            raise ValueError(msg)
        self._in_flight = in_flight
        self._interval = 1.0 / rate if rate is not None else 0.0
        self._burst = burst
        self._clock = clock or SystemClock()
        self._next = 0.0
        # asyncio primitives belong to one event loop, and one client works in several.
        self._permits: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary()
        )

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[None]:
        """Wait for a place and a slot, and hold the place for one request."""
        async with self._semaphore():
            await self._slot()
            yield

    def pause(self, seconds: float) -> None:
        """Let no request out for some seconds: the service asked for it."""
        self._next = max(self._next, self._clock.monotonic() + seconds)

    def _semaphore(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        return self._permits.setdefault(loop, asyncio.Semaphore(self._in_flight))

    async def _slot(self) -> None:
        # The slot is reserved before waiting for it, so waiting calls go out in turn and not all at once.
        now = self._clock.monotonic()
        earliest = max(self._next, now - self._interval * (self._burst - 1))
        self._next = earliest + self._interval
        if earliest > now:
            await self._clock.sleep(earliest - now)
