"""How fast calls go out: a bound on calls in flight, a token bucket, and a pause that a refusal asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiotables.core.clock import Clock, SystemClock
from aiotables.core.loops import PerLoop


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
        self._resume_at = 0.0
        self._permits: PerLoop[asyncio.Semaphore] = PerLoop()

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[None]:
        """Wait for a place and a slot, and hold the place for one request."""
        async with self._permits.get(lambda: asyncio.Semaphore(self._in_flight)):
            await self._slot()
            yield

    def pause(self, seconds: float) -> None:
        """Let no request out for some seconds, those included that wait for their slot: the service asked for it."""
        self._resume_at = max(self._resume_at, self._clock.monotonic() + seconds)

    async def _slot(self) -> None:
        while True:
            # The slot is reserved before waiting for it, so waiting calls go out in turn and not all at once.
            now = self._clock.monotonic()
            earliest = max(self._next, self._resume_at, now - self._interval * (self._burst - 1))
            self._next = earliest + self._interval
            if earliest > now:
                await self._clock.sleep(earliest - now)
            if self._resume_at <= max(now, earliest):
                return
