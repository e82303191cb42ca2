"""The emulator's time."""

import asyncio
import math
import time
from datetime import UTC, datetime

import pytest

from aiotables.core.clock import Clock, SystemClock
from aiotables.emulator import VirtualClock
from aiotables.emulator.clock import ManualClock, RunningClock, stamp, utc


def test_a_manual_clock_stands_still() -> None:
    """Nothing but advance moves a manual clock."""
    clock = ManualClock()

    assert datetime(2026, 6, 2, 1, 23, 45, tzinfo=UTC) == utc(clock) == utc(clock)
    assert clock.monotonic() == 0


def test_advance_moves_both_readings() -> None:
    """Both readings go on by what the clock was moved."""
    clock = ManualClock()

    clock.advance(1.5)

    assert "2026-06-02T01:23:46Z" == stamp(clock)
    assert 1.5 == clock.monotonic()


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_a_clock_does_not_go_back(seconds: float) -> None:
    """A negative step is refused, and so is one that is no number, or has no end."""
    for clock in (ManualClock(), RunningClock(), VirtualClock()):
        with pytest.raises(ValueError, match="does not go back"):
            clock.advance(seconds)


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    """A step wakes what was due in it, earliest first, and leaves the rest asleep."""
    clock, woken = ManualClock(), list[str]()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 9.0), ("second", 2.0), ("first", 1.0), ("now", 0.0)):
            group.create_task(sleeper(name, seconds))
        await asyncio.sleep(0)
        assert ["now"] == woken

        clock.advance(2)
        await asyncio.sleep(0)
        assert ["now", "first", "second"] == woken

        clock.advance(7)
    assert ["now", "first", "second", "late"] == woken


async def test_a_sleeper_that_was_cancelled_is_passed_over() -> None:
    """Moving the clock past a sleeper that is gone is no error."""
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)

    clock.advance(2)

    assert sleeper.cancelled()


def test_all_clocks_fit_the_runtime() -> None:
    """A client and the emulator can share a clock."""
    clocks: list[Clock] = [ManualClock(), VirtualClock(), RunningClock(), SystemClock()]

    assert utc(clocks[0]) == utc(clocks[1]) < utc(clocks[2]) <= utc(clocks[3])


async def test_a_running_clock_runs() -> None:
    """It tells the machine's time, and who sleeps by it sleeps for so long."""
    clock = RunningClock()
    before, began = time.time(), time.monotonic()

    await clock.sleep(0.01)

    assert before + 0.01 <= clock.now() <= time.time()
    assert began + 0.01 <= clock.monotonic() <= time.monotonic()


async def test_a_running_clock_can_be_put_forward() -> None:
    """Sleepers wake when their time has come, and the others sleep on."""
    clock = RunningClock()
    began = clock.now()
    short, long = asyncio.create_task(clock.sleep(600)), asyncio.create_task(clock.sleep(7200))
    await asyncio.sleep(0)

    clock.advance(599)
    await asyncio.sleep(0.01)
    early = short.done()
    clock.advance(1)
    await short

    assert not early
    assert not long.done()
    assert began + 600 <= clock.now() < began + 7200
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)
