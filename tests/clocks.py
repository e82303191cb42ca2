"""Time that nobody waits for."""

import asyncio
import time


class HastyClock:
    """The machine's time, and what is slept by it is over at once."""

    def __init__(self) -> None:
        self._slept = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time() + self._slept

    def monotonic(self) -> float:
        """Seconds from an arbitrary point."""
        return time.monotonic() + self._slept

    async def sleep(self, seconds: float) -> None:
        """Move on by *seconds*, and let others run."""
        self._slept += max(seconds, 0.0)
        await asyncio.sleep(0)
