"""Ending what takes too long, by one timer."""

import asyncio
import contextlib

from aiotables.core.clock import SYSTEM_CLOCK
from aiotables.core.deadlines import Deadlines


NEVER = 3600.0
SOON = 0.02


async def work(deadlines: Deadlines, *, lasts: float = NEVER) -> bool:
    """Whether the deadline ended it; raises what else did."""
    number = deadlines.set(SYSTEM_CLOCK.monotonic())
    ended = False
    try:
        await asyncio.sleep(lasts)
    except asyncio.CancelledError:
        ended = deadlines.ended(number)
        if not ended:
            raise
    finally:
        deadlines.meet(number)
    return ended


async def started(deadlines: Deadlines) -> "asyncio.Task[bool]":
    """Work that has begun."""
    task = asyncio.create_task(work(deadlines))
    await asyncio.sleep(0)
    return task


def left(deadlines: Deadlines) -> int:
    """Deadlines that are kept."""
    return len(deadlines._open) + len(deadlines._passed)


async def test_met() -> None:
    """What ends in time goes on as it would, and only one timer is set for all."""
    deadlines = Deadlines(NEVER)

    assert not await work(deadlines, lasts=0)
    timer = deadlines._timer
    assert not await work(deadlines, lasts=0)

    assert timer is deadlines._timer
    assert 0 == left(deadlines)
    deadlines.close()


async def test_each_has_as_long() -> None:
    """Each work is ended, in turn, and its task can be used as if nothing had been cancelled; no timer is left."""
    deadlines = Deadlines(SOON)
    first = await started(deadlines)
    await asyncio.sleep(SOON / 2)
    second = await started(deadlines)

    ended = [await task for task in (first, second)]

    assert [True, True] == ended
    assert [0, 0] == [task.cancelling() for task in (first, second)]
    assert (0, None) == (left(deadlines), deadlines._timer)


async def test_a_timer_that_rings_early_is_set_again() -> None:
    """When the first work was met, the timer goes on for those that were set later."""
    deadlines = Deadlines(NEVER)
    first = await started(deadlines)
    deadlines.close()
    deadlines._ring()

    timer = deadlines._timer
    assert timer is not None
    assert timer.when() > asyncio.get_running_loop().time() + NEVER / 2
    assert not first.done()
    first.cancel()
    await asyncio.wait([first])
    deadlines.close()


async def test_cancelled_by_others() -> None:
    """A task that is cancelled by another, before or at its deadline, ends cancelled."""
    deadlines = Deadlines(0.0)
    before = await started(deadlines)
    before.cancel()
    await asyncio.wait([before])
    at = await started(deadlines)
    at.cancel()
    deadlines._ring()
    await asyncio.wait([at])

    assert (True, True) == (before.cancelled(), at.cancelled())
    assert (1, 0) == (at.cancelling(), left(deadlines))


async def test_a_deadline_that_was_swallowed() -> None:
    """Work that ends well in spite of it leaves the task as if it had not been cancelled."""
    deadlines = Deadlines(0.0)

    async def stubborn() -> int:
        number = deadlines.set(SYSTEM_CLOCK.monotonic())
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(NEVER)
        deadlines.meet(number)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert 0 == await asyncio.create_task(stubborn())


async def test_closing_leaves_no_timer() -> None:
    """After closing no timer waits; closing twice, or unused, does no harm."""
    Deadlines(1.0).close()
    deadlines = Deadlines(NEVER)
    await work(deadlines, lasts=0)
    deadlines.close()
    deadlines.close()

    assert deadlines._timer is not None
    assert deadlines._timer.cancelled()


async def test_one_within_another() -> None:
    """A task may have several, as when a middleware of its session makes a call of its own: each is met by itself."""
    deadlines = Deadlines(NEVER)
    outer = deadlines.set(SYSTEM_CLOCK.monotonic())

    assert not await work(deadlines, lasts=0)

    assert 1 == left(deadlines)
    deadlines.meet(outer)
    assert 0 == left(deadlines)
    deadlines.close()
