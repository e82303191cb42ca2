"""The emulator's time: the machine's, or one that a test moves by hand. They fit the runtime's own clock."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from math import floor
from operator import itemgetter
from typing import Protocol

from attrs import define, field

from aiotables.core.clock import Clock


__all__ = ["Clock", "ManualClock", "MovableClock", "RunningClock", "stamp", "stamp_of", "utc", "utc_of"]

# The moment of the documentation's own examples.
START = datetime(2026, 6, 2, 1, 23, 45, tzinfo=UTC).timestamp()


class MovableClock(Clock, Protocol):
    """A clock that can be put forward."""

    def advance(self, seconds: float) -> None:
        """
        Move the clock forward and wake what was due in between.

        Raises:
            ValueError: *seconds* is negative, or no number.
        """
        ...


def checked_step(seconds: float) -> float:
    """
    *seconds*, when a clock can be put forward by so much.

    Raises:
        ValueError: It is negative, or no number.
    """
    if not 0 <= seconds < float("inf"):
        msg = f"a clock does not go back, or for ever on, asked for {seconds} s"
        raise ValueError(msg)

    return seconds


@define(eq=False)
class RunningClock:
    """The machine's time, which can be put forward."""

    _ahead: float = field(default=0.0, init=False)
    _sleepers: set[asyncio.Event] = field(factory=set, init=False)

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time() + self._ahead

    def monotonic(self) -> float:
        """Seconds from an arbitrary point."""
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait until *seconds* have passed, or the clock was put forward by what was left of them."""
        until, moved = self.monotonic() + seconds, asyncio.Event()
        self._sleepers.add(moved)
        try:
            while (left := until - self.monotonic()) > 0:
                moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), left)
        finally:
            self._sleepers.discard(moved)

    def advance(self, seconds: float) -> None:
        """
        Move the clock forward and wake what was due in between.

        Args:
            seconds: How far; not negative.

        Raises:
            ValueError: *seconds* is negative, or no number.
        """
        self._ahead += checked_step(seconds)
        for moved in self._sleepers:
            moved.set()


@define
class ManualClock:
    """
    A clock that stands still until a test moves it; what sleeps by it wakes when its time has come.

    It fits `aiotables.core.clock.Clock`, so that a client and the emulator can share one.
    """

    _now: float = START
    _elapsed: float = 0.0
    _sleepers: list[tuple[float, asyncio.Future[None]]] = field(factory=list)

    def now(self) -> float:
        """Unix time in seconds."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that this clock was moved by so far."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved by *seconds*."""
        if seconds <= 0:
            return

        wake = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._elapsed + seconds, wake))
        await wake

    def advance(self, seconds: float) -> None:
        """
        Move the clock forward and wake what was due in between.

        Args:
            seconds: How far; not negative.

        Raises:
            ValueError: *seconds* is negative, or no number.
        """
        self._now += checked_step(seconds)
        self._elapsed += seconds
        asleep = [(due, wake) for due, wake in self._sleepers if not wake.done()]
        self._sleepers = [(due, wake) for due, wake in asleep if due > self._elapsed]
        for due, wake in sorted(asleep, key=itemgetter(0)):
            if due <= self._elapsed:
                wake.set_result(None)


def utc(clock: Clock) -> datetime:
    """What *clock* reads, as an aware time."""
    return utc_of(clock.now())


def utc_of(moment: float) -> datetime:
    """A Unix time in seconds, likewise."""
    return datetime.fromtimestamp(moment, UTC)


def stamp(clock: Clock) -> str:
    """What *clock* reads, as both services write times: UTC, whole seconds, `Z`."""
    return stamp_of(clock.now())


def stamp_of(moment: float) -> str:
    """A Unix time in seconds, likewise."""
    return _stamp_of_second(floor(moment))


@lru_cache(maxsize=64)
def _stamp_of_second(second: int) -> str:
    return utc_of(second).strftime("%Y-%m-%dT%H:%M:%SZ")
